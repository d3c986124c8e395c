/** Secrets at rest: each is sealed under the root key for exactly one place. */
import type { WrappingKeySpec } from "../domain/algorithms.ts"
import { encodeBase64 } from "../encoding/base64.ts"
import { canonicalContext } from "../domain/encryptionContext.ts"
import { uuidToBytes } from "../domain/ids.ts"
import type { KeyId } from "../domain/ids.ts"
import type { KeySpec } from "../domain/keySpec.ts"
import type { Randomness } from "../platform/services.ts"
import { watch } from "./healthyRandomness.ts"
import { aeadIvBytes, aeadTagBytes } from "./primitives.ts"
import type { Primitives } from "./primitives.ts"
import type { MaterialRow } from "./provider.ts"

/** The key that seals every stored secret. Every use of a closed root key is a defect. */
export interface RootKey {
  /** `identity` is the place of the secret; it is authenticated, and required to open. */
  readonly seal: (request: { readonly identity: Uint8Array; readonly plaintext: Uint8Array }) => Uint8Array
  /** Undefined for another identity, another root key, or any other fault. The caller wipes the secret. */
  readonly open: (request: { readonly identity: Uint8Array; readonly sealed: Uint8Array }) => Uint8Array | undefined
  /** The same for secrets other than key material: `label` is the kind, `id` the owner. */
  readonly sealSecret: (request: {
    readonly label: string
    readonly id: string
    readonly plaintext: Uint8Array
  }) => Uint8Array
  readonly openSecret: (request: {
    readonly label: string
    readonly id: string
    readonly sealed: Uint8Array
  }) => Uint8Array | undefined
  /** Hexadecimal; equal only for the same material of the same key. */
  readonly fingerprint: (request: { readonly keyId: KeyId; readonly material: Uint8Array }) => string
  /** Equal for the same root key and different for another one; reveals nothing else about it. */
  readonly checkValue: Uint8Array
  readonly close: () => void
}

export const rootKeyBytes = 32

/** RFC 7914; 128 MiB and about half a second for each guess. The caller stores the salt. */
export const passphraseCost = { N: 2 ** 17, r: 8, p: 1 } as const
export const passphraseSaltBytesMin = 16

/** The identity of a row of material: a row that was moved, swapped or renamed does not open. */
export const materialIdentity = ({ keyId, keyVersionId }: MaterialRow, spec: KeySpec): Uint8Array =>
  canonicalContext(
    new Map([
      ["purpose", "key material"],
      ["keyId", keyId],
      ["keyVersionId", keyVersionId],
      ["spec", spec]
    ])
  )

/** The same for an asymmetric version with its public key: the private key does not open with another public key. */
export const pairIdentity = ({ keyId, keyVersionId }: MaterialRow, spec: KeySpec, publicKey: Uint8Array): Uint8Array =>
  canonicalContext(
    new Map([
      ["purpose", "key pair"],
      ["keyId", keyId],
      ["keyVersionId", keyVersionId],
      ["spec", spec],
      ["publicKey", encodeBase64(publicKey)]
    ])
  )

/** The private half of the pair that an import session hands out. */
export const wrappingIdentity = ({ id, spec }: { readonly id: string; readonly spec: WrappingKeySpec }): Uint8Array =>
  canonicalContext(
    new Map([
      ["purpose", "wrapping key"],
      ["id", id],
      ["spec", spec]
    ])
  )

const secretIdentity = (label: string, id: string): Uint8Array =>
  canonicalContext(
    new Map([
      ["purpose", "secret"],
      ["label", label],
      ["id", id]
    ])
  )

const utf8 = new TextEncoder()
const sealingLabel = utf8.encode("keystate sealed at rest v1")
const fingerprintLabel = utf8.encode("keystate material fingerprint v1")
const checkLabel = utf8.encode("keystate root key check v1")

const atRestVersion = 0x01
const saltBytes = 16
const sealedAt = 1 + saltBytes

/** Fixed: every secret has its own key, derived from a new 128-bit salt (see message.ts). */
const iv = new Uint8Array(aeadIvBytes)

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

