/** Encrypts under the public key of a version. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { specOf } from "../../actor/handles.ts"
import { plaintextBytesMaxOf } from "../../domain/algorithms.ts"
import { encodeBase64 } from "../../encoding/base64.ts"
import { asymmetricContent, encryptionParameters, takesEncryption, useVersion } from "./asymmetric.ts"
import { keyOperation } from "../operation.ts"
import { invalid } from "../parameters.ts"

export const AsymmetricEncrypt = keyOperation({
  about: "Encrypts under the public key of a version of an asymmetric CMK.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.AsymmetricEncrypt, "Forbidden.KeyVersionNotFound"],
  uses: true,
  Request: { ...encryptionParameters, Plaintext: asymmetricContent("The data to encrypt.") },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (request, { services }, key) {
    yield* key.gate("AsymmetricEncrypt")
    yield* takesEncryption(key, request.Algorithm)
    const bytesMax = plaintextBytesMaxOf(specOf(key.snapshot().context), request.Algorithm) ?? 0
    if (request.Plaintext.length > bytesMax) {
      return yield* Effect.fail(invalid("Plaintext", `Base64 of at most ${bytesMax} bytes for this key and algorithm`))
    }
    const ciphertext = yield* useVersion(services, key, {
      operation: "AsymmetricEncrypt",
      keyVersionId: request.KeyVersionId,
      parameter: "Plaintext",
      work: ({ handle, provider }) =>
        provider.encrypt({ handle, algorithm: request.Algorithm, plaintext: request.Plaintext })
    })
    return { CiphertextBlob: encodeBase64(ciphertext), KeyId: key.keyId, KeyVersionId: request.KeyVersionId }
  })
})
