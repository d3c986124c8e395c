/** The kinds of secret keys in a token: their mechanisms, and their check value. */
import type { AesGCM, Mechanism } from "pkcs11js"
import { aeadIvBytes, aeadTagBytes } from "../../primitives.ts"
import { TokenError } from "../failures.ts"
import { pkcs11js } from "../token/pkcs11.ts"
import { sm4Numbers } from "../mechanisms.ts"
import type { Mechanisms } from "../mechanisms.ts"
import type { TokenSecretSpec } from "../protocol.ts"

export interface SecretKind {
  readonly bytes: number
  readonly keyType: number
  readonly generation: number
  readonly gcm: (iv: Uint8Array, aad: Uint8Array) => Mechanism
  /** Encrypts the block of the check value. */
  readonly check: Mechanism
  readonly checkBytes: number
  /** Keys of this type have one length, which the token need not report. */
  readonly isOfOneLength: boolean
}

const blockBytes = 16

/** A buffer with a non-null address even if it is empty: SoftHSM refuses a null pointer of any length. */
export const bufferOf = (bytes: Uint8Array): Buffer =>
  bytes.length === 0 ? Buffer.alloc(1).subarray(0, 0) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Tokens accept any IV and tag length; this service uses only this one (SP 800-38D, sections 5.2.1.1 and 5.2.1.2). */
const gcmOf =
  (mechanism: number) =>
  (iv: Uint8Array, aad: Uint8Array): Mechanism => {
    if (iv.length !== aeadIvBytes) throw new RangeError(`an IV has ${aeadIvBytes} bytes, not ${iv.length}`)
    const parameter: AesGCM = {
      // The other parameter type of this binding leaves the IV's length in bits uninitialized.
      type: pkcs11js.CK_PARAMS_AES_GCM_v240,
      iv: bufferOf(iv),
      ivBits: aeadIvBytes * 8,
      aad: bufferOf(aad),
      tagBits: aeadTagBytes * 8
    }
    return { mechanism, parameter }
  }

const aes: SecretKind = {
  bytes: 32,
  keyType: pkcs11js.CKK_AES,
  generation: pkcs11js.CKM_AES_KEY_GEN,
  gcm: gcmOf(pkcs11js.CKM_AES_GCM),
  check: { mechanism: pkcs11js.CKM_AES_ECB },
  checkBytes: blockBytes,
  isOfOneLength: false
}

/**
 * All checks of a key use this IV. They encrypt the same block, so a second check reveals nothing new. A random IV
 * equals it only with the probability of any other value.
 */
const checkIv = new TextEncoder().encode("keystate chk")

const sm4 = (mechanisms: Mechanisms): SecretKind | undefined => {
  const numbers = sm4Numbers(mechanisms)
  if (numbers === undefined) return undefined
  const gcm = gcmOf(numbers.gcm)
  return {
    bytes: 16,
    keyType: numbers.keyType,
    generation: numbers.generation,
    gcm,
    check: gcm(checkIv, new Uint8Array(0)),
    checkBytes: blockBytes + aeadTagBytes,
    isOfOneLength: true
  }
}

const kinds: Readonly<Record<TokenSecretSpec, (mechanisms: Mechanisms) => SecretKind | undefined>> = {
  Aliyun_AES_256: () => aes,
  Aliyun_SM4: sm4
}

/** Fails if the mechanism numbers are missing. */
export const secretKind = (mechanisms: Mechanisms, spec: TokenSecretSpec): SecretKind => {
  const kind = kinds[spec](mechanisms)
  if (kind === undefined) throw new TokenError("Missing", `no numbers for keys of spec ${spec}`)
  return kind
}
