/** Known answers on the three curves: ECDSA from RFC 6979, SM2 from the annexes of its standard. */
import { hexToBytes } from "@noble/curves/utils.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { utf8ToBytes } from "@noble/hashes/utils.js"
import { curves, numberOf, pointOf } from "../asymmetric/curves.ts"
import type { CurveSpec } from "../asymmetric/curves.ts"
import { encodeEcPrivateKey } from "../asymmetric/pkcs8.ts"
import { encryptUnderNonceUnsafe, signUnderNonceUnsafe, sm2Digest, sm2PrivateKey } from "../asymmetric/sm2.ts"
import { encodeEcPublicKey } from "../asymmetric/spki.ts"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { Primitives, SigningKey, VerifyingKey } from "../primitives.ts"
import { same, spoiled } from "./compare.ts"

interface EcdsaAnswer {
  readonly spec: "EC_P256" | "EC_P256K"
  readonly scalar: Uint8Array
  readonly point: Uint8Array
  readonly digest: Uint8Array
  readonly signature: Uint8Array
}

const ecdsa: ReadonlyArray<EcdsaAnswer> = [
  // RFC 6979, section A.2.5
  {
    spec: "EC_P256",
    scalar: hexToBytes("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"),
    point: hexToBytes(
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc" +
        "64f2f1b20c2d7e9f5177a3c294d4462299"
    ),
    digest: sha256(utf8ToBytes("sample")),
    signature: hexToBytes(
      "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716022100f7cb1c942d657c41" +
        "d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
    )
  },
  // The private key 2; its lower s
  {
    spec: "EC_P256K",
    scalar: hexToBytes("0000000000000000000000000000000000000000000000000000000000000002"),
    point: hexToBytes(
      "04c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee51ae168fea63dc339a3c58419466cea" +
        "eef7f632653266d0e1236431a950cfe52a"
    ),
    digest: sha256(utf8ToBytes("Satoshi Nakamoto")),
    signature: hexToBytes(
      "3045022100a25eb12c6446bed840c93260c6e8f0e91f81b60c375538f0461463dd4fbd621e0220583ccd150e446daaaf" +
        "da69717a14cc35117dac464917755e9d5a5695b98164c6"
    )
  }
]

/** GB/T 32918.5-2017, annexes A and C. */
const sm2 = {
  scalar: hexToBytes("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"),
  point: hexToBytes(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020ccea490ce26775a52dc6ea718cc1aa" +
      "600aed05fbf35e084a6632f6072da9ad13"
  ),
  nonce: hexToBytes("59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21"),
  signed: utf8ToBytes("message digest"),
  signature: hexToBytes(
    "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3022100b1b6aa29df212fd8" +
      "763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
  ),
  encrypted: utf8ToBytes("encryption standard"),
  ciphertext: hexToBytes(
    "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73e858f9d81e5430a57b36daab8f950a" +
      "3c64e6ee6a63094d99283aff767e124df059983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd87" +
      "6621886ca989ca9c7d58087307ca93092d651efa"
  )
} as const

/** It protects nothing here. A library may draw from the system instead, as in the service. */
const chance: HealthyRandomness = {
  isSystem: true,
  nonce: () => sha256(utf8ToBytes("nonce")).subarray(0, 16),
  secret: (length) => Uint8Array.from({ length }, (_, at) => at + 1)
}

const pkcs8Of = (spec: CurveSpec, { scalar, point }: { readonly scalar: Uint8Array; readonly point: Uint8Array }) =>
  encodeEcPrivateKey(spec, scalar, point)

/** Whether new signatures verify, and whether a signature of another digest does not. */
const signs = ({ sign }: SigningKey, { verify }: VerifyingKey, digest: Uint8Array): boolean => {
  const signature = sign(digest)
  return signature !== undefined && verify(digest, signature) && !verify(spoiled(digest), signature)
}

const ecdsaAnswers = ({ curves }: Pick<Primitives, "curves">): boolean =>
  ecdsa.every((answer) => {
    const { spec, point, digest, signature } = answer
    const secret = curves.ecdsaPrivateKey(spec, pkcs8Of(spec, answer), chance)
    const open = curves.ecdsaPublicKey(spec, encodeEcPublicKey(spec, point))
    try {
      return (
        same(curves.publicPoint(spec, answer.scalar), point) &&
        same(secret.signRepeatably(digest), signature) &&
        open.verify(digest, signature) &&
        !open.verify(digest, spoiled(signature)) &&
        signs(secret, open, digest)
      )
    } finally {
      secret.wipe()
      open.release()
    }
  })

const sm2Answers = ({ curves, sm3 }: Pick<Primitives, "curves" | "sm3">): boolean => {
  const secret = curves.sm2PrivateKey(pkcs8Of("EC_SM2", sm2), chance)
  const open = curves.sm2PublicKey(encodeEcPublicKey("EC_SM2", sm2.point), chance)
  const digest = sm2Digest(sm2.point, sm2.signed, sm3)
  try {
    const sealed = open.encrypt(sm2.encrypted)
    return (
      same(curves.publicPoint("EC_SM2", sm2.scalar), sm2.point) &&
      open.verify(digest, sm2.signature) &&
      !open.verify(spoiled(digest), sm2.signature) &&
      signs(secret, open, digest) &&
      same(secret.decrypt(sm2.ciphertext), sm2.encrypted) &&
      secret.decrypt(spoiled(sm2.ciphertext)) === undefined &&
      same(sealed && secret.decrypt(sealed), sm2.encrypted)
    )
  } finally {
    secret.wipe()
    open.release()
  }
}

/** SM2 in JavaScript takes nonces, so it must give the whole examples of the standard. */
export const sm2NonceAnswers = ({ sm3 }: Pick<Primitives, "sm3">): boolean => {
  const key = sm2PrivateKey(sm2.scalar)
  const point = pointOf(curves.EC_SM2, sm2.point)
  const nonce = numberOf(sm2.nonce)
  return (
    point !== undefined &&
    same(signUnderNonceUnsafe(key, sm2Digest(sm2.point, sm2.signed, sm3), nonce), sm2.signature) &&
    same(encryptUnderNonceUnsafe(point, sm2.encrypted, nonce, sm3), sm2.ciphertext)
  )
}

export const curveAnswers = (primitives: Pick<Primitives, "curves" | "sm3">): boolean =>
  ecdsaAnswers(primitives) && sm2Answers(primitives) && primitives.curves.nonceAnswers()
