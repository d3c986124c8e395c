/** Decrypts with the private key of a version. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { encodeBase64 } from "../../encoding/base64.ts"
import { asymmetricContent, encryptionParameters, takesEncryption, useVersion } from "./asymmetric.ts"
import { keyOperation } from "../operation.ts"

export const AsymmetricDecrypt = keyOperation({
  about: "Decrypts with the private key of a version of an asymmetric CMK.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.AsymmetricDecrypt, "Forbidden.KeyVersionNotFound"],
  uses: true,
  Request: { ...encryptionParameters, CiphertextBlob: asymmetricContent("The data to decrypt.") },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (request, { services }, key) {
    yield* key.gate("AsymmetricDecrypt")
    yield* takesEncryption(key, request.Algorithm)
    const plaintext = yield* useVersion(services, key, {
      operation: "AsymmetricDecrypt",
      keyVersionId: request.KeyVersionId,
      parameter: "CiphertextBlob",
      work: ({ handle, provider }) =>
        provider.decrypt({ handle, algorithm: request.Algorithm, ciphertext: request.CiphertextBlob })
    })
    const Plaintext = encodeBase64(plaintext)
    plaintext.fill(0)
    return { Plaintext, KeyId: key.keyId, KeyVersionId: request.KeyVersionId }
  })
})
