/** The port to key material: opaque handles and operations, for software and for tokens. */
import { Data } from "effect"
import type { Effect } from "effect"
import type {
  EncryptionAlgorithm,
  SignatureAlgorithm,
  WrappingAlgorithm,
  WrappingKeySpec
} from "../domain/algorithms.ts"
import type { KeyId, KeyVersionId } from "../domain/ids.ts"
import type { KeySpec } from "../domain/keySpec.ts"
import type { StoredMaterial } from "../records/rows.ts"

/** The row of the store that sealed material belongs to. It is authenticated with the material. */
export interface MaterialRow {
  readonly keyId: KeyId
  readonly keyVersionId: KeyVersionId
}

/** Material opened for use. It contains bytes or a session, and prints as its spec. */
export interface KeyHandle {
  readonly spec: KeySpec
  readonly row: MaterialRow
  /** Wipes the content of the handle. Every use of a closed handle is a defect. */
  readonly close: () => void
}

/** Seals or opens one message under a symmetric version. `context` is the canonical encryption context. */
export interface SealRequest {
  readonly handle: KeyHandle
  readonly plaintext: Uint8Array
  readonly context: Uint8Array
}
/** A ciphertext blob to open with a symmetric key. */
export interface OpenRequest {
  readonly handle: KeyHandle
  readonly blob: Uint8Array
  readonly context: Uint8Array
}

/** Plaintext to encrypt with an asymmetric key. */
export interface EncryptRequest {
  readonly handle: KeyHandle
  readonly algorithm: EncryptionAlgorithm
  readonly plaintext: Uint8Array
}
/** Ciphertext to decrypt with an asymmetric key. */
export interface DecryptRequest {
  readonly handle: KeyHandle
  readonly algorithm: EncryptionAlgorithm
  readonly ciphertext: Uint8Array
}

/** The caller computes the digest: SHA-256 of the message, or for SM2 the SM3 of ZA and message (GB/T 32918.2, 6.1). */
export interface SignRequest {
  readonly handle: KeyHandle
  readonly algorithm: SignatureAlgorithm
  readonly digest: Uint8Array
}
/** A signature to verify. */
export interface VerifyRequest extends SignRequest {
  readonly signature: Uint8Array
}

/** A wrapping pair of one import session. */
export interface WrappingPair {
  /** The private half, under the root key. */
  readonly sealed: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
}

/** Wrapped material to import, and the pair that it is wrapped for. */
export interface ImportRequest {
  readonly row: MaterialRow
  readonly spec: KeySpec
  readonly wrapping: { readonly id: string; readonly spec: WrappingKeySpec; readonly sealed: Uint8Array }
  readonly algorithm: WrappingAlgorithm
  readonly wrapped: Uint8Array
}
/** Imported material, sealed for the store. */
export interface ImportedMaterial {
  readonly stored: StoredMaterial
  /** Equal only for the same material of the same key. It is keyed and differs for every key. */
  readonly fingerprint: string
  /** Call this after the store has accepted or refused the material. Until then `destroy` spares it. */
  readonly release: () => void
}

/** Plaintext to wrap with the public key of another party. */
export interface WrapRequest {
  /** DER SubjectPublicKeyInfo of another party's key. */
  readonly publicKey: Uint8Array
  readonly keySpec: WrappingKeySpec
  readonly algorithm: WrappingAlgorithm
  readonly plaintext: Uint8Array
}

/**
 * Why a provider did not perform an operation. `Rejected` is the only answer to every fault of the input (ciphertext,
 * tag, context, commitment, padding, length, foreign key). It has no details, so that it reveals nothing.
 * `UnsupportedSpec`: the provider does not hold keys of this spec, or the key does not accept the algorithm.
 * `Unavailable` may be retried (a disconnected token, a full pool). `Exhausted`: the version has reached its limit of
 * sealed messages.
 */
export class CryptoFailed extends Data.TaggedError("CryptoFailed")<{
  readonly reason: "Rejected" | "Unavailable" | "UnsupportedSpec" | "Exhausted"
}> {}

/** Generates, seals, uses and destroys key material. It holds all plaintext material of the service. */
export interface CryptoProvider {
  readonly name: string
  readonly specs: ReadonlySet<KeySpec>
  /** Generates material for a row and returns it sealed. */
  readonly generate: (request: {
    readonly row: MaterialRow
    readonly spec: KeySpec
  }) => Effect.Effect<StoredMaterial, CryptoFailed>
  /**
   * Seals given material (seeds) for a row: the bytes of a symmetric key, the PKCS #8 DER of an asymmetric one. The
   * provider copies them; the caller wipes its own copy.
   */
  readonly adopt: (request: {
    readonly row: MaterialRow
    readonly spec: KeySpec
    readonly material: Uint8Array
  }) => Effect.Effect<StoredMaterial, CryptoFailed>
  /** Opens stored material of a row; fails with Rejected if it was made for another row or another root key. */
  readonly open: (request: {
    readonly row: MaterialRow
    readonly spec: KeySpec
    readonly stored: StoredMaterial
  }) => Effect.Effect<KeyHandle, CryptoFailed>
  /** A whole ciphertext blob in the format of blob.ts. It was opened once for verification. */
  readonly seal: (request: SealRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  /** The plaintext of a blob that any provider made with the same material. */
  readonly unseal: (request: OpenRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  /** The operations of asymmetric versions. */
  readonly encrypt: (request: EncryptRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  readonly decrypt: (request: DecryptRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  readonly sign: (request: SignRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  /** False for a wrong signature and for a malformed one. */
  readonly verify: (request: VerifyRequest) => Effect.Effect<boolean, CryptoFailed>
  /**
   * Destroys the material of a version outside the store, except the material that `keep` finds in the version's row.
   * It calls `keep` last, so that material imported in between is spared. Repeating it is harmless.
   */
  readonly destroy: (request: {
    readonly row: MaterialRow
    readonly keep: Effect.Effect<StoredMaterial | undefined, CryptoFailed>
  }) => Effect.Effect<void, CryptoFailed>
  /** The mechanism that the provider lacks to unwrap this material; undefined if it has all that it needs. */
  readonly lacks: (wrapping: {
    readonly keySpec: KeySpec
    readonly spec: WrappingKeySpec
    readonly algorithm: WrappingAlgorithm
  }) => string | undefined
  /** Destroys the wrapping pair of an import session outside the store. */
  readonly forgetWrappingPair: (id: string) => Effect.Effect<void, CryptoFailed>
  /** A new pair for the import session of this id, a UUID. */
  readonly makeWrappingPair: (request: {
    readonly id: string
    readonly spec: WrappingKeySpec
  }) => Effect.Effect<WrappingPair, CryptoFailed>
  /** Unwraps material and seals it for a row. Every fault of the input is Rejected. */
  readonly importMaterial: (request: ImportRequest) => Effect.Effect<ImportedMaterial, CryptoFailed>
  /** Wraps a data key for another party. */
  readonly wrap: (request: WrapRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  /** Tests every primitive with known answers. Run before the first use. */
  readonly selfTest: Effect.Effect<void, CryptoFailed>
}

/** A provider that can export plaintext material, in the form of `adopt`. Only the export of seeds uses it. */
export interface ExportingProvider extends CryptoProvider {
  /** The caller wipes the result. */
  readonly exportUnsafe: (request: {
    readonly row: MaterialRow
    readonly spec: KeySpec
    readonly stored: StoredMaterial
  }) => Effect.Effect<Uint8Array, CryptoFailed>
}

/** Whether a provider can export data keys. */
export const isExporting = (provider: CryptoProvider): provider is ExportingProvider => "exportUnsafe" in provider
