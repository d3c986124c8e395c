/** Deletes the imported material of a CMK. The same material may be imported again. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"

export const DeleteKeyMaterial = keyOperation({
  about: "Deletes the imported material of a CMK. The same material may be imported again.",
  errors: ["Unsupported.Alias", ...refusalCodes.DeleteKeyMaterial],
  changes: true,
  Request: { KeyId: keyId },
  permission: { on: "key", alias: false },
  handle: (_request, call, key) => change(call, key, (at) => ({ type: "DeleteKeyMaterial", at }))
})
