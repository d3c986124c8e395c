/** The parts of a crypto provider of your own: the port, its types and failures, and shared functions. */
export type {
  CryptoProvider,
  DecryptRequest,
  EncryptRequest,
  ExportingProvider,
  ImportedMaterial,
  ImportRequest,
  KeyHandle,
  MaterialRow,
  OpenRequest,
  SealRequest,
  SignRequest,
  VerifyRequest,
  WrappingPair,
  WrapRequest
} from "./crypto/provider.ts"
export { CryptoFailed, isExporting } from "./crypto/provider.ts"
export type { StoredMaterial } from "./records/rows.ts"

export { KeyId, KeyVersionId } from "./domain/ids.ts"
export { capabilityOf, KeySpec, ProtectionLevel } from "./domain/keySpec.ts"
export {
  EncryptionAlgorithm,
  encryptionAlgorithmsOf,
  SignatureAlgorithm,
  signatureAlgorithmsOf,
  WrappingAlgorithm,
  wrappingAlgorithmsOf,
  WrappingKeySpec
} from "./domain/algorithms.ts"
export { Randomness } from "./platform/services.ts"

export { NamedHandle } from "./crypto/namedHandle.ts"
export { watch as watchRandomness } from "./crypto/healthyRandomness.ts"
export type { HealthyRandomness } from "./crypto/healthyRandomness.ts"
export type { RootKey } from "./crypto/seal.ts"
export { materialIdentity, pairIdentity, wrappingIdentity } from "./crypto/seal.ts"
export { rootKeyFromBytes } from "./crypto/portable/rootKey.ts"

export { blobTarget, aes256GcmDerived, parseBlob, sm4GcmDerived } from "./crypto/blob.ts"
export { openMessage, prepareVersionKey, sealMessage } from "./crypto/message.ts"
export type { VersionKey } from "./crypto/message.ts"

export type {
  Aead,
  AeadOpening,
  AeadSealing,
  Curves,
  EcdsaPrivateKey,
  EcdsaSpec,
  KeyedHash,
  KeyedHashOptions,
  OaepHash,
  Primitives,
  Rsa,
  RsaPrivateKey,
  RsaPublicKey,
  SigningKey,
  Sm2PrivateKey,
  Sm2PublicKey,
  VerifyingKey
} from "./crypto/primitives.ts"
export { nativePrimitives } from "./crypto/native/nativePrimitives.ts"
export { portablePrimitives } from "./crypto/portable/portablePrimitives.ts"
export { makeSoftwareProvider } from "./crypto/softwareProvider.ts"
export type { SoftwareProviderOptions } from "./crypto/softwareProvider.ts"
