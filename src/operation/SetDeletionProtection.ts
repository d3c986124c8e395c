/** Protects a CMK from deletion, or lifts the protection. */
import { Effect } from "effect"
import { descriptionCharsMax } from "../domain/limits.ts"
import type { KeyMetadata } from "../store/store.ts"
import { change } from "./changes.ts"
import { reference } from "./keyReference.ts"
import { operation } from "./operation.ts"
import { boolean, optional, required, text } from "./parameters.ts"

export const SetDeletionProtection = operation({
  about: "Protects a CMK from deletion, or lifts the protection.",
  changes: true,
  Request: {
    ProtectedResourceArn: required({ ...reference, form: "key ARN or key id" }, "The CMK."),
    EnableDeletionProtection: required(boolean, "Whether the key is protected from now on."),
    DeletionProtectionDescription: optional(
      text({ charsMax: descriptionCharsMax }),
      "Why; taken only when the protection is switched on."
    )
  },
  permission: {
    on: "found",
    says: "`kms:SetDeletionProtection` on the key",
    checks: [{ of: "key", gate: "SetDeletionProtection" }]
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const key = yield* call.key(request.ProtectedResourceArn, "kms:SetDeletionProtection", { alias: false })
    yield* key.gate("SetDeletionProtection")
    const enabled = request.EnableDeletionProtection
    return yield* change(call, key, (at) => ({ type: "SetDeletionProtection", at, enabled }), {
      metadata: (metadata) => withReason(metadata, enabled ? request.DeletionProtectionDescription : undefined)
    })
  })
})

const withReason = (
  { deletionProtectionDescription: _before, ...metadata }: KeyMetadata,
  reason: string | undefined
): KeyMetadata => (reason === undefined ? metadata : { ...metadata, deletionProtectionDescription: reason })
