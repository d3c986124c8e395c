/** Enables a CMK that was disabled. */
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"

export const EnableKey = keyOperation({
  about: "Enables a CMK that was disabled.",
  changes: true,
  Request: { KeyId: keyId },
  permission: { on: "key", alias: false },
  handle: (_request, call, key) => change(call, key, (at) => ({ type: "EnableKey", at }))
})
