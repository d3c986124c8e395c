/** The kinds of pairs in a token: the mechanisms that make them, and their templates. */
import type { Template } from "pkcs11js"
import { curves } from "../../asymmetric/curves.ts"
import { derOid } from "../../asymmetric/der.ts"
import { TokenError } from "../failures.ts"
import { pkcs11js } from "../token/pkcs11.ts"
import { sm2Numbers } from "../mechanisms.ts"
import type { Mechanisms } from "../mechanisms.ts"
import type { TokenPairSpec } from "../protocol.ts"

export interface PairKind {
  readonly generation: number
  /** In addition to the attributes of every public half, and of every private one. */
  readonly ofPublic: Template
  readonly ofPrivate: Template
  readonly decrypts: boolean
}

/** 65537, big-endian. */
const publicExponent = Buffer.from([0x01, 0x00, 0x01])

const rsa = (bits: number): PairKind => ({
  generation: pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN,
  ofPublic: [
    { type: pkcs11js.CKA_MODULUS_BITS, value: bits },
    { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: publicExponent }
  ],
  ofPrivate: [],
  decrypts: true
})

const curve = (spec: keyof typeof curves): Template => [
  { type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(derOid(curves[spec].oid)) }
]

const ecdsa = (spec: "EC_P256" | "EC_P256K"): PairKind => ({
  generation: pkcs11js.CKM_EC_KEY_PAIR_GEN,
  ofPublic: curve(spec),
  ofPrivate: [],
  decrypts: false
})

export const requireSm2 = (mechanisms: Mechanisms): NonNullable<ReturnType<typeof sm2Numbers>> => {
  const numbers = sm2Numbers(mechanisms)
  if (numbers === undefined) throw new TokenError("Missing", "no numbers for keys of spec EC_SM2")
  return numbers
}

/** Some vendors make SM2 pairs by their general mechanism for curves, which needs the curve. The others ignore it. */
const sm2 = (mechanisms: Mechanisms): PairKind => {
  const { generation, keyType } = requireSm2(mechanisms)
  const ofType: Template = [{ type: pkcs11js.CKA_KEY_TYPE, value: keyType }]
  return { generation, ofPublic: [...ofType, ...curve("EC_SM2")], ofPrivate: ofType, decrypts: true }
}

const kinds: Readonly<Record<TokenPairSpec, (mechanisms: Mechanisms) => PairKind>> = {
  RSA_2048: () => rsa(2048),
  RSA_3072: () => rsa(3072),
  EC_P256: () => ecdsa("EC_P256"),
  EC_P256K: () => ecdsa("EC_P256K"),
  EC_SM2: sm2
}

export const pairKind = (mechanisms: Mechanisms, spec: TokenPairSpec): PairKind => kinds[spec](mechanisms)
