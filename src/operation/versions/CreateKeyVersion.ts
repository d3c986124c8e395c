/** Adds a version, with a new pair of keys, to an asymmetric CMK. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { formatInstant } from "../../domain/time.ts"
import { causeOf } from "../changes.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { roomForVersion } from "../quota.ts"

export const CreateKeyVersion = keyOperation({
  about: "Adds a version with a new key pair to an asymmetric CMK, at most one in 7 days.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.CreateKeyVersion],
  changes: true,
  Request: { KeyId: keyIdOrAlias },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (_request, call, key) {
    yield* key.gate("CreateKeyVersion")
    yield* roomForVersion(call, key.snapshot().context.versionCount)
    const at = call.services.clock.now()
    const versionId = call.services.randomness.uuid()
    yield* key.tell({ type: "CreateKeyVersion", at, versionId }, causeOf(call))
    return { KeyVersion: { KeyId: key.keyId, KeyVersionId: versionId, CreationDate: formatInstant(at) } }
  })
})
