/** Protects a CMK from deletion, or removes the protection. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { descriptionCharsMax } from "../../domain/limits.ts"
import { change } from "../changes.ts"
import { reference } from "../keyReference.ts"
import { operation } from "../operation.ts"
import type { Call } from "../operation.ts"
import {
  boolean,
  invalidBecause,
  noInstance,
  optional,
  requiredWithout,
  required,
  text,
  unsupported
} from "../parameters.ts"

export const SetDeletionProtection = operation({
  about: "Protects a CMK from deletion, or removes the protection.",
  errors: ["Unsupported.Alias", ...refusalCodes.SetDeletionProtection],
  changes: true,
  Request: {
    KmsInstanceId: unsupported("An instance to protect. This server has none.", noInstance),
    ProtectedResourceArn: requiredWithout(
      "KeyId",
      { ...reference, form: "key ARN or key id" },
      "The CMK; required without KeyId."
    ),
    KeyId: optional(
      { ...reference, form: "key id or ARN" },
      "The CMK; required without ProtectedResourceArn. If both are given, they must name the same key."
    ),
    EnableDeletionProtection: required(boolean, "Whether to protect the key."),
    DeletionProtectionDescription: optional(
      text({ charsMax: descriptionCharsMax }),
      "The reason; used only when the protection is switched on."
    )
  },
  permission: {
    on: "found",
    says: "`kms:SetDeletionProtection` on the key",
    checks: [{ of: "key", gate: "SetDeletionProtection" }]
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const key = yield* keyNamed(call, request)
    yield* key.gate("SetDeletionProtection")
    const enabled = request.EnableDeletionProtection
    return yield* change(call, key, (at) => ({ type: "SetDeletionProtection", at, enabled }), {
      edit: { type: "SetProtectionReason", reason: (enabled ? request.DeletionProtectionDescription : null) ?? null }
    })
  })
})

/** The one key that both parameters name. */
const keyNamed = Effect.fnUntraced(function* (
  call: Call,
  {
    KeyId,
    ProtectedResourceArn
  }: { readonly KeyId: string | undefined; readonly ProtectedResourceArn: string | undefined }
) {
  const find = (reference: string) => call.key(reference, "kms:SetDeletionProtection", { alias: false })
  const key = yield* find(ProtectedResourceArn ?? KeyId ?? "")
  if (KeyId === undefined || ProtectedResourceArn === undefined) return key
  const other = yield* find(KeyId)
  if (other.keyId === key.keyId) return key
  return yield* Effect.fail(invalidBecause("KeyId", "names a different key from ProtectedResourceArn"))
})
