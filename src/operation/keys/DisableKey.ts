/** Disables a CMK: every use is refused until it is enabled again. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"

export const DisableKey = keyOperation({
  about: "Disables a CMK: every use is refused until it is enabled again.",
  errors: ["Unsupported.Alias", ...refusalCodes.DisableKey],
  changes: true,
  Request: { KeyId: keyId },
  permission: { on: "key", alias: false },
  handle: (_request, call, key) => change(call, key, (at) => ({ type: "DisableKey", at }))
})
