/** Decrypts a blob and encrypts its content under another key or version, inside the service. */
import { Effect } from "effect"
import { operation } from "./operation.ts"
import { required, text } from "./parameters.ts"
import { ciphertextBlob, encryptionContext, sealWith, targetOf, unsealWith } from "./symmetric.ts"

export const ReEncrypt = operation({
  about: "Decrypts a blob and encrypts its content under another CMK or the newest version, inside the service.",
  Request: {
    CiphertextBlob: ciphertextBlob,
    SourceEncryptionContext: encryptionContext,
    DestinationKeyId: required(
      { ...text({ charsMin: 1, charsMax: 512 }), form: "key id, ARN or alias" },
      "The CMK to encrypt under."
    ),
    DestinationEncryptionContext: encryptionContext
  },
  permission: { on: "found" },
  handle: Effect.fnUntraced(function* (request, call) {
    const { keyId, keyVersionId } = yield* targetOf(request.CiphertextBlob)
    const source = yield* call.key(keyId, "kms:ReEncryptFrom")
    const destination = yield* call.key(request.DestinationKeyId, "kms:ReEncryptTo")
    yield* source.gate("ReEncrypt(source)")
    yield* destination.gate("ReEncrypt(destination)")
    const bytes = yield* unsealWith(
      source,
      "ReEncrypt(source)",
      request.CiphertextBlob,
      request.SourceEncryptionContext
    )
    const sealed = yield* sealWith(
      destination,
      "ReEncrypt(destination)",
      bytes,
      request.DestinationEncryptionContext
    ).pipe(Effect.ensuring(Effect.sync(() => bytes.fill(0))))
    // The reply names the key that decrypted the source, as the API documents it.
    return { CiphertextBlob: sealed.CiphertextBlob, KeyId: source.keyId, KeyVersionId: keyVersionId }
  })
})
