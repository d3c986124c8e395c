/** Keys on curves in the OpenSSL of this process. Only this file and symmetric.ts handle addresses of its objects. */
import { digestBytes } from "../../../domain/algorithms.ts"
import type { Address, ForeignFunctions, Functions } from "./foreignFunctions.ts"
import { cString, nothing, offHeap, openOpenssl } from "./ownOpenssl.ts"

/** From the manual pages of OpenSSL 3. `long` and `size_t` have 64 bits on every tested platform. */
const prototypes = {
  ERR_clear_error: { arguments: [], return: "void" },
  d2i_AutoPrivateKey: { arguments: ["pointer", "pointer", "i64"], return: "pointer" },
  d2i_PUBKEY: { arguments: ["pointer", "pointer", "i64"], return: "pointer" },
  EVP_PKEY_free: { arguments: ["pointer"], return: "void" },
  EVP_PKEY_CTX_new: { arguments: ["pointer", "pointer"], return: "pointer" },
  EVP_PKEY_CTX_free: { arguments: ["pointer"], return: "void" },
  EVP_PKEY_CTX_ctrl_str: { arguments: ["pointer", "pointer", "pointer"], return: "i32" },
  EVP_PKEY_sign_init: { arguments: ["pointer"], return: "i32" },
  EVP_PKEY_sign: { arguments: ["pointer", "pointer", "pointer", "pointer", "u64"], return: "i32" },
  EVP_PKEY_verify_init: { arguments: ["pointer"], return: "i32" },
  EVP_PKEY_verify: { arguments: ["pointer", "pointer", "u64", "pointer", "u64"], return: "i32" },
  EVP_PKEY_encrypt_init: { arguments: ["pointer"], return: "i32" },
  EVP_PKEY_encrypt: { arguments: ["pointer", "pointer", "pointer", "pointer", "u64"], return: "i32" },
  EVP_PKEY_decrypt_init: { arguments: ["pointer"], return: "i32" },
  EVP_PKEY_decrypt: { arguments: ["pointer", "pointer", "pointer", "pointer", "u64"], return: "i32" }
} as const

type Openssl = Functions<typeof prototypes>

/** The longest signature on a curve of 256 bits: two integers of 33 bytes with headers. */
const signatureBytesMax = 72

/** A fault leaves the key unchanged and returns undefined or false. */
export interface LibcryptoKey {
  /** The digest has 32 bytes. */
  readonly sign: (digest: Uint8Array) => Uint8Array | undefined
  /** With the nonce of RFC 6979. Only for ECDSA. */
  readonly signRepeatably: (digest: Uint8Array) => Uint8Array | undefined
  readonly verify: (digest: Uint8Array, signature: Uint8Array) => boolean
  /** SM2 only, with ciphertexts in DER. */
  readonly encrypt: (plaintext: Uint8Array) => Uint8Array | undefined
  readonly decrypt: (ciphertext: Uint8Array) => Uint8Array | undefined
  /** OpenSSL clears the private key. Every later use is a defect. */
  readonly free: () => void
}

export interface Libcrypto {
  /** PKCS #8 and SubjectPublicKeyInfo in DER; undefined if OpenSSL cannot read the key. */
  readonly privateKey: (pkcs8: Uint8Array) => LibcryptoKey | undefined
  readonly publicKey: (spki: Uint8Array) => LibcryptoKey | undefined
}

type Operation = "sign" | "verify" | "encrypt" | "decrypt"

/** The OpenSSL objects of one key: the key itself, and the contexts that were needed so far. */
interface Objects {
  key: Address
  readonly contexts: Map<Operation | "signRepeatably", Address>
}

/**
 * Every function of a key refers to its owner, and nothing else does. When the owner is collected, the objects are
 * freed.
 */
interface Owner {
  readonly objects: Objects
}

const freeObjects = (openssl: Openssl, objects: Objects): void => {
  for (const context of objects.contexts.values()) openssl.EVP_PKEY_CTX_free(context)
  objects.contexts.clear()
  openssl.EVP_PKEY_free(objects.key)
  objects.key = nothing
}

/** The memory that calls read and write. Every call is synchronous, so no two calls share it. */
const makeScratch = () => ({
  digest: offHeap(new Uint8Array(digestBytes)),
  signature: offHeap(new Uint8Array(signatureBytesMax)),
  length: new BigUint64Array(new ArrayBuffer(8)),
  position: new BigUint64Array(new ArrayBuffer(8)),
  repeatable: [
    [cString("digest"), cString("SHA256")],
    [cString("nonce-type"), cString("1")]
  ] as const
})

type Scratch = ReturnType<typeof makeScratch>

interface Side {
  readonly openssl: Openssl
  readonly scratch: Scratch
}

const inits = {
  sign: "EVP_PKEY_sign_init",
  verify: "EVP_PKEY_verify_init",
  encrypt: "EVP_PKEY_encrypt_init",
  decrypt: "EVP_PKEY_decrypt_init"
} as const satisfies Record<Operation, keyof Openssl>

const newContext = ({ openssl }: Side, key: Address, operation: Operation): Address | undefined => {
  const context = openssl.EVP_PKEY_CTX_new(key, nothing)
  if (context === nothing) return undefined
  if (openssl[inits[operation]](context) === 1) return context
  openssl.EVP_PKEY_CTX_free(context)
  return undefined
}

