/** Secret keys of a token: generating, distinguishing, sealing and opening. */
import type { Handle, Mechanism, Template } from "pkcs11js"
import { aeadTagBytes } from "../../primitives.ts"
import { isReturnValue, TokenError } from "../failures.ts"
import { pkcs11js } from "../token/pkcs11.ts"
import type { Answers, Asks } from "../protocol.ts"
import { bufferOf, secretKind } from "./secretKinds.ts"
import type { SecretKind } from "./secretKinds.ts"
import type { Token } from "../token/token.ts"
import { assertGuarded, judging, making, secretTemplate, valueBytesOf } from "./objects.ts"

/**
 * The block of the check value. It is not zero, because its encryption would be the hash key of GCM. A random IV begins
 * like this only by chance.
 */
const checkBlock = Buffer.from("keystate check 1")

/** A copy with a separate buffer: a message to another thread includes the whole buffer. */
export const alone = (bytes: Uint8Array): Uint8Array => {
  const copy = new Uint8Array(bytes)
  bytes.fill(0)
  return copy
}

interface Kept {
  readonly key: Handle
  readonly kind: SecretKind
}

const kept = (token: Token, { name, spec }: Asks<"checkSecret">): Kept => ({
  key: token.find(name, "secret"),
  kind: secretKind(token.mechanisms, spec)
})

const checkOf = (token: Token, { key, kind }: Kept): Buffer => {
  token.pkcs11.C_EncryptInit(token.session(), kind.check, key)
  return token.pkcs11.C_Encrypt(token.session(), checkBlock, Buffer.alloc(2 * kind.checkBytes))
}

/** Whether the token opens a block that it sealed with this key. */
export const opensCheck = (token: Token, { key, kind }: Kept): boolean => {
  const block = Buffer.from(checkOf(token, { key, kind }))
  token.pkcs11.C_DecryptInit(token.session(), kind.check, key)
  return token.pkcs11.C_Decrypt(token.session(), block, Buffer.alloc(2 * kind.checkBytes)).equals(checkBlock)
}

export const checkSecret = (token: Token, asks: Asks<"checkSecret">): Uint8Array => {
  const { key, kind } = kept(token, asks)
  assertGuarded(token, key)
  const block = checkOf(token, { key, kind })
  if (block.length !== kind.checkBytes) throw new TokenError("Unreachable", "a block of another length")
  return alone(block)
}

/** How a token refuses an explicit length for keys of one length; some tokens require the length. */
const ofLengthGiven = [
  "CKR_TEMPLATE_INCONSISTENT",
  "CKR_ATTRIBUTE_TYPE_INVALID",
  "CKR_ATTRIBUTE_VALUE_INVALID"
] as const

export const generateSecret = (token: Token, session: Handle, kind: SecretKind, template: Template): Handle => {
  const mechanism: Mechanism = { mechanism: kind.generation }
  const generate = (more: Template): Handle => token.pkcs11.C_GenerateKey(session, mechanism, [...template, ...more])
  try {
    return generate([{ type: pkcs11js.CKA_VALUE_LEN, value: kind.bytes }])
  } catch (error) {
    if (!kind.isOfOneLength || !ofLengthGiven.some((name) => isReturnValue(error, name))) throw error
    return generate([])
  }
}

export const makeSecret = (token: Token, { name, spec }: Asks<"makeSecret">): Uint8Array =>
  making(token, name, () => {
    const kind = secretKind(token.mechanisms, spec)
    generateSecret(token, token.session(), kind, secretTemplate(name, kind.keyType))
    const said = valueBytesOf(token, token.find(name, "secret"))
    if (said === kind.bytes || (said === 0 && kind.isOfOneLength)) return checkSecret(token, { name, spec })
    throw new TokenError("Unreachable", "a key of another length")
  })

const openWith = (token: Token, { name, spec, iv, aad, sealed }: Asks<"unseal">): Uint8Array => {
  const { key, kind } = kept(token, { name, spec })
  const plaintextBytes = sealed.length - aeadTagBytes
  if (plaintextBytes < 0) throw new TokenError("Rejected", "too short for a tag")
  const open = (): Uint8Array => {
    token.pkcs11.C_DecryptInit(token.session(), kind.gcm(iv, aad), key)
    const opened = token.pkcs11.C_Decrypt(token.session(), bufferOf(sealed), Buffer.alloc(sealed.length))
    if (opened.length !== plaintextBytes) throw new TokenError("Unreachable", "a plaintext of another length")
    return alone(opened)
  }
  return judging(token, key, open, () => opensCheck(token, { key, kind }))
}

export const unseal = openWith

export const seal = (token: Token, { name, spec, iv, aad, plaintext }: Asks<"seal">): Answers<"seal"> => {
  const { key, kind } = kept(token, { name, spec })
  token.pkcs11.C_EncryptInit(token.session(), kind.gcm(iv, aad), key)
  const most = Buffer.alloc(plaintext.length + aeadTagBytes)
  const sealed = new Uint8Array(token.pkcs11.C_Encrypt(token.session(), bufferOf(plaintext), most))
  if (sealed.length !== most.length) throw new TokenError("Unreachable", "a ciphertext of another length")
  const reopened = openWith(token, { name, spec, iv, aad, sealed })
  const isWhole = Buffer.compare(reopened, plaintext) === 0
  reopened.fill(0)
  plaintext.fill(0)
  if (!isWhole) throw new TokenError("Unreachable", "the token does not open its own ciphertext")
  return sealed
}
