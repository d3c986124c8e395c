/** Signs a digest with the private key of a version. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { encodeBase64 } from "../../encoding/base64.ts"
import { signatureParameters, takesSignature, useVersion } from "./asymmetric.ts"
import { keyOperation } from "../operation.ts"

export const AsymmetricSign = keyOperation({
  about: "Signs a digest with the private key of a version of an asymmetric CMK.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.AsymmetricSign, "Forbidden.KeyVersionNotFound"],
  uses: true,
  Request: signatureParameters,
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (request, { services }, key) {
    yield* key.gate("AsymmetricSign")
    yield* takesSignature(key, request)
    const signature = yield* useVersion(services, key, {
      operation: "AsymmetricSign",
      keyVersionId: request.KeyVersionId,
      parameter: "Digest",
      work: ({ handle, provider }) => provider.sign({ handle, algorithm: request.Algorithm, digest: request.Digest })
    })
    return { Value: encodeBase64(signature), KeyId: key.keyId, KeyVersionId: request.KeyVersionId }
  })
})
