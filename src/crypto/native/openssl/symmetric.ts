/** Galois/Counter Mode and HMAC-SHA-512 by reused objects of OpenSSL; node:crypto makes new ones for each message. */
import { getFips } from "node:crypto"
import {
  aeadTagBytes,
  aeadIvBytes,
  keyedHashBlockBytes,
  keyedHashBytes,
  requireHashKey,
  requireIv,
  requireMessage
} from "../../primitives.ts"
import type { Aead, KeyedHashOptions, Primitives } from "../../primitives.ts"
import type { Address, ForeignFunctions, Functions } from "./foreignFunctions.ts"
import { cString, nothing, offHeap, openOpenssl } from "./ownOpenssl.ts"

/**
 * From the manual pages of OpenSSL 3. Numbers are declared as pointers: node:ffi converts other numbers by a slow path,
 * which takes longer than the cipher. On the tested platforms both are passed in one register of 64 bits, and a C
 * function with an `int` reads its lower half.
 */
const prototypes = {
  ERR_clear_error: { arguments: [], return: "void" },
  EVP_CIPHER_fetch: { arguments: ["pointer", "pointer", "pointer"], return: "pointer" },
  EVP_CIPHER_CTX_new: { arguments: [], return: "pointer" },
  EVP_CIPHER_CTX_ctrl: { arguments: ["pointer", "pointer", "pointer", "pointer"], return: "i32" },
  EVP_EncryptInit_ex2: { arguments: ["pointer", "pointer", "pointer", "pointer", "pointer"], return: "i32" },
  EVP_EncryptUpdate: { arguments: ["pointer", "pointer", "pointer", "pointer", "pointer"], return: "i32" },
  EVP_EncryptFinal_ex: { arguments: ["pointer", "pointer", "pointer"], return: "i32" },
  EVP_DecryptInit_ex2: { arguments: ["pointer", "pointer", "pointer", "pointer", "pointer"], return: "i32" },
  EVP_DecryptUpdate: { arguments: ["pointer", "pointer", "pointer", "pointer", "pointer"], return: "i32" },
  EVP_DecryptFinal_ex: { arguments: ["pointer", "pointer", "pointer"], return: "i32" },
  SHA512_Init: { arguments: ["pointer"], return: "i32" },
  SHA512_Update: { arguments: ["pointer", "pointer", "pointer"], return: "i32" },
  SHA512_Final: { arguments: ["pointer", "pointer"], return: "i32" }
} as const

type Openssl = Functions<typeof prototypes>

/** EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG of openssl/evp.h. */
const getTag = 0x10n
const setTag = 0x11n
const tagLength = BigInt(aeadTagBytes)

/** Longer messages and contexts are left to node:crypto. An Encrypt has up to 6 KB. */
const textBytesMax = 8192
const aadBytesMax = 1024
const hashedBytesMax = 512
/** The size of SHA512_CTX in openssl/sha.h: a hash in progress, as plain bytes. */
const hashStateBytes = 216

/** Where each part is in the memory that the functions read and write. */
const keyAt = 0
const ivAt = 32
const lengthAt = 48
const restAt = 64
const hashStateAt = 128
const hashedAt = hashStateAt + hashStateBytes
const macAt = hashedAt + hashedBytesMax
const aadAt = macAt + keyedHashBytes
const textAt = aadAt + aadBytesMax
/** The tag follows the text, as in a sealed message. */
const memoryBytes = textAt + textBytesMax + aeadTagBytes

/** Every call is synchronous, so no two messages are in this memory at once. It is one buffer, so it never moves. */
const makeMemory = (getRawPointer: ForeignFunctions["getRawPointer"]) => {
  const bytes = new Uint8Array(new ArrayBuffer(memoryBytes))
  const begin = getRawPointer(bytes)
  const address = (at: number): Address => begin + BigInt(at)
  return {
    bytes,
    key: address(keyAt),
    iv: address(ivAt),
    length: address(lengthAt),
    rest: address(restAt),
    hashState: address(hashStateAt),
    hashed: address(hashedAt),
    mac: address(macAt),
    aad: address(aadAt),
    text: address(textAt)
  }
}

interface Side {
  readonly openssl: Openssl
  readonly memory: ReturnType<typeof makeMemory>
}

