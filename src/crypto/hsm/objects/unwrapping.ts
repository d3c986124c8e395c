/** Import of wrapped material: it is unwrapped only inside the token. */
import type { Handle, Mechanism, Template } from "pkcs11js"
import { isReturnValue, TokenError } from "../failures.ts"
import { pkcs11js } from "../token/pkcs11.ts"
import type { Asks, TokenWrapping } from "../protocol.ts"
import { bufferOf, secretKind } from "./secretKinds.ts"
import type { SecretKind } from "./secretKinds.ts"
import type { Token } from "../token/token.ts"
import { destroy, judging, making, secretTemplate, valueBytesOf } from "./objects.ts"
import { oaep, rsaPublicKey } from "./pairs.ts"
import { checkSecret } from "./secrets.ts"
import { sealedFor, trialSecret } from "./trials.ts"

const unwrapMechanisms: Readonly<Record<TokenWrapping, Mechanism>> = {
  RSAES_PKCS1_V1_5: { mechanism: pkcs11js.CKM_RSA_PKCS },
  RSAES_OAEP_SHA_1: oaep("sha1"),
  RSAES_OAEP_SHA_256: oaep("sha256")
}

interface Unwrapping {
  /** The kind of the material. */
  readonly kind: SecretKind
  readonly wrappingKey: Handle
  readonly algorithm: TokenWrapping
  readonly wrapped: Buffer
}

const unwrapAs = (token: Token, { wrappingKey, algorithm, wrapped }: Unwrapping, template: Template): Handle =>
  token.pkcs11.C_UnwrapKey(token.session(), unwrapMechanisms[algorithm], wrappingKey, wrapped, template)

const passingKey = (keyType: number, uses: Template): Template => [
  { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY },
  { type: pkcs11js.CKA_KEY_TYPE, value: keyType },
  { type: pkcs11js.CKA_TOKEN, value: false },
  { type: pkcs11js.CKA_SENSITIVE, value: true },
  ...uses
]

const wrappingBytes = 32
/** The modulus of the wrapping pairs. */
const wrappingBits = 2048
/** RFC 3394 adds eight bytes to what it wraps. */
const keyWrapBytes = 8

/**
 * Measures the length of material: wraps a temporary copy of it under a temporary key. Neither leaves the token; only
 * the length of the result is read. SoftHSM accepts AES keys of any length and does not report it.
 */
const measuredBytes = (token: Token, unwrapping: Unwrapping): number => {
  const { pkcs11 } = token
  const under = pkcs11.C_GenerateKey(
    token.session(),
    { mechanism: pkcs11js.CKM_AES_KEY_GEN },
    passingKey(pkcs11js.CKK_AES, [
      { type: pkcs11js.CKA_EXTRACTABLE, value: false },
      { type: pkcs11js.CKA_WRAP, value: true },
      { type: pkcs11js.CKA_VALUE_LEN, value: wrappingBytes }
    ])
  )
  const extractable: Template = [{ type: pkcs11js.CKA_EXTRACTABLE, value: true }]
  const copy = unwrapAs(token, unwrapping, passingKey(unwrapping.kind.keyType, extractable))
  const most = Buffer.alloc(unwrapping.wrapped.length + keyWrapBytes)
  try {
    const mechanism = { mechanism: pkcs11js.CKM_AES_KEY_WRAP }
    return byLength(() => pkcs11.C_WrapKey(token.session(), mechanism, under, copy, most)).length - keyWrapBytes
  } finally {
    for (const key of [copy, under]) pkcs11.C_DestroyObject(token.session(), key)
  }
}

/** The errors for a key of an unusable length; the mechanism itself was tried when the token was connected. */
const ofLength = ["CKR_MECHANISM_INVALID", "CKR_KEY_SIZE_RANGE", "CKR_KEY_NOT_WRAPPABLE", "CKR_DATA_LEN_RANGE"] as const

const byLength = <A>(use: () => A): A => {
  try {
    return use()
  } catch (error) {
    if (!ofLength.some((name) => isReturnValue(error, name))) throw error
    throw new TokenError("Rejected", "material of another length")
  }
}

/** The length of the material that was unwrapped to `key`. */
const unwrappedBytes = (token: Token, unwrapping: Unwrapping, key: Handle): number => {
  const said = valueBytesOf(token, key)
  return said === 0 ? measuredBytes(token, unwrapping) : said
}

/** Unwraps material of the right length, and verifies its length. */
export const unwrapsWhole = (token: Token, unwrapping: Unwrapping): boolean => {
  const { bytes, keyType } = unwrapping.kind
  const key = unwrapAs(token, unwrapping, passingKey(keyType, [{ type: pkcs11js.CKA_EXTRACTABLE, value: false }]))
  const isWhole = unwrappedBytes(token, unwrapping, key) === bytes
  token.pkcs11.C_DestroyObject(token.session(), key)
  return isWhole
}

/** A key of the wrong length is destroyed before the call returns: `making` removes the object of a failed call. */
export const unwrap = (token: Token, { name, spec, wrapping, algorithm, wrapped }: Asks<"unwrap">): Uint8Array => {
  if (wrapped.length === 0) throw new TokenError("Rejected", "the input is empty")
  return making(token, name, () => {
    const wrappingKey = token.find(wrapping, "private")
    const kind = secretKind(token.mechanisms, spec)
    const unwrapping = { kind, wrappingKey, algorithm, wrapped: bufferOf(wrapped) }
    const isWell = (): boolean => {
      const spki = rsaPublicKey(token, token.find(wrapping, "public"), wrappingBits)
      return unwrapsWhole(token, { ...unwrapping, wrapped: sealedFor(spki, algorithm, trialSecret(kind.bytes)) })
    }
    const unwrapToKeep = (): number => {
      // The call is tried twice. The object of the first try must not remain beside that of the second.
      destroy(token, name)
      return unwrappedBytes(token, unwrapping, unwrapAs(token, unwrapping, secretTemplate(name, kind.keyType)))
    }
    const bytes = judging(token, wrappingKey, unwrapToKeep, isWell)
    if (bytes !== kind.bytes) throw new TokenError("Rejected", "material of another length")
    // Wrapping rounds up to eight bytes; AES accepts no key of 25 to 31 bytes.
    return byLength(() => checkSecret(token, { name, spec }))
  })
}
