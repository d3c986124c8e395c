/** Finds out the real abilities of the token, by trials with temporary keys. */
import type { Handle, Mechanism } from "pkcs11js"
import { curves } from "../../asymmetric/curves.ts"
import { derOid } from "../../asymmetric/der.ts"
import { aeadIvBytes, aeadTagBytes } from "../../primitives.ts"
import type { OaepHash } from "../../primitives.ts"
import { pkcs11js } from "../token/pkcs11.ts"
import type { Abilities, TokenPairSpec, TokenSecretSpec, TokenWrapping } from "../protocol.ts"
import { secretKind } from "../objects/secretKinds.ts"
import type { SecretKind } from "../objects/secretKinds.ts"
import type { Token } from "../token/token.ts"
import { unwrapsWhole } from "../objects/unwrapping.ts"
import { oaepWrappings, openOaep, rsaPublicKey } from "../objects/pairs.ts"
import { probeSm2, probeSm4 } from "./vendorMechanisms.ts"
import { generateSecret, opensCheck } from "../objects/secrets.ts"
import { passing, sealedFor, trialSecret, works } from "../objects/trials.ts"

const plain = (mechanism: number): Mechanism => ({ mechanism })

const iv = new Uint8Array(aeadIvBytes).fill(1)
const aad = new TextEncoder().encode("probe")

/** A changed tag must be refused, with any of the possible errors. */
const refusesChanged = (token: Token, key: Handle, { gcm }: SecretKind, sealed: Buffer): boolean => {
  const changed = Buffer.from(sealed)
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
  return !works(token, () => {
    token.pkcs11.C_DecryptInit(token.session(), gcm(iv, aad), key)
    token.pkcs11.C_Decrypt(token.session(), changed, Buffer.alloc(sealed.length))
    return true
  })
}

const sealsWith = (token: Token, spec: TokenSecretSpec): boolean => {
  const { pkcs11 } = token
  const kind = secretKind(token.mechanisms, spec)
  const key = generateSecret(token, token.lastingSession(), kind, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY },
    { type: pkcs11js.CKA_KEY_TYPE, value: kind.keyType },
    ...passing,
    { type: pkcs11js.CKA_ENCRYPT, value: true },
    { type: pkcs11js.CKA_DECRYPT, value: true }
  ])
  pkcs11.C_EncryptInit(token.session(), kind.gcm(iv, aad), key)
  const sealed = Buffer.from(pkcs11.C_Encrypt(token.session(), Buffer.alloc(16), Buffer.alloc(48)))
  pkcs11.C_DecryptInit(token.session(), kind.gcm(iv, aad), key)
  const opened = pkcs11.C_Decrypt(token.session(), sealed, Buffer.alloc(48))
  // A token that adds its own IV returns more bytes.
  const isOfOurs = sealed.length === 16 + aeadTagBytes
  const isWell = isOfOurs && opened.equals(Buffer.alloc(16)) && opensCheck(token, { key, kind })
  const isTold = isWell && refusesChanged(token, key, kind, sealed)
  pkcs11.C_DestroyObject(token.lastingSession(), key)
  return isTold
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
  /** DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
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
  return { privateKey, publicKey: rsaPublicKey(token, publicKey, 2048) }
}

const unwraps = (token: Token, pair: ProbePair, spec: TokenSecretSpec, algorithm: TokenWrapping): boolean => {
  const kind = secretKind(token.mechanisms, spec)
  const wrapped = sealedFor(pair.publicKey, algorithm, trialSecret(kind.bytes))
  return unwrapsWhole(token, { kind, wrappingKey: pair.privateKey, algorithm, wrapped })
}

const opensOaep = (token: Token, { privateKey, publicKey }: ProbePair, hash: OaepHash): Abilities["oaep"][OaepHash] => {
  const secret = trialSecret(32)
  const sealed = sealedFor(publicKey, oaepWrappings[hash], secret)
  const by = (["token", "raw"] as const).find((by) =>
    works(token, () => secret.equals(openOaep(token, privateKey, { scheme: "OAEP", hash, by }, sealed)))
  )
  return by ?? "none"
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
  const sm2 = probeSm2(token)
  const sm4 = probeSm4(token, () => sealsWith(token, "Aliyun_SM4"))
  const pairs: ReadonlyArray<TokenPairSpec> = [
    ...(rsaBitsMax >= 2048 ? (["RSA_2048"] as const) : []),
    ...(rsaBitsMax >= 3072 ? (["RSA_3072"] as const) : []),
    ...curveSpecs.filter((spec) => works(token, () => makesCurve(token, spec))),
    ...(sm2.found === undefined ? [] : (["EC_SM2"] as const))
  ]
  const secrets: ReadonlyArray<TokenSecretSpec> = [
    ...(works(token, () => sealsWith(token, "Aliyun_AES_256")) ? (["Aliyun_AES_256"] as const) : []),
    ...(sm4.found === undefined ? [] : (["Aliyun_SM4"] as const))
  ]
  const wrappingsOf = (spec: TokenSecretSpec): ReadonlyArray<TokenWrapping> =>
    pair === undefined || !secrets.includes(spec)
      ? []
      : wrappings.filter((algorithm) => works(token, () => unwraps(token, pair, spec, algorithm)))
  return {
    secrets,
    pairs,
    oaep: {
      sha1: pair === undefined ? "none" : opensOaep(token, pair, "sha1"),
      sha256: pair === undefined ? "none" : opensOaep(token, pair, "sha256")
    },
    sm2Form: sm2.found,
    wrappings: { Aliyun_AES_256: wrappingsOf("Aliyun_AES_256"), Aliyun_SM4: wrappingsOf("Aliyun_SM4") },
    lacking: [...sm2.lacking, ...sm4.lacking],
    model: token.model()
  }
}
