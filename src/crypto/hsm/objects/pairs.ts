/** Pairs of a token: generating them, reading the public half, signing and decrypting. */
import type { Handle, Mechanism, RsaOAEP, RsaPSS } from "pkcs11js"
import { digestBytes } from "../../../domain/algorithms.ts"
import { curves, numberOf, pointBytes, pointOf } from "../../asymmetric/curves.ts"
import type { CurvePoint, CurveSpec } from "../../asymmetric/curves.ts"
import { parseDer } from "../../asymmetric/der.ts"
import { digestInfoOf, saltBytes, unpadOaep } from "../../asymmetric/rsaPadding.ts"
import { isSoundPublicKey } from "../../asymmetric/rsaKeys.ts"
import { encodeEcPublicKey, encodeRsaPublicKey, parseEcPublicKey } from "../../asymmetric/spki.ts"
import type { OaepHash } from "../../primitives.ts"
import { TokenError } from "../failures.ts"
import type { Mechanisms } from "../mechanisms.ts"
import { pkcs11js } from "../token/pkcs11.ts"
import { pairKind, requireSm2 } from "./pairKinds.ts"
import type { Asks, Decryption, ObjectName, TokenSignature } from "../protocol.ts"
import { isRsaSpec, rsaBits } from "../../asymmetric/pairKind.ts"
import { bufferOf } from "./secretKinds.ts"
import { sm2CiphertextIn, sm2Trial, sm2TrialText } from "../sm2Forms.ts"
import type { Sm2Form } from "../sm2Forms.ts"
import type { Token } from "../token/token.ts"
import { assertGuarded, attributeOf, judging, making, privateTemplate, publicTemplate } from "./objects.ts"
import { alone } from "./secrets.ts"
import { sealedFor, trialSecret } from "./trials.ts"

export const rsaPublicKey = (token: Token, key: Handle, bits: number): Uint8Array => {
  const numbers = {
    modulus: numberOf(attributeOf(token, key, pkcs11js.CKA_MODULUS)),
    publicExponent: numberOf(attributeOf(token, key, pkcs11js.CKA_PUBLIC_EXPONENT))
  }
  if (!isSoundPublicKey(numbers, bits)) throw new TokenError("Missing", "a public key of another kind")
  return encodeRsaPublicKey(numbers)
}

const uncompressed = 0x04

/**
 * The point is inside an octet string (PKCS#11 2.40, section 2.3.3), which older tokens leave out. Some tokens with SM2
 * also leave out the byte that marks an uncompressed point.
 */
const ecPublicKey = (token: Token, key: Handle, spec: CurveSpec): Uint8Array => {
  const kept = new Uint8Array(attributeOf(token, key, pkcs11js.CKA_EC_POINT))
  const point = parseDer(kept, (der) => der.octets()) ?? kept
  const spki = encodeEcPublicKey(spec, point.length === pointBytes - 1 ? Uint8Array.of(uncompressed, ...point) : point)
  if (parseEcPublicKey(spec, spki) === undefined) throw new TokenError("Missing", "a public key of another kind")
  return spki
}

export const sm2PointOf = (token: Token, key: Handle): CurvePoint => {
  const point = pointOf(curves.EC_SM2, ecPublicKey(token, key, "EC_SM2").slice(-pointBytes))
  if (point === undefined) throw new TokenError("Missing", "a public key of another kind")
  return point
}

/** The private half must also exist, with its guarding attributes. */
export const publicKey = (token: Token, { name, spec }: Asks<"publicKey">): Uint8Array => {
  assertGuarded(token, token.find(name, "private"))
  const key = token.find(name, "public")
  return isRsaSpec(spec) ? rsaPublicKey(token, key, rsaBits[spec]) : ecPublicKey(token, key, spec)
}

export const makePair = (token: Token, { name, spec, unwraps }: Asks<"makePair">): Uint8Array =>
  making(token, name, () => {
    const kind = pairKind(token.mechanisms, spec)
    const uses = { signs: !unwraps, decrypts: !unwraps && kind.decrypts, unwraps }
    token.pkcs11.C_GenerateKeyPair(
      token.session(),
      { mechanism: kind.generation },
      [...publicTemplate(name, uses), ...kind.ofPublic],
      [...privateTemplate(name, uses), ...kind.ofPrivate]
    )
    return publicKey(token, { name, spec })
  })

const pss: RsaPSS = {
  type: pkcs11js.CK_PARAMS_RSA_PSS,
  hashAlg: pkcs11js.CKM_SHA256,
  mgf: pkcs11js.CKG_MGF1_SHA256,
  saltLen: saltBytes
}

interface Signing {
  readonly mechanism: Mechanism
  readonly input: (digest: Uint8Array) => Uint8Array
}

const asItIs = (digest: Uint8Array): Uint8Array => digest

const signings: Readonly<Record<TokenSignature, (mechanisms: Mechanisms) => Signing>> = {
  RSA_PSS_SHA_256: () => ({ mechanism: { mechanism: pkcs11js.CKM_RSA_PKCS_PSS, parameter: pss }, input: asItIs }),
  RSA_PKCS1_SHA_256: () => ({ mechanism: { mechanism: pkcs11js.CKM_RSA_PKCS }, input: digestInfoOf }),
  ECDSA_SHA_256: () => ({ mechanism: { mechanism: pkcs11js.CKM_ECDSA }, input: asItIs }),
  SM2DSA: (mechanisms) => ({ mechanism: { mechanism: requireSm2(mechanisms).signing }, input: asItIs })
}

const signatureBytesMax = 512

