/** Fault sequences of the operations that use key material. */
import { textAt } from "../doors.ts"
import { makeReceiver } from "../wrapping.ts"
import { digest, nobody, tooLong } from "./fixture.ts"
import type { Correction, FaultSequence } from "./fixture.ts"

const receiver = makeReceiver()
/** A key whose size differs from its spec. */
const largerReceiver = makeReceiver(3072)

const longText = "A".repeat(8200)
const Plaintext = "aGVsbG8="
/** The shortest possible blob, of no key. */
const foreignBlob = (blob: string): string => {
  const bytes = Buffer.from(blob, "base64")
  return Buffer.concat([bytes.subarray(0, 2), Buffer.alloc(16, 7), bytes.subarray(18)]).toString("base64")
}
const brokenBlob = (blob: string): string => {
  const bytes = Buffer.from(blob, "base64")
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
  return bytes.toString("base64")
}

const dataKeyFaults: ReadonlyArray<Correction> = [
  [{ KeyId: "alias/none", KeySpec: "AES_512", NumberOfBytes: "0" }, "InvalidParameter NumberOfBytes"],
  [{ NumberOfBytes: "1025" }, "InvalidParameter NumberOfBytes"],
  [{ NumberOfBytes: undefined, EncryptionContext: "[]" }, "InvalidParameter EncryptionContext"]
]