/** The two objects of a cipher, one for each direction. Undefined if OpenSSL does not have it. */
const contextsOf = ({ openssl }: Side, cipherName: string) => {
  const cipher = openssl.EVP_CIPHER_fetch(nothing, cString(cipherName), nothing)
  const sealing = openssl.EVP_CIPHER_CTX_new()
  const opening = openssl.EVP_CIPHER_CTX_new()
  if ([cipher, sealing, opening].includes(nothing)) return undefined
  const isReady =
    openssl.EVP_EncryptInit_ex2(sealing, cipher, nothing, nothing, nothing) === 1 &&
    openssl.EVP_DecryptInit_ex2(opening, cipher, nothing, nothing, nothing) === 1
  return isReady ? { sealing, opening } : undefined
}

interface Input {
  readonly key: Uint8Array
  readonly iv: Uint8Array
  readonly aad: Uint8Array
}

const put = ({ bytes }: Side["memory"], { aad, iv, key }: Input, text: Uint8Array): void => {
  bytes.set(key, keyAt)
  bytes.set(iv, ivAt)
  bytes.set(aad, aadAt)
  bytes.set(text, textAt)
}

/** The text, and not the tag behind it, which is public. */
const wipe = ({ bytes }: Side["memory"], textBytes: number): void => {
  bytes.fill(0, keyAt, ivAt + aeadIvBytes)
  bytes.fill(0, textAt, textAt + textBytes)
}

/** The text in the memory becomes the ciphertext and its tag. */
const sealInPlace = ({ memory, openssl }: Side, context: Address, aadBytes: number, textBytes: number): boolean => {
  const { aad, iv, key, length, rest, text } = memory
  const textLength = BigInt(textBytes)
  const tag = text + textLength
  return (
    openssl.EVP_EncryptInit_ex2(context, nothing, key, iv, nothing) === 1 &&
    (aadBytes === 0 || openssl.EVP_EncryptUpdate(context, nothing, length, aad, BigInt(aadBytes)) === 1) &&
    (textBytes === 0 || openssl.EVP_EncryptUpdate(context, text, length, text, textLength) === 1) &&
    openssl.EVP_EncryptFinal_ex(context, rest, length) === 1 &&
    openssl.EVP_CIPHER_CTX_ctrl(context, getTag, tagLength, tag) === 1
  )
}

/** The ciphertext in the memory, before its tag, becomes the text. False if the tag does not match: then the text must not be used. */
const openInPlace = ({ memory, openssl }: Side, context: Address, aadBytes: number, textBytes: number): boolean => {
  const { aad, iv, key, length, rest, text } = memory
  const textLength = BigInt(textBytes)
  const tag = text + textLength
  return (
    openssl.EVP_DecryptInit_ex2(context, nothing, key, iv, nothing) === 1 &&
    openssl.EVP_CIPHER_CTX_ctrl(context, setTag, tagLength, tag) === 1 &&
    (aadBytes === 0 || openssl.EVP_DecryptUpdate(context, nothing, length, aad, BigInt(aadBytes)) === 1) &&
    (textBytes === 0 || openssl.EVP_DecryptUpdate(context, text, length, text, textLength) === 1) &&
    openssl.EVP_DecryptFinal_ex(context, rest, length) === 1
  )
}

/** `other` takes messages that do not fit into the memory, and refuses keys of another length. */
const galoisCounterMode = (side: Side, cipherName: string, keyBytes: number, other: Aead): Aead | undefined => {
  const contexts = contextsOf(side, cipherName)
  if (contexts === undefined) return undefined
  const { memory, openssl } = side
  const fits = ({ aad, key }: Input, textBytes: number): boolean =>
    key.length === keyBytes && aad.length <= aadBytesMax && textBytes >= 0 && textBytes <= textBytesMax
  return {
    seal: (request) => {
      requireIv(request.iv)
      const { aad, into, plaintext } = request
      const textBytes = plaintext.length
      if (!fits(request, textBytes)) return other.seal(request)
      try {
        put(memory, request, plaintext)
        if (!sealInPlace(side, contexts.sealing, aad.length, textBytes)) throw new Error("OpenSSL seals every message")
        into.set(memory.bytes.subarray(textAt, textAt + textBytes + aeadTagBytes))
      } finally {
        wipe(memory, textBytes)
      }
    },
    open: (request) => {
      requireIv(request.iv)
      const { aad, sealed } = request
      const textBytes = sealed.length - aeadTagBytes
      if (!fits(request, textBytes)) return other.open(request)
      try {
        put(memory, request, sealed)
        if (openInPlace(side, contexts.opening, aad.length, textBytes)) {
          return memory.bytes.slice(textAt, textAt + textBytes)
        }
        openssl.ERR_clear_error()
        return undefined
      } finally {
        wipe(memory, textBytes)
      }
    }
  }
}

