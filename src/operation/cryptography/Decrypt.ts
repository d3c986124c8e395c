/** Decrypts a blob, which names its key and version. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { operation } from "../operation.ts"
import { dryRun, recipient } from "../parameters.ts"
import { ciphertextBlob, encryptionContext, targetOf, toText, unsealWith } from "./symmetric.ts"

export const Decrypt = operation({
  about: "Decrypts a ciphertext blob, which names its key and version.",
  errors: [...refusalCodes.Decrypt],
  Request: {
    Recipient: recipient,
    CiphertextBlob: ciphertextBlob,
    EncryptionContext: encryptionContext,
    DryRun: dryRun
  },
  uses: true,
  permission: {
    on: "found",
    says: "`kms:Decrypt` on the key that the ciphertext names",
    // A Decrypt request names no key; a request for an explanation does, by id, ARN or alias.
    checks: [{ of: "key", alias: true, gate: "Decrypt" }]
  },
  handle: ({ CiphertextBlob: blob, EncryptionContext }, call) =>
    Effect.flatMapEager(targetOf(blob), ({ keyId, keyVersionId }) =>
      Effect.flatMapEager(call.keyById(keyId, "kms:Decrypt"), (key) =>
        Effect.mapEager(unsealWith(key, "Decrypt", { blob, keyVersionId }, EncryptionContext), (bytes) => {
          const Plaintext = toText(bytes)
          bytes.fill(0)
          return { Plaintext, KeyId: key.keyId, KeyVersionId: keyVersionId }
        })
      )
    )
})
