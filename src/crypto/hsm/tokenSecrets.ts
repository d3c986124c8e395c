/** AES keys of a token: made, told apart, sealed and opened with. */
import type { AesGCM, Handle, Mechanism } from "pkcs11js"
import { aeadIvBytes, aeadTagBytes } from "../primitives.ts"
import { TokenError } from "./failures.ts"
import { pkcs11js } from "./library.ts"
import type { Answers, Asks, ObjectName } from "./protocol.ts"
import type { Token } from "./token.ts"
import { assertGuarded, judging, making, secretTemplate, valueBytesOf } from "./tokenObjects.ts"

export const secretBytes = 32
const blockBytes = 16

/** Encrypted to tell keys apart. Not zeros: their cipher is the hash key of GCM. No IV begins like this but by chance. */
const checkBlock = Buffer.from("keystate check 1")

/** A buffer whose address is not null even if it is empty: SoftHSM refuses a null pointer whatever the length. */
export const bufferOf = (bytes: Uint8Array): Buffer =>
  bytes.length === 0 ? Buffer.alloc(1).subarray(0, 0) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Bytes that stand alone in their memory: what is posted to another thread takes its whole buffer along. */
export const alone = (bytes: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(bytes)
  bytes.fill(0)
  return copy
}

/** Tokens take any IV and any tag; this is the only shape there is here (SP 800-38D, sections 5.2.1.1 and 5.2.1.2). */
const gcm = (iv: Uint8Array, aad: Uint8Array): Mechanism => {
  if (iv.length !== aeadIvBytes) throw new RangeError(`an IV has ${aeadIvBytes} bytes, not ${iv.length}`)
  const parameter: AesGCM = {
    type: pkcs11js.CK_PARAMS_AES_GCM,
    iv: bufferOf(iv),
    ivBits: aeadIvBytes * 8,
    aad: bufferOf(aad),
    tagBits: aeadTagBytes * 8
  }
  return { mechanism: pkcs11js.CKM_AES_GCM, parameter }
}

const ecb: Mechanism = { mechanism: pkcs11js.CKM_AES_ECB }

const checkOf = (token: Token, key: Handle): Buffer => {
  token.pkcs11.C_EncryptInit(token.session(), ecb, key)
  return token.pkcs11.C_Encrypt(token.session(), checkBlock, Buffer.alloc(2 * blockBytes))
}

/** Whether the token opens with this key what it certainly made with it. */
const opensCheck = (token: Token, key: Handle): boolean => {
  const block = Buffer.from(checkOf(token, key))
  token.pkcs11.C_DecryptInit(token.session(), ecb, key)
  return token.pkcs11.C_Decrypt(token.session(), block, Buffer.alloc(2 * blockBytes)).equals(checkBlock)
}

export const checkSecret = (token: Token, name: ObjectName): Uint8Array => {
  const key = token.find(name, "secret")
  assertGuarded(token, key)
  const block = checkOf(token, key)
  if (block.length !== blockBytes) throw new TokenError("Unreachable", "a block of another length")
  return alone(block)
}

export const makeSecret = (token: Token, name: ObjectName): Uint8Array =>
  making(token, name, () => {
    token.pkcs11.C_GenerateKey(token.session(), { mechanism: pkcs11js.CKM_AES_KEY_GEN }, [
      ...secretTemplate(name),
      { type: pkcs11js.CKA_VALUE_LEN, value: secretBytes }
    ])
    if (valueBytesOf(token, token.find(name, "secret")) === secretBytes) return checkSecret(token, name)
    throw new TokenError("Unreachable", "a key of another length")
  })

const openWith = (token: Token, { name, iv, aad, sealed }: Asks<"unseal">): Uint8Array => {
  const key = token.find(name, "secret")
  const plaintextBytes = sealed.length - aeadTagBytes
  if (plaintextBytes < 0) throw new TokenError("Rejected", "too short for a tag")
  const open = (): Uint8Array => {
    token.pkcs11.C_DecryptInit(token.session(), gcm(iv, aad), key)
    const opened = token.pkcs11.C_Decrypt(token.session(), bufferOf(sealed), Buffer.alloc(sealed.length))
    if (opened.length !== plaintextBytes) throw new TokenError("Unreachable", "a plaintext of another length")
    return alone(opened)
  }
  return judging(token, key, open, () => opensCheck(token, key))
}

export const unseal = openWith

export const seal = (token: Token, { name, iv, aad, plaintext }: Asks<"seal">): Answers<"seal"> => {
  const key = token.find(name, "secret")
  token.pkcs11.C_EncryptInit(token.session(), gcm(iv, aad), key)
  const most = Buffer.alloc(plaintext.length + aeadTagBytes)
  const sealed = new Uint8Array(token.pkcs11.C_Encrypt(token.session(), bufferOf(plaintext), most))
  if (sealed.length !== most.length) throw new TokenError("Unreachable", "a ciphertext of another length")
  const reopened = openWith(token, { name, iv, aad, sealed })
  const isWhole = Buffer.compare(reopened, plaintext) === 0
  reopened.fill(0)
  plaintext.fill(0)
  if (!isWhole) throw new TokenError("Unreachable", "what the token sealed it does not open")
  return sealed
}