const newRepeatableContext = (side: Side, key: Address): Address | undefined => {
  const context = newContext(side, key, "sign")
  if (context === undefined) return undefined
  const isSet = side.scratch.repeatable.every(
    ([name, value]) => side.openssl.EVP_PKEY_CTX_ctrl_str(context, name, value) === 1
  )
  if (isSet) return context
  side.openssl.EVP_PKEY_CTX_free(context)
  return undefined
}

const contextOf = (side: Side, objects: Objects, operation: Operation | "signRepeatably"): Address | undefined => {
  if (objects.key === nothing) throw new Error("a freed key has no use")
  const known = objects.contexts.get(operation)
  if (known !== undefined) return known
  const made =
    operation === "signRepeatably" ? newRepeatableContext(side, objects.key) : newContext(side, objects.key, operation)
  if (made !== undefined) objects.contexts.set(operation, made)
  return made
}

const setDigest = ({ scratch }: Side, digest: Uint8Array): void => {
  if (digest.length !== digestBytes) throw new RangeError(`a digest has ${digestBytes} bytes, not ${digest.length}`)
  scratch.digest.set(digest)
}

const lengthIn = ({ length }: Scratch): number => Number(length[0])

const sign = (side: Side, context: Address | undefined, digest: Uint8Array): Uint8Array | undefined => {
  const { openssl, scratch } = side
  setDigest(side, digest)
  if (context === undefined) return undefined
  scratch.length[0] = BigInt(signatureBytesMax)
  const { signature, length } = scratch
  const isMade = openssl.EVP_PKEY_sign(context, signature, length, scratch.digest, BigInt(digestBytes)) === 1
  return isMade ? signature.slice(0, lengthIn(scratch)) : undefined
}

const verify = (side: Side, context: Address | undefined, digest: Uint8Array, signature: Uint8Array): boolean => {
  const { openssl, scratch } = side
  setDigest(side, digest)
  if (context === undefined || signature.length === 0 || signature.length > signatureBytesMax) return false
  scratch.signature.set(signature)
  const bytes = BigInt(signature.length)
  return openssl.EVP_PKEY_verify(context, scratch.signature, bytes, scratch.digest, BigInt(digestBytes)) === 1
}

/** Encrypts or decrypts: first asks for the maximum length of the result, then provides exactly that many bytes. */
const transform = (
  side: Side,
  name: "EVP_PKEY_encrypt" | "EVP_PKEY_decrypt",
  context: Address | undefined,
  given: Uint8Array
): Uint8Array | undefined => {
  const { openssl, scratch } = side
  if (context === undefined || given.length === 0) return undefined
  const input = offHeap(given)
  const bytes = BigInt(input.length)
  try {
    if (openssl[name](context, nothing, scratch.length, input, bytes) !== 1) return undefined
    const output = new Uint8Array(new ArrayBuffer(lengthIn(scratch)))
    // Without a buffer for the result, the call would only ask for its length again.
    if (output.length === 0) return undefined
    const isMade = openssl[name](context, output, scratch.length, input, bytes) === 1
    const answer = isMade ? output.slice(0, lengthIn(scratch)) : undefined
    output.fill(0)
    return answer
  } finally {
    input.fill(0)
  }
}

/** OpenSSL queues error reasons. Node would report a reason left in the queue for a later error. */
const orClear = <A>({ openssl }: Side, answer: A): A => {
  if (answer === undefined || answer === false) openssl.ERR_clear_error()
  return answer
}

const keyOf = (side: Side, owner: Owner, forget: (owner: Owner) => void): LibcryptoKey => {
  const context = (operation: Operation | "signRepeatably") => contextOf(side, owner.objects, operation)
  return {
    sign: (digest) => orClear(side, sign(side, context("sign"), digest)),
    signRepeatably: (digest) => orClear(side, sign(side, context("signRepeatably"), digest)),
    verify: (digest, signature) => orClear(side, verify(side, context("verify"), digest, signature)),
    encrypt: (plaintext) => orClear(side, transform(side, "EVP_PKEY_encrypt", context("encrypt"), plaintext)),
    decrypt: (ciphertext) => orClear(side, transform(side, "EVP_PKEY_decrypt", context("decrypt"), ciphertext)),
    free: () => {
      if (owner.objects.key === nothing) return
      forget(owner)
      freeObjects(side.openssl, owner.objects)
    }
  }
}

const makeLibcrypto = (side: Side, getRawPointer: ForeignFunctions["getRawPointer"]): Libcrypto => {
  const { openssl, scratch } = side
  const lost = new FinalizationRegistry<Objects>((objects) => freeObjects(openssl, objects))

  const read = (name: "d2i_AutoPrivateKey" | "d2i_PUBKEY", der: Uint8Array): LibcryptoKey | undefined => {
    const bytes = offHeap(der)
    scratch.position[0] = getRawPointer(bytes)
    const address = openssl[name](nothing, scratch.position, BigInt(bytes.length))
    bytes.fill(0)
    if (address === nothing) return orClear(side, undefined)
    const owner: Owner = { objects: { key: address, contexts: new Map() } }
    lost.register(owner, owner.objects, owner)
    return keyOf(side, owner, (freed) => lost.unregister(freed))
  }

  return {
    privateKey: (pkcs8) => read("d2i_AutoPrivateKey", pkcs8),
    publicKey: (spki) => read("d2i_PUBKEY", spki)
  }
}

/** Undefined if `node:ffi` is missing, forbidden or untested, or if OpenSSL is not Node's own. */
export const openLibcrypto = (): Libcrypto | undefined => {
  const found = openOpenssl(prototypes)
  return found && makeLibcrypto({ openssl: found.openssl, scratch: makeScratch() }, found.getRawPointer)
}
