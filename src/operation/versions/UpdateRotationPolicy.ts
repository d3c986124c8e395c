/** Switches automatic rotation of a symmetric CMK on or off. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { boolean, required } from "../parameters.ts"
import { rotationConflict, rotationInterval, rotationMillis } from "./rotationInterval.ts"

export const UpdateRotationPolicy = keyOperation({
  about: "Switches automatic rotation of a symmetric CMK on or off. An overdue rotation is performed at once.",
  errors: ["Unsupported.Alias", ...refusalCodes.UpdateRotationPolicy],
  changes: true,
  Request: {
    KeyId: keyId,
    EnableAutomaticRotation: required(boolean, "Whether new primary versions are made at intervals."),
    RotationInterval: rotationInterval
  },
  conflict: rotationConflict,
  permission: { on: "key", alias: false },
  handle: (request, call, key) =>
    change(call, key, (at) => ({ type: "UpdateRotationPolicy", at, intervalMillis: rotationMillis(request) }))
})
