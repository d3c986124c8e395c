/** Verifies a signature over a digest with the public key of a version. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { asymmetricContent, signatureParameters, takesSignature, useVersion } from "./asymmetric.ts"
import { keyOperation } from "../operation.ts"

export const AsymmetricVerify = keyOperation({
  about: "Verifies a signature over a digest with the public key of a version of an asymmetric CMK.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.AsymmetricVerify, "Forbidden.KeyVersionNotFound"],
  uses: true,
  Request: { ...signatureParameters, Value: asymmetricContent("The signature.") },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (request, { services }, key) {
    yield* key.gate("AsymmetricVerify")
    yield* takesSignature(key, request)
    const Value = yield* useVersion(services, key, {
      operation: "AsymmetricVerify",
      keyVersionId: request.KeyVersionId,
      parameter: "Value",
      work: ({ handle, provider }) =>
        provider.verify({ handle, algorithm: request.Algorithm, digest: request.Digest, signature: request.Value })
    })
    // API, 8: a wrong signature is not an error. The answer is a JSON boolean.
    return { Value, KeyId: key.keyId, KeyVersionId: request.KeyVersionId }
  })
})
