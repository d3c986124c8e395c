/** The port behind which key material lives: opaque handles and verbs, for software and for tokens alike. */
import { Data } from "effect"
import type { Effect } from "effect"
import type { KeyId, KeyVersionId } from "../domain/ids.ts"
import type { KeySpec } from "../domain/keySpec.ts"

/** Which row of the store a piece of sealed material belongs to. It is authenticated with the material. */
export interface MaterialRow {
  readonly keyId: KeyId
  readonly keyVersionId: KeyVersionId
}

/** What a store keeps of a version: sealed bytes for software keys, a token's reference for HSM keys. Never material. */
export interface StoredMaterial {
  readonly sealed: Uint8Array
  /** DER SubjectPublicKeyInfo of an asymmetric version. */
  readonly publicKey: Uint8Array | undefined
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

/**
 * Why a provider could not do as told. `Rejected` is the single answer to every wrong ciphertext, tag, context or
 * commitment: it carries nothing, so that it tells nothing. `Unavailable` may be retried (a token gone, a full pool).
 */
export class CryptoFailed extends Data.TaggedError("CryptoFailed")<{
  readonly reason: "Rejected" | "Unavailable" | "UnsupportedSpec"
}> {}

export interface CryptoProvider {
  readonly name: string
  readonly specs: ReadonlySet<KeySpec>
  /** Makes material for a row and returns it sealed. */
  readonly generate: (request: {
    readonly row: MaterialRow
    readonly spec: KeySpec
  }) => Effect.Effect<StoredMaterial, CryptoFailed>
  /** Seals given material (seeds; import) for a row. The bytes are copied, never kept; the caller wipes its own. */
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
  /** Known answers for every primitive; run before the first use. */
  readonly selfTest: Effect.Effect<void, CryptoFailed>
}
