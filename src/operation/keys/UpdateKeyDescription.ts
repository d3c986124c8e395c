/** Replaces the description of a CMK. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { descriptionCharsMax } from "../../domain/limits.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { requiredMaybeEmpty, text } from "../parameters.ts"

export const UpdateKeyDescription = keyOperation({
  about: "Replaces the description of a CMK.",
  errors: ["Unsupported.Alias", ...refusalCodes.UpdateKeyDescription],
  changes: true,
  Request: {
    KeyId: keyId,
    // API, UpdateKeyDescription: Description is required in every published version.
    Description: requiredMaybeEmpty(
      text({ charsMax: descriptionCharsMax }),
      "The new description; an empty text removes it."
    )
  },
  permission: { on: "key", alias: false },
  handle: (request, call, key) =>
    change(call, key, (at) => ({ type: "UpdateKeyDescription", at }), {
      edit: { type: "SetDescription", description: request.Description }
    })
})
