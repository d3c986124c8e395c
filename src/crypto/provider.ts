/** The port behind which key material lives: opaque handles and verbs, for software and for tokens alike. */
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

/** Which row of the store a piece of sealed material belongs to. It is authenticated with the material. */
export interface MaterialRow {
  readonly keyId: KeyId
  readonly keyVersionId: KeyVersionId
}

/** Material opened for use. Holds bytes or a session inside; prints as its spec. */
export interface KeyHandle {
  readonly spec: KeySpec
  readonly row: MaterialRow
  /** Wipes what the handle holds. A closed handle refuses every verb with a defect. */
  readonly close: () => void
}

/** One message sealed or opened under a symmetric version. `context` is the canonical encryption context. */
export interface SealRequest {
  readonly handle: KeyHandle
  readonly plaintext: Uint8Array
  readonly context: Uint8Array
}
export interface OpenRequest {
  readonly handle: KeyHandle
  readonly blob: Uint8Array
  readonly context: Uint8Array
}

export interface EncryptRequest {
  readonly handle: KeyHandle
  readonly algorithm: EncryptionAlgorithm
  readonly plaintext: Uint8Array
}
export interface DecryptRequest {
  readonly handle: KeyHandle
  readonly algorithm: EncryptionAlgorithm
  readonly ciphertext: Uint8Array
}

/** The digest is the caller's: SHA-256 of the message, or for SM2 the SM3 of ZA and message (GB/T 32918.2, 6.1). */
export interface SignRequest {
  readonly handle: KeyHandle
  readonly algorithm: SignatureAlgorithm
  readonly digest: Uint8Array
}
export interface VerifyRequest extends SignRequest {
  readonly signature: Uint8Array
}

/** A pair that exists to carry material in, made for one import session. */
export interface WrappingPair {
  /** The private half, under the root key. */
  readonly sealed: Uint8Array
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
}

export interface ImportRequest {
  readonly row: MaterialRow
  readonly spec: KeySpec
  readonly wrapping: { readonly id: string; readonly spec: WrappingKeySpec; readonly sealed: Uint8Array }
  readonly algorithm: WrappingAlgorithm
  readonly wrapped: Uint8Array
}
export interface ImportedMaterial {
  readonly stored: StoredMaterial
  /** Tells whether material is the same that a key had before; keyed, and another one for every key. */
  readonly fingerprint: string
  /** To be called once the store has taken the material or never will: until then `destroy` spares it. */
  readonly release: () => void
}

export interface WrapRequest {
  /** DER SubjectPublicKeyInfo of somebody else's key. */
  readonly publicKey: Uint8Array
  readonly keySpec: WrappingKeySpec
  readonly algorithm: WrappingAlgorithm
  readonly plaintext: Uint8Array
}

/**
 * Why a provider could not do as told. `Rejected` is the single answer to everything that is wrong with what was given
 * (ciphertext, tag, context, commitment, padding, length, foreign key): it carries nothing, so that it tells nothing.
 * `UnsupportedSpec` says that keys of this spec are not held here, or do not take the algorithm. `Unavailable` may be
 * retried (a token gone, a full pool). `Exhausted`: the version has sealed as many messages as it may.
 */
export class CryptoFailed extends Data.TaggedError("CryptoFailed")<{
  readonly reason: "Rejected" | "Unavailable" | "UnsupportedSpec" | "Exhausted"
}> {}

export interface CryptoProvider {
  readonly name: string
  readonly specs: ReadonlySet<KeySpec>
  /** Makes material for a row and returns it sealed. */
  readonly generate: (request: {
    readonly row: MaterialRow
    readonly spec: KeySpec
  }) => Effect.Effect<StoredMaterial, CryptoFailed>
  /**
   * Seals given material (seeds) for a row: the bytes of a symmetric key, the PKCS#8 DER of an asymmetric one. They are
   * copied, never kept; the caller wipes its own.
   */
  readonly adopt: (request: {
    readonly row: MaterialRow
    readonly spec: KeySpec
    readonly material: Uint8Array
  }) => Effect.Effect<StoredMaterial, CryptoFailed>
  /** Opens stored material of a row; fails with Rejected when it was made for another row or another root key. */
  readonly open: (request: {
    readonly row: MaterialRow
    readonly spec: KeySpec
    readonly stored: StoredMaterial
  }) => Effect.Effect<KeyHandle, CryptoFailed>
  /** A whole ciphertext blob, format of blob.ts, re-opened once before it is returned. */
  readonly seal: (request: SealRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  /** The plaintext of a blob made by any provider for the same material. */
  readonly unseal: (request: OpenRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  /** The verbs of asymmetric versions. */
  readonly encrypt: (request: EncryptRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  readonly decrypt: (request: DecryptRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  readonly sign: (request: SignRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  /** False for a wrong signature and for a malformed one. */
  readonly verify: (request: VerifyRequest) => Effect.Effect<boolean, CryptoFailed>
  /**
   * Destroys what is kept outside the store for a version: all of it but what belongs to the material that `keep` finds
   * in the version's row. It asks for that last, so that what was imported meanwhile is spared. Twice does no harm.
   */
  readonly destroy: (request: {
    readonly row: MaterialRow
    readonly keep: Effect.Effect<StoredMaterial | undefined, CryptoFailed>
  }) => Effect.Effect<void, CryptoFailed>
  /** What material for such a key, wrapped in this way, cannot be unwrapped for want of; undefined if it can. */
  readonly lacks: (wrapping: {
    readonly keySpec: KeySpec
    readonly spec: WrappingKeySpec
    readonly algorithm: WrappingAlgorithm
  }) => string | undefined
  /** Destroys what is kept outside the store for an import session. */
  readonly forgetWrappingPair: (id: string) => Effect.Effect<void, CryptoFailed>
  /** A fresh pair for the import session of this id, a UUID. */
  readonly makeWrappingPair: (request: {
    readonly id: string
    readonly spec: WrappingKeySpec
  }) => Effect.Effect<WrappingPair, CryptoFailed>
  /** Unwraps material and seals it for a row. Whatever is wrong with what was sent is Rejected. */
  readonly importMaterial: (request: ImportRequest) => Effect.Effect<ImportedMaterial, CryptoFailed>
  /** Wraps a data key for somebody else. */
  readonly wrap: (request: WrapRequest) => Effect.Effect<Uint8Array, CryptoFailed>
  /** Known answers for every primitive; run before the first use. */
  readonly selfTest: Effect.Effect<void, CryptoFailed>
}

/** A provider whose material can be had in the clear, as `adopt` takes it. Only seeds are written with it. */
export interface ExportingProvider extends CryptoProvider {
  /** The caller wipes what it gets. */
  readonly exportUnsafe: (request: {
    readonly row: MaterialRow
    readonly spec: KeySpec
    readonly stored: StoredMaterial
  }) => Effect.Effect<Uint8Array, CryptoFailed>
}

export const isExporting = (provider: CryptoProvider): provider is ExportingProvider => "exportUnsafe" in provider
