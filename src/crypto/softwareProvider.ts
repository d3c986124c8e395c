/** The provider of software keys, over any primitives: material sealed at rest, opened into handles, never given out. */
import { Effect } from "effect"
import { capabilities } from "../domain/keySpec.ts"
import type { KeySpec } from "../domain/keySpec.ts"
import type { Randomness } from "../domain/outside.ts"
import { aes256GcmDerived } from "./blob.ts"
import type { BlobAlgorithm } from "./blob.ts"
import { watch } from "./healthyRandomness.ts"
import { answersAreKnown } from "./knownAnswers.ts"
import { openMessage, prepareVersionKey, sealMessage } from "./message.ts"
import type { VersionKey } from "./message.ts"
import type { Primitives } from "./primitives.ts"
import { CryptoFailed } from "./provider.ts"
import type { CryptoProvider, KeyHandle, MaterialRow, StoredMaterial } from "./provider.ts"
import { materialIdentity } from "./seal.ts"
import type { RootKey } from "./seal.ts"

export interface SoftwareProviderOptions {
  readonly randomness: Randomness["Service"]
  readonly rootKey: RootKey
  /** What the provider is called; the name of its primitives unless told otherwise. */
  readonly name?: string
}

/** The specs served here, and what their blobs are made by. */
const algorithms: ReadonlyMap<KeySpec, BlobAlgorithm> = new Map([["Aliyun_AES_256", aes256GcmDerived]])

const rejected = Effect.fail(new CryptoFailed({ reason: "Rejected" }))
const unavailable = Effect.fail(new CryptoFailed({ reason: "Unavailable" }))
const unsupportedSpec = Effect.fail(new CryptoFailed({ reason: "UnsupportedSpec" }))

export const makeSoftwareProvider = (
  primitives: Primitives,
  { randomness, rootKey, name = primitives.name }: SoftwareProviderOptions
): CryptoProvider => {
  const random = watch(randomness)
  const opened = new WeakMap<KeyHandle, VersionKey>()

  const keyOf = (handle: KeyHandle): VersionKey => {
    const key = opened.get(handle)
    if (key === undefined) throw new Error(`a handle is used by the provider that opened it, until it is closed`)
    return key
  }

  const atRest = (row: MaterialRow, spec: KeySpec, material: Uint8Array): StoredMaterial => ({
    sealed: rootKey.seal({ identity: materialIdentity(row, spec), plaintext: material }),
    publicKey: undefined
  })

  const handleOf = (row: MaterialRow, spec: KeySpec, key: VersionKey): KeyHandle => {
    const handle = new SoftwareHandle(spec, row, () => {
      key.hash.wipe()
      opened.delete(handle)
    })
    opened.set(handle, key)
    return handle
  }

  return {
    name,
    specs: new Set(algorithms.keys()),
    generate: ({ row, spec }) =>
      Effect.suspend(() => {
        if (!algorithms.has(spec)) return unsupportedSpec
        const material = random.secret(capabilities[spec].materialBytes)
        return Effect.succeed(wiping(material, () => atRest(row, spec, material)))
      }),
    adopt: ({ row, spec, material }) =>
      Effect.suspend(() => {
        if (!algorithms.has(spec)) return unsupportedSpec
        if (material.length !== capabilities[spec].materialBytes) return rejected
        return Effect.succeed(atRest(row, spec, material))
      }),
    open: ({ row, spec, stored }) =>
      Effect.suspend(() => {
        const algorithm = algorithms.get(spec)
        if (algorithm === undefined) return unsupportedSpec
        const material = rootKey.open({ identity: materialIdentity(row, spec), sealed: stored.sealed })
        if (material === undefined) return rejected
        return wiping(material, () =>
          material.length === capabilities[spec].materialBytes
            ? Effect.succeed(handleOf(row, spec, prepareVersionKey({ primitives, algorithm, row, material })))
            : rejected
        )
      }),
    seal: ({ handle, plaintext, context }) =>
      Effect.suspend(() => {
        const key = keyOf(handle)
        const blob = sealMessage({ primitives, key, nonce: random.nonce(), plaintext, context })
        return blob === undefined ? unavailable : Effect.succeed(blob)
      }),
    unseal: ({ handle, blob, context }) =>
      Effect.suspend(() => {
        const plaintext = openMessage({ primitives, key: keyOf(handle), blob, context })
        return plaintext === undefined ? rejected : Effect.succeed(plaintext)
      }),
    encrypt: () => unsupportedSpec,
    decrypt: () => unsupportedSpec,
    sign: () => unsupportedSpec,
    verify: () => unsupportedSpec,
    makeWrappingPair: () => unsupportedSpec,
    importMaterial: () => unsupportedSpec,
    wrap: () => unsupportedSpec,
    selfTest: Effect.suspend(() => (answersAreKnown(primitives) ? Effect.void : unavailable))
  }
}

const wiping = <A>(secret: Uint8Array, use: () => A): A => {
  try {
    return use()
  } finally {
    secret.fill(0)
  }
}

/** Holds nothing but names: the key behind it is known to its provider alone. */
class SoftwareHandle implements KeyHandle {
  readonly spec: KeySpec
  readonly row: MaterialRow
  readonly close: () => void

  constructor(spec: KeySpec, row: MaterialRow, close: () => void) {
    this.spec = spec
    this.row = row
    this.close = close
  }

  toString(): string {
    return this.spec
  }
  toJSON(): string {
    return this.spec
  }
}
