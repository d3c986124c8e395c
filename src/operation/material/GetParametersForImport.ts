/** Issues a public key for wrapping key material, and an import token. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { WrappingAlgorithm, WrappingKeySpec } from "../../domain/algorithms.ts"
import { encodeBase64 } from "../../encoding/base64.ts"
import { regionOf } from "../../domain/regions.ts"
import { formatInstant } from "../../domain/time.ts"
import { wrappingConflict } from "../cryptography/dataKeyExport.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { defaulted, invalid, oneOf, required } from "../parameters.ts"

export const GetParametersForImport = keyOperation({
  about: "Issues a public key for wrapping key material, and an import token that is valid for 24 hours.",
  errors: ["Unsupported.Alias", ...refusalCodes.GetParametersForImport],
  Request: {
    KeyId: keyId,
    // The guide names a default (4.3), the API page requires the parameter. A request without it gets the guide's
    // default.
    WrappingAlgorithm: defaulted(
      oneOf(WrappingAlgorithm.literals),
      "RSAES_PKCS1_V1_5",
      "The algorithm with which the material will be wrapped."
    ),
    WrappingKeySpec: required(oneOf(WrappingKeySpec.literals), "The spec of the wrapping key.")
  },
  conflict: wrappingConflict,
  permission: { on: "key", alias: false },
  handle: Effect.fnUntraced(function* (request, { realm, services }, key) {
    yield* key.gate("GetParametersForImport")
    const spec = request.WrappingKeySpec
    const { protection } = key.snapshot().context
    // API, import: SM2 wraps only material of HSM keys, in regions whose HSM has SM algorithms.
    if (spec === "EC_SM2" && (protection !== "HSM" || regionOf(realm.region)?.sm !== true)) {
      return yield* Effect.fail(invalid("WrappingKeySpec", "RSA_2048 for this key in this region"))
    }
    const issued = yield* services.importDesk.issue(key, { spec, algorithm: request.WrappingAlgorithm })
    return {
      KeyId: key.keyId,
      PublicKey: encodeBase64(issued.publicKey),
      ImportToken: encodeBase64(issued.token),
      TokenExpireTime: formatInstant(issued.expiresAt)
    }
  })
})