type MakeKeyedHash = Primitives["keyedHash"]

/**
 * RFC 2104: the digest of the outer block with the digest of the inner block and the message. The key's blocks are
 * hashed once, and each message continues from a copy of these two states.
 */
const keyedHashes = ({ memory, openssl }: Side, other: MakeKeyedHash): MakeKeyedHash => {
  // These functions of OpenSSL are not part of its FIPS module.
  if (getFips() === 1) return other
  const { bytes, hashState, hashed, mac: digest } = memory

  const wipeHash = (): void => {
    bytes.fill(0, hashStateAt, aadAt)
  }

  const hashesMore = (part: Uint8Array): boolean => {
    bytes.set(part, hashedAt)
    return openssl.SHA512_Update(hashState, hashed, BigInt(part.length)) === 1
  }

  /** The state after these parts. It lies outside V8's heap, which may copy arrays, so that a wipe leaves nothing. */
  const stateAfter = (parts: ReadonlyArray<Uint8Array>): Uint8Array => {
    try {
      const isHashed = openssl.SHA512_Init(hashState) === 1 && parts.every(hashesMore)
      if (!isHashed) throw new Error("OpenSSL hashes every key")
      return offHeap(bytes.subarray(hashStateAt, hashedAt))
    } finally {
      wipeHash()
    }
  }

  /** Continues from `state` with a part that is in the memory at `at`. */
  const finish = (state: Uint8Array, at: Address, partBytes: bigint): boolean => {
    bytes.set(state, hashStateAt)
    return openssl.SHA512_Update(hashState, at, partBytes) === 1 && openssl.SHA512_Final(digest, hashState) === 1
  }

  return (options: KeyedHashOptions) => {
    const { key, label, messageBytes } = options
    requireHashKey(key)
    if (label.length > hashedBytesMax || messageBytes > hashedBytesMax) return other(options)
    const block = new Uint8Array(new ArrayBuffer(keyedHashBlockBytes))
    const padded = (pad: number): Uint8Array => {
      for (let i = 0; i < block.length; i++) block[i] = (key[i] ?? 0) ^ pad
      return block
    }
    const inner = stateAfter([padded(0x36), label])
    const outer = stateAfter([padded(0x5c)])
    block.fill(0)
    return {
      mac: (message) => {
        requireMessage(message, messageBytes)
        try {
          bytes.set(message, hashedAt)
          const isMade = finish(inner, hashed, BigInt(messageBytes)) && finish(outer, digest, BigInt(keyedHashBytes))
          // OpenSSL refuses the state of a wiped hash, because it has no length of the result.
          if (!isMade) throw new Error("a keyed hash must not be used after it is wiped")
          return bytes.slice(macAt, macAt + keyedHashBytes)
        } finally {
          wipeHash()
        }
      },
      wipe: () => {
        inner.fill(0)
        outer.fill(0)
      }
    }
  }
}

/** The primitives for which node:crypto makes an object for each message. */
export type Symmetric = Pick<Primitives, "aesGcm" | "sm4Gcm" | "keyedHash">

/** Undefined where OpenSSL cannot be called, or lacks one of them. `other` does what does not fit. */
export const openSymmetric = (other: Symmetric): Symmetric | undefined => {
  const found = openOpenssl(prototypes)
  if (found === undefined) return undefined
  const side = { openssl: found.openssl, memory: makeMemory(found.getRawPointer) }
  const aesGcm = galoisCounterMode(side, "AES-256-GCM", 32, other.aesGcm)
  const sm4Gcm = galoisCounterMode(side, "SM4-GCM", 16, other.sm4Gcm)
  const keyedHash = keyedHashes(side, other.keyedHash)
  return aesGcm === undefined || sm4Gcm === undefined ? undefined : { aesGcm, sm4Gcm, keyedHash }
}
