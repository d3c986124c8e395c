/** What the token at hand really does: tried with keys that last no longer than the trial. */
import { constants, createPublicKey, publicEncrypt } from "node:crypto"
import type { KeyObject } from "node:crypto"
import type { Handle, Mechanism, Template } from "pkcs11js"
import { curves, numberOf } from "../asymmetric/curves.ts"
import { derOid } from "../asymmetric/der.ts"
import { unpadOaep } from "../asymmetric/rsaPadding.ts"
import { encodeRsaPublicKey } from "../asymmetric/spki.ts"
import type { OaepHash } from "../primitives.ts"
import { pkcs11js } from "./library.ts"
import type { Abilities, TokenPairSpec, TokenWrapping } from "./protocol.ts"
import type { Token } from "./token.ts"
import { attributeOf } from "./tokenObjects.ts"
import { unwrapsWhole } from "./tokenImports.ts"
import { oaep } from "./tokenPairs.ts"

const passing: Template = [
  { type: pkcs11js.CKA_TOKEN, value: false },
  { type: pkcs11js.CKA_SENSITIVE, value: true },
  { type: pkcs11js.CKA_EXTRACTABLE, value: false }
]

const plain = (mechanism: number): Mechanism => ({ mechanism })

/** Whether it works; whatever it was that did not, the next trial begins with a session of its own. */
const works = (token: Token, trial: () => boolean): boolean => {
  try {
    return trial()
  } catch {
    token.renewSession()
    return false
  }
}

const aesKey: Template = [
  { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY },
  { type: pkcs11js.CKA_KEY_TYPE, value: pkcs11js.CKK_AES },
  ...passing
]

const sealsWith = (token: Token): boolean => {
  const { pkcs11 } = token
  const template = [
    ...aesKey,
    { type: pkcs11js.CKA_VALUE_LEN, value: 32 },
    { type: pkcs11js.CKA_ENCRYPT, value: true },
    { type: pkcs11js.CKA_DECRYPT, value: true }
  ]
  const key = pkcs11.C_GenerateKey(token.lastingSession(), plain(pkcs11js.CKM_AES_KEY_GEN), template)
  const parameter = {
    type: pkcs11js.CK_PARAMS_AES_GCM,
    iv: Buffer.alloc(12, 1),
    ivBits: 96,
    aad: Buffer.from("probe"),
    tagBits: 128
  }
  for (const mechanism of [{ mechanism: pkcs11js.CKM_AES_GCM, parameter }, plain(pkcs11js.CKM_AES_ECB)]) {
    pkcs11.C_EncryptInit(token.session(), mechanism, key)
    const sealed = pkcs11.C_Encrypt(token.session(), Buffer.alloc(16), Buffer.alloc(48))
    pkcs11.C_DecryptInit(token.session(), mechanism, key)
    const opened = pkcs11.C_Decrypt(token.session(), sealed, Buffer.alloc(48))
    if (!opened.equals(Buffer.alloc(16))) return false
  }
  pkcs11.C_DestroyObject(token.lastingSession(), key)
  return true
}

const makesCurve = (token: Token, spec: "EC_P256" | "EC_P256K"): boolean => {
  const pair = token.pkcs11.C_GenerateKeyPair(
    token.lastingSession(),
    plain(pkcs11js.CKM_EC_KEY_PAIR_GEN),
    [
      { type: pkcs11js.CKA_TOKEN, value: false },
      { type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(derOid(curves[spec].oid)) },
      { type: pkcs11js.CKA_VERIFY, value: true }
    ],
    [...passing, { type: pkcs11js.CKA_SIGN, value: true }]
  )
  token.pkcs11.C_SignInit(token.session(), plain(pkcs11js.CKM_ECDSA), pair.privateKey)
  const signature = token.pkcs11.C_Sign(token.session(), Buffer.alloc(32, 1), Buffer.alloc(128))
  for (const half of [pair.privateKey, pair.publicKey]) token.pkcs11.C_DestroyObject(token.lastingSession(), half)
  return signature.length === 64
}

