/** Decrypts a blob; key and version are found in it. */
import { Effect } from "effect"
import { operation } from "./operation.ts"
import { ciphertextBlob, encryptionContext, targetOf, toText, unsealWith } from "./symmetric.ts"

export const Decrypt = operation({
  about: "Decrypts a ciphertext blob; key and version are found in it.",
  Request: { CiphertextBlob: ciphertextBlob, EncryptionContext: encryptionContext },
  uses: true,
  permission: {
    on: "found",
    says: "`kms:Decrypt` on the key found in the ciphertext",
    // A request names no key; whoever asks for an explanation does, by any name it has.
    checks: [{ of: "key", alias: true, gate: "Decrypt" }]
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const { keyId, keyVersionId } = yield* targetOf(request.CiphertextBlob)
    const key = yield* call.key(keyId, "kms:Decrypt", { alias: false })
    const bytes = yield* unsealWith(key, "Decrypt", request.CiphertextBlob, request.EncryptionContext)
    const Plaintext = toText(bytes)
    bytes.fill(0)
    return { Plaintext, KeyId: key.keyId, KeyVersionId: keyVersionId }
  })
})