const checkValueOf = (primitives: Primitives, key: Uint8Array): Uint8Array => {
  const hash = primitives.keyedHash({ key, label: checkLabel, messageBytes: 0 })
  const value = hash.mac(new Uint8Array(0)).slice(0, 16)
  hash.wipe()
  return new Uint8Array(value)
}

const fingerprintBytes = 32
const uuidBytes = 16
/** The longest material of a fingerprint; no spec has longer material. */
const fingerprintedBytesMax = 32

/** Key id, length and material, padded: of fixed length, as the hash requires, and different for different input. */
const fingerprintInput = (keyId: KeyId, material: Uint8Array): Uint8Array => {
  if (material.length > fingerprintedBytesMax) throw new RangeError(`material has up to ${fingerprintedBytesMax} bytes`)
  const input = new Uint8Array(uuidBytes + 1 + fingerprintedBytesMax)
  input.set(uuidToBytes(keyId))
  input[uuidBytes] = material.length
  input.set(material, uuidBytes + 1)
  return input
}

/**
 * Layout at rest: `version(1) | salt(16) | ciphertext | tag(16)`. The bytes are copied; the caller wipes its own copy.
 */
export const makeRootKey = (
  primitives: Primitives,
  given: { readonly bytes: Uint8Array; readonly randomness: Randomness["Service"] }
): RootKey => {
  if (given.bytes.length !== rootKeyBytes) throw new Error(`a root key has ${rootKeyBytes} bytes`)
  const random = watch(given.randomness)
  const hash = primitives.keyedHash({ key: given.bytes, label: sealingLabel, messageBytes: saltBytes })
  const fingerprints = primitives.keyedHash({
    key: given.bytes,
    label: fingerprintLabel,
    messageBytes: uuidBytes + 1 + fingerprintedBytesMax
  })
  let isOpen = true

  const requireOpen = (): void => {
    if (!isOpen) throw new Error("a root key must not be used after it is closed")
  }

  const underDerivedKey = <A>(salt: Uint8Array, use: (key: Uint8Array) => A): A => {
    requireOpen()
    const derived = hash.mac(salt)
    try {
      return use(derived.subarray(0, 32))
    } finally {
      derived.fill(0)
    }
  }

  const open: RootKey["open"] = ({ identity, sealed }) => {
    if (sealed[0] !== atRestVersion || sealed.length < sealedAt + aeadTagBytes) return undefined
    return underDerivedKey(sealed.subarray(1, sealedAt), (key) =>
      primitives.aesGcm.open({ key, iv, aad: identity, sealed: sealed.subarray(sealedAt) })
    )
  }

  const seal: RootKey["seal"] = ({ identity, plaintext }) => {
    const sealed = new Uint8Array(sealedAt + plaintext.length + aeadTagBytes)
    sealed[0] = atRestVersion
    sealed.set(random.nonce(), 1)
    underDerivedKey(sealed.subarray(1, sealedAt), (key) =>
      primitives.aesGcm.seal({ key, iv, aad: identity, plaintext, into: sealed.subarray(sealedAt) })
    )
    const reopened = open({ identity, sealed })
    const isWhole = reopened !== undefined && primitives.equal(reopened, plaintext)
    reopened?.fill(0)
    if (!isWhole) throw new Error("a root key opens what it sealed")
    return sealed
  }

  return {
    seal,
    open,
    sealSecret: ({ label, id, plaintext }) => seal({ identity: secretIdentity(label, id), plaintext }),
    openSecret: ({ label, id, sealed }) => open({ identity: secretIdentity(label, id), sealed }),
    fingerprint: ({ keyId, material }) => {
      requireOpen()
      const input = fingerprintInput(keyId, material)
      const digits = hexOf(fingerprints.mac(input).subarray(0, fingerprintBytes))
      input.fill(0)
      return digits
    },
    checkValue: checkValueOf(primitives, given.bytes),
    close: () => {
      isOpen = false
      hash.wipe()
      fingerprints.wipe()
    }
  }
}