interface ProbePair {
  readonly privateKey: Handle
  readonly publicKey: KeyObject
}

const makeRsa = (token: Token): ProbePair => {
  const { publicKey, privateKey } = token.pkcs11.C_GenerateKeyPair(
    token.lastingSession(),
    plain(pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN),
    [
      { type: pkcs11js.CKA_TOKEN, value: false },
      { type: pkcs11js.CKA_MODULUS_BITS, value: 2048 },
      { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) }
    ],
    [
      ...passing,
      { type: pkcs11js.CKA_SIGN, value: true },
      { type: pkcs11js.CKA_DECRYPT, value: true },
      { type: pkcs11js.CKA_UNWRAP, value: true }
    ]
  )
  const spki = encodeRsaPublicKey({
    modulus: numberOf(attributeOf(token, publicKey, pkcs11js.CKA_MODULUS)),
    publicExponent: numberOf(attributeOf(token, publicKey, pkcs11js.CKA_PUBLIC_EXPONENT))
  })
  return { privateKey, publicKey: createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }) }
}

const secret = Buffer.alloc(32, 0x5a)

const sealedFor = ({ publicKey: key }: ProbePair, how: TokenWrapping): Buffer => {
  if (how === "RSAES_PKCS1_V1_5") return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, secret)
  const oaepHash = how === "RSAES_OAEP_SHA_1" ? "sha1" : "sha256"
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, secret)
}

const unwraps = (token: Token, pair: ProbePair, algorithm: TokenWrapping): boolean =>
  unwrapsWhole(token, { wrappingKey: pair.privateKey, algorithm, wrapped: sealedFor(pair, algorithm) })

const opensOaep = (token: Token, pair: ProbePair, hash: OaepHash): Abilities["oaep"][OaepHash] => {
  const sealed = sealedFor(pair, hash === "sha1" ? "RSAES_OAEP_SHA_1" : "RSAES_OAEP_SHA_256")
  const opened = (mechanism: Mechanism): Buffer => {
    token.pkcs11.C_DecryptInit(token.session(), mechanism, pair.privateKey)
    return token.pkcs11.C_Decrypt(token.session(), sealed, Buffer.alloc(256))
  }
  if (works(token, () => opened(oaep(hash)).equals(secret))) return "token"
  const raw = (): boolean => {
    const block = new Uint8Array(256)
    const bare = opened(plain(pkcs11js.CKM_RSA_X_509))
    block.set(bare, block.length - bare.length)
    return secret.equals(unpadOaep(block, hash) ?? Buffer.alloc(0))
  }
  return works(token, raw) ? "raw" : "none"
}

const signsRsa = (token: Token): boolean =>
  [pkcs11js.CKM_RSA_PKCS, pkcs11js.CKM_RSA_PKCS_PSS].every((mechanism) => token.keySizeMax(mechanism) > 0)

const wrappings: ReadonlyArray<TokenWrapping> = ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
const curveSpecs = ["EC_P256", "EC_P256K"] as const

export const probe = (token: Token): Abilities => {
  let rsa: ProbePair | undefined
  const hasRsa = works(token, () => {
    rsa = makeRsa(token)
    return signsRsa(token)
  })
  const pair = hasRsa ? rsa : undefined
  const rsaBitsMax = pair === undefined ? 0 : token.keySizeMax(pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN)
  const pairs: ReadonlyArray<TokenPairSpec> = [
    ...(rsaBitsMax >= 2048 ? (["RSA_2048"] as const) : []),
    ...(rsaBitsMax >= 3072 ? (["RSA_3072"] as const) : []),
    ...curveSpecs.filter((spec) => works(token, () => makesCurve(token, spec)))
  ]
  return {
    secrets: works(token, () => sealsWith(token)),
    pairs,
    oaep: {
      sha1: pair === undefined ? "none" : opensOaep(token, pair, "sha1"),
      sha256: pair === undefined ? "none" : opensOaep(token, pair, "sha256")
    },
    wrappings:
      pair === undefined ? [] : wrappings.filter((algorithm) => works(token, () => unwraps(token, pair, algorithm))),
    model: token.model()
  }
}
