/** Enables a CMK that was disabled. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"

export const EnableKey = keyOperation({
  about: "Enables a CMK that was disabled.",
  errors: ["Unsupported.Alias", ...refusalCodes.EnableKey],
  changes: true,
  Request: { KeyId: keyId },
  permission: { on: "key", alias: false },
  handle: (_request, call, key) => change(call, key, (at) => ({ type: "EnableKey", at }))
})
