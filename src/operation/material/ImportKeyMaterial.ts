/** Imports wrapped key material into an external CMK. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { importTokenCharsMax, instantSecondsMax, wrappedMaterialCharsMax } from "../../domain/limits.ts"
import { causeOf } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { foldedBase64, integer, invalid, optional, required } from "../parameters.ts"

export const ImportKeyMaterial = keyOperation({
  about:
    "Imports wrapped key material into an external CMK. The key accepts only the material that was imported first.",
  errors: ["Unsupported.Alias", ...refusalCodes.ImportKeyMaterial, "ExpiredImportToken", "InvalidImportToken"],
  changes: true,
  Request: {
    KeyId: keyId,
    EncryptedKeyMaterial: required(foldedBase64({ charsMax: wrappedMaterialCharsMax }), "The wrapped material."),
    ImportToken: required(
      foldedBase64({ charsMax: importTokenCharsMax }),
      "The token that GetParametersForImport returned with the public key."
    ),
    KeyMaterialExpireUnix: optional(
      integer({ minimum: 0, maximum: instantSecondsMax }),
      "When the material expires, in seconds since 1970; 0 or absent: never."
    )
  },
  permission: { on: "key", alias: false },
  handle: Effect.fnUntraced(function* (request, call, key) {
    yield* key.gate("ImportKeyMaterial")
    const { clock } = call.services
    const expiresAt = expiryOf(request.KeyMaterialExpireUnix)
    if (expiresAt !== null && expiresAt <= clock.now()) {
      return yield* Effect.fail(invalid("KeyMaterialExpireUnix", "a time in the future, or 0 for never"))
    }
    yield* call.services.importDesk.redeem({
      key,
      token: request.ImportToken,
      wrapped: request.EncryptedKeyMaterial,
      materialExpiresAt: expiresAt,
      cause: causeOf(call)
    })
    return {}
  })
})

const expiryOf = (seconds: number | undefined): number | null =>
  seconds === undefined || seconds === 0 ? null : seconds * 1000