/** Signatures are verified. This process does it where that is cheap; for ECDSA the token does it. */
export const sign = (token: Token, { name, algorithm, digest }: Asks<"sign">): Uint8Array => {
  if (digest.length !== digestBytes) throw new TokenError("Rejected", "a digest of another length")
  const { mechanism, input } = signings[algorithm](token.mechanisms)
  const data = bufferOf(input(digest))
  token.pkcs11.C_SignInit(token.session(), mechanism, token.find(name, "private"))
  const signature = token.pkcs11.C_Sign(token.session(), data, Buffer.alloc(signatureBytesMax))
  if (algorithm === "ECDSA_SHA_256") verify(token, { name, data, signature, mechanism })
  return new Uint8Array(signature)
}

const verify = (
  token: Token,
  made: { readonly name: ObjectName; readonly data: Buffer; readonly signature: Buffer; readonly mechanism: Mechanism }
): void => {
  token.pkcs11.C_VerifyInit(token.session(), made.mechanism, token.find(made.name, "public"))
  if (token.pkcs11.C_Verify(token.session(), made.data, made.signature)) return
  throw new TokenError("Unreachable", "the signature of the token does not verify")
}

/** CKZ_DATA_SPECIFIED; no label is given with it. */
const source = 1
const type = pkcs11js.CK_PARAMS_RSA_OAEP

const oaepParameters: Readonly<Record<OaepHash, RsaOAEP>> = {
  sha1: { type, source, hashAlg: pkcs11js.CKM_SHA_1, mgf: pkcs11js.CKG_MGF1_SHA1 },
  sha256: { type, source, hashAlg: pkcs11js.CKM_SHA256, mgf: pkcs11js.CKG_MGF1_SHA256 }
}

export const oaep = (hash: OaepHash): Mechanism => ({
  mechanism: pkcs11js.CKM_RSA_PKCS_OAEP,
  parameter: oaepParameters[hash]
})

const bareRsa: Mechanism = { mechanism: pkcs11js.CKM_RSA_X_509 }

/** Some tokens drop leading zeros of a raw RSA result. */
const filled = (block: Buffer, length: number): Uint8Array => {
  const whole = new Uint8Array(length)
  whole.set(block, length - block.length)
  block.fill(0)
  return whole
}

/** Decrypts with a private key of SM2. */
export const openSm2 = (token: Token, key: Handle, form: Sm2Form, ciphertext: Uint8Array): Uint8Array => {
  const given = sm2CiphertextIn(form, ciphertext)
  if (given === undefined) throw new TokenError("Rejected", "the input is wrong")
  token.pkcs11.C_DecryptInit(token.session(), { mechanism: requireSm2(token.mechanisms).encryption }, key)
  return alone(token.pkcs11.C_Decrypt(token.session(), bufferOf(given), Buffer.alloc(given.length)))
}

/** Whether the token decrypts a known ciphertext with this key. */
export const opensSm2Trial = (
  token: Token,
  { privateKey, publicKey: half }: { readonly privateKey: Handle; readonly publicKey: Handle },
  form: Sm2Form
): boolean => Buffer.compare(openSm2(token, privateKey, form, sm2Trial(sm2PointOf(token, half))), sm2TrialText) === 0

interface Decrypting {
  readonly name: ObjectName
  readonly ciphertext: Uint8Array
}

const decryptSm2 = (token: Token, { name, ciphertext }: Decrypting, form: Sm2Form): Uint8Array => {
  const privateKey = token.find(name, "private")
  const isWell = (): boolean => opensSm2Trial(token, { privateKey, publicKey: token.find(name, "public") }, form)
  return judging(token, privateKey, () => openSm2(token, privateKey, form, ciphertext), isWell)
}

type Oaep = Decryption & { readonly scheme: "OAEP" }

/** The names of the OAEP wrappings for the encrypting side. */
export const oaepWrappings = { sha1: "RSAES_OAEP_SHA_1", sha256: "RSAES_OAEP_SHA_256" } as const

/** Decrypts with a private key of RSA. */
export const openOaep = (token: Token, key: Handle, { hash, by }: Oaep, ciphertext: Uint8Array): Uint8Array => {
  token.pkcs11.C_DecryptInit(token.session(), by === "token" ? oaep(hash) : bareRsa, key)
  const opened = token.pkcs11.C_Decrypt(token.session(), bufferOf(ciphertext), Buffer.alloc(ciphertext.length))
  if (by === "token") return alone(opened)
  const block = filled(opened, ciphertext.length)
  const plaintext = unpadOaep(block, hash)
  block.fill(0)
  if (plaintext === undefined) throw new TokenError("Rejected", "the input is wrong")
  return plaintext
}

const decryptOaep = (token: Token, { name, ciphertext }: Decrypting, how: Oaep): Uint8Array => {
  const key = token.find(name, "private")
  const modulusBytes = attributeOf(token, key, pkcs11js.CKA_MODULUS).length
  if (ciphertext.length !== modulusBytes) throw new TokenError("Rejected", "a ciphertext of another length")
  const isWell = (): boolean => {
    const secret = trialSecret(digestBytes)
    const spki = rsaPublicKey(token, token.find(name, "public"), modulusBytes * 8)
    return secret.equals(openOaep(token, key, how, sealedFor(spki, oaepWrappings[how.hash], secret)))
  }
  return judging(token, key, () => openOaep(token, key, how, ciphertext), isWell)
}

export const decrypt = (token: Token, { how, ...asks }: Asks<"decrypt">): Uint8Array =>
  how.scheme === "SM2" ? decryptSm2(token, asks, how.form) : decryptOaep(token, asks, how)
