/** Decrypts a data key and wraps it under another party's public key, inside the service. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { dataKeyIn, exportParameters, wrapDataKey, wrappingConflict } from "./dataKeyExport.ts"
import { operation } from "../operation.ts"
import { dryRun } from "../parameters.ts"
import { ciphertextBlob, encryptionContext, providerOf, targetOf, toText, unsealWith } from "./symmetric.ts"

export const ExportDataKey = operation({
  about: "Decrypts a data key and wraps it under another party's public key. The answer never has the plaintext.",
  errors: [...refusalCodes.ExportDataKey],
  uses: true,
  Request: {
    CiphertextBlob: ciphertextBlob,
    EncryptionContext: encryptionContext,
    ...exportParameters,
    DryRun: dryRun
  },
  conflict: wrappingConflict,
  permission: {
    on: "found",
    says: "`kms:ExportDataKey` on the key that the ciphertext names",
    checks: [{ of: "key", alias: true, gate: "ExportDataKey" }]
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const { keyId, keyVersionId } = yield* targetOf(request.CiphertextBlob)
    const key = yield* call.keyById(keyId, "kms:ExportDataKey")
    yield* key.gate("ExportDataKey")
    const opened = yield* unsealWith(
      key,
      "ExportDataKey",
      { blob: request.CiphertextBlob, keyVersionId },
      request.EncryptionContext
    )
    const text = toText(opened)
    opened.fill(0)
    const dataKey = yield* dataKeyIn(text)
    const provider = yield* providerOf(call.services, key)
    const ExportedDataKey = yield* wrapDataKey(provider, request, { dataKey, blame: "CiphertextBlob" }).pipe(
      // A refusal by the key's state precedes a fault of the public key.
      Effect.tapError(() => key.gate("ExportDataKey"))
    )
    yield* key.gate("ExportDataKey")
    return { ExportedDataKey, KeyId: key.keyId, KeyVersionId: keyVersionId }
  })
})
