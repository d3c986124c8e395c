/** Cancels the scheduled deletion of a CMK. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"

export const CancelKeyDeletion = keyOperation({
  about: "Cancels the scheduled deletion of a CMK.",
  errors: ["Unsupported.Alias", ...refusalCodes.CancelKeyDeletion],
  changes: true,
  Request: { KeyId: keyId },
  permission: { on: "key", alias: false },
  handle: (_request, call, key) => change(call, key, (at) => ({ type: "CancelKeyDeletion", at }))
})