const dataKey: FaultSequence = ({ disabledPair, pair, symmetric }) => [
  ...dataKeyFaults,
  [{ EncryptionContext: "{}" }, "InvalidParameter KeySpec"],
  [{ KeySpec: "AES_128" }, "Forbidden.AliasNotFound"],
  [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
  [{ KeyId: disabledPair }, "Rejected.Disabled"],
  [{ KeyId: pair }, "UnsupportedOperation"],
  [{ KeyId: symmetric }, "Success"]
]

const exportFaults: ReadonlyArray<Correction> = [
  [{ PublicKeyBlob: "?" }, "InvalidParameter PublicKeyBlob"],
  [{ PublicKeyBlob: largerReceiver.publicKey }, "MissingParameter WrappingAlgorithm"],
  [{ WrappingAlgorithm: "SM2PKE" }, "MissingParameter WrappingKeySpec"],
  [{ WrappingKeySpec: "RSA_2048" }, "InvalidParameter WrappingAlgorithm"]
]

export const uses: Readonly<Record<string, FaultSequence>> = {
  Encrypt: ({ disabledPair, pair, symmetric }) => [
    [{ KeyId: "", EncryptionContext: "{" }, "MissingParameter KeyId"],
    [{ KeyId: "alias/none" }, "MissingParameter Plaintext"],
    [{ Plaintext: longText }, "InvalidParameter Plaintext"],
    [{ Plaintext }, "InvalidParameter EncryptionContext"],
    [{ EncryptionContext: '{"a":"b"}' }, "Forbidden.AliasNotFound"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: disabledPair }, "Rejected.Disabled"],
    [{ KeyId: pair }, "UnsupportedOperation"],
    [{ KeyId: symmetric }, "Success"]
  ],
  Decrypt: ({ blob, disabledBlob }) => [
    [{ EncryptionContext: "{" }, "MissingParameter CiphertextBlob"],
    [{ CiphertextBlob: "?" }, "InvalidParameter CiphertextBlob"],
    [{ CiphertextBlob: foreignBlob(blob) }, "InvalidParameter EncryptionContext"],
    [{ EncryptionContext: '{"a":"b"}' }, "Forbidden.KeyNotFound"],
    [{ CiphertextBlob: brokenBlob(disabledBlob) }, "Rejected.Disabled"],
    [{ CiphertextBlob: blob }, "InvalidParameter CiphertextBlob"],
    [{ EncryptionContext: undefined }, "Success"]
  ],
  GenerateDataKey: dataKey,
  GenerateDataKeyWithoutPlaintext: dataKey,
  ExportDataKey: ({ blob, disabledBlob }) => [
    [{ CiphertextBlob: foreignBlob(blob), EncryptionContext: "{" }, "InvalidParameter EncryptionContext"],
    [{ EncryptionContext: '{"a":"b"}' }, "MissingParameter PublicKeyBlob"],
    ...exportFaults,
    [{ WrappingAlgorithm: "RSAES_OAEP_SHA_256" }, "Forbidden.KeyNotFound"],
    [{ CiphertextBlob: disabledBlob }, "Rejected.Disabled"],
    [{ CiphertextBlob: blob }, "InvalidParameter CiphertextBlob"],
    [{ EncryptionContext: undefined }, "InvalidParameter PublicKeyBlob"],
    [{ PublicKeyBlob: receiver.publicKey }, "Success"]
  ],
  GenerateAndExportDataKey: ({ disabledPair, pair, symmetric }) => [
    ...dataKeyFaults,
    [{ EncryptionContext: "{}" }, "MissingParameter PublicKeyBlob"],
    ...exportFaults.slice(0, 3),
    [{ WrappingKeySpec: "RSA_2048" }, "InvalidParameter KeySpec"],
    [{ NumberOfBytes: "191" }, "InvalidParameter WrappingAlgorithm"],
    [{ WrappingAlgorithm: "RSAES_OAEP_SHA_256" }, "Forbidden.AliasNotFound"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: disabledPair }, "Rejected.Disabled"],
    [{ KeyId: pair }, "UnsupportedOperation"],
    [{ KeyId: symmetric }, "InvalidParameter NumberOfBytes"],
    [{ NumberOfBytes: "190" }, "InvalidParameter PublicKeyBlob"],
    [{ PublicKeyBlob: receiver.publicKey }, "Success"]
  ],
  ReEncrypt: async ({ ask, blob, disabledPair, pair, pairVersion, signer, signerVersion, disabled, symmetric }) => {
    const made = await ask("AsymmetricEncrypt", {
      KeyId: pair,
      KeyVersionId: pairVersion,
      Algorithm: "RSAES_OAEP_SHA_1",
      Plaintext
    })
    return [
      [{ SourceKeyId: "alias/none", DestinationEncryptionContext: "{" }, "MissingParameter CiphertextBlob"],
      [{ CiphertextBlob: blob, SourceEncryptionAlgorithm: "AES" }, "InvalidParameter SourceEncryptionAlgorithm"],
      [{ SourceEncryptionAlgorithm: undefined }, "MissingParameter DestinationKeyId"],
      [{ DestinationKeyId: "alias/none" }, "InvalidParameter DestinationEncryptionContext"],
      [{ DestinationEncryptionContext: "{}" }, "MissingParameter SourceKeyVersionId"],
      [{ SourceKeyVersionId: signerVersion }, "MissingParameter SourceEncryptionAlgorithm"],
      [{ SourceEncryptionAlgorithm: "SM2PKE" }, "Forbidden.AliasNotFound"],
      [{ SourceKeyId: nobody }, "Forbidden.KeyNotFound"],
      [{ SourceKeyId: disabledPair }, "Rejected.Disabled"],
      [{ SourceKeyId: signer }, "Rejected.UnsupportedOperation"],
      [{ SourceKeyId: pair }, "InvalidParameter SourceEncryptionAlgorithm"],
      [{ SourceEncryptionAlgorithm: "RSAES_OAEP_SHA_1" }, "Forbidden.AliasNotFound"],
      [{ DestinationKeyId: nobody }, "Forbidden.KeyNotFound"],
      [{ DestinationKeyId: disabled }, "Rejected.Disabled"],
      [{ DestinationKeyId: pair }, "UnsupportedOperation"],
      [{ DestinationKeyId: symmetric }, "Forbidden.KeyVersionNotFound"],
      [{ SourceKeyVersionId: pairVersion }, "InvalidParameter CiphertextBlob"],
      [{ CiphertextBlob: textAt(made.body, "CiphertextBlob") }, "Success"]
    ]
  },
  AsymmetricEncrypt: ({ disabledSigner, signer, signerVersion, symmetric, pair, pairVersion }) => [
    [{ KeyId: "alias/none" }, "MissingParameter KeyVersionId"],
    [{ KeyVersionId: signerVersion, Algorithm: "AES" }, "InvalidParameter Algorithm"],
    [{ Algorithm: "SM2PKE" }, "MissingParameter Plaintext"],
    [{ Plaintext: "?" }, "InvalidParameter Plaintext"],
    [{ Plaintext: Buffer.alloc(191).toString("base64") }, "Forbidden.AliasNotFound"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: disabledSigner }, "Rejected.Disabled"],
    [{ KeyId: symmetric }, "Rejected.UnsupportedOperation"],
    [{ KeyId: signer }, "Rejected.UnsupportedOperation"],
    [{ KeyId: pair }, "InvalidParameter Algorithm"],
    [{ Algorithm: "RSAES_OAEP_SHA_256" }, "InvalidParameter Plaintext"],
    [{ Plaintext: Buffer.alloc(190).toString("base64") }, "Forbidden.KeyVersionNotFound"],
    [{ KeyVersionId: pairVersion }, "Success"]
  ],
  AsymmetricDecrypt: async ({ ask, disabledSigner, signer, signerVersion, symmetric, pair, pairVersion }) => {
    const made = await ask("AsymmetricEncrypt", {
      KeyId: pair,
      KeyVersionId: pairVersion,
      Algorithm: "RSAES_OAEP_SHA_256",
      Plaintext
    })
    return [
      [{ KeyId: "alias/none" }, "MissingParameter KeyVersionId"],
      [{ KeyVersionId: signerVersion, Algorithm: "RSAES_PKCS1_V1_5" }, "InvalidParameter Algorithm"],
      [{ Algorithm: "SM2PKE" }, "MissingParameter CiphertextBlob"],
      [{ CiphertextBlob: "?" }, "InvalidParameter CiphertextBlob"],
      [{ CiphertextBlob: "AAAA" }, "Forbidden.AliasNotFound"],
      [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
      [{ KeyId: disabledSigner }, "Rejected.Disabled"],
      [{ KeyId: symmetric }, "Rejected.UnsupportedOperation"],
      [{ KeyId: signer }, "Rejected.UnsupportedOperation"],
      [{ KeyId: pair }, "InvalidParameter Algorithm"],
      [{ Algorithm: "RSAES_OAEP_SHA_1" }, "Forbidden.KeyVersionNotFound"],
      [{ KeyVersionId: pairVersion }, "InvalidParameter CiphertextBlob"],
      [{ CiphertextBlob: textAt(made.body, "CiphertextBlob") }, "InvalidParameter CiphertextBlob"],
      [{ Algorithm: "RSAES_OAEP_SHA_256" }, "Success"]
    ]
  },
  AsymmetricSign: ({ disabledPair, pair, pairVersion, symmetric, signer, signerVersion }) => [
    [{ KeyId: "alias/none", KeyVersionId: tooLong }, "InvalidParameter KeyVersionId"],
    [{ KeyVersionId: pairVersion, Algorithm: "RSA_PSS_SHA_512" }, "InvalidParameter Algorithm"],
    [{ Algorithm: "SM2DSA" }, "MissingParameter Digest"],
    [{ Digest: "?" }, "InvalidParameter Digest"],
    [{ Digest: "AAAA" }, "Forbidden.AliasNotFound"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: disabledPair }, "Rejected.Disabled"],
    [{ KeyId: symmetric }, "UnsupportedOperation"],
    [{ KeyId: pair }, "UnsupportedOperation"],
    [{ KeyId: signer }, "InvalidParameter Algorithm"],
    [{ Algorithm: "ECDSA_SHA_256" }, "InvalidParameter Digest"],
    [{ Digest: digest }, "Forbidden.KeyVersionNotFound"],
    [{ KeyVersionId: signerVersion }, "Success"]
  ],
  AsymmetricVerify: ({ disabledPair, pair, pairVersion, symmetric, signer, signerVersion }) => [
    [{ KeyId: "alias/none", KeyVersionId: pairVersion, Algorithm: "SM2DSA", Digest: "AAAA" }, "MissingParameter Value"],
    [{ Value: "?" }, "InvalidParameter Value"],
    [{ Value: "AAAA" }, "Forbidden.AliasNotFound"],
    [{ KeyId: nobody }, "Forbidden.KeyNotFound"],
    [{ KeyId: disabledPair }, "Rejected.Disabled"],
    [{ KeyId: symmetric }, "UnsupportedOperation"],
    [{ KeyId: pair }, "UnsupportedOperation"],
    [{ KeyId: signer }, "InvalidParameter Algorithm"],
    [{ Algorithm: "ECDSA_SHA_256" }, "InvalidParameter Digest"],
    [{ Digest: digest }, "Forbidden.KeyVersionNotFound"],
    // A wrong signature is not an error: the answer is false.
    [{ KeyVersionId: signerVersion }, "Success"]
  ]
}
