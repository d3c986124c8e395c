/** Decrypts a blob; key and version are found in it. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { operation } from "../operation.ts"
import { dryRun, recipient } from "../parameters.ts"
import { ciphertextBlob, encryptionContext, targetOf, toText, unsealWith } from "./symmetric.ts"

export const Decrypt = operation({
  about: "Decrypts a ciphertext blob; key and version are found in it.",
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
    says: "`kms:Decrypt` on the key found in the ciphertext",
    // A request names no key; whoever asks for an explanation does, by any name it has.
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
