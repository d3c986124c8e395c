/** ECDSA and SM2 of OpenSSL: in constant time, with nonces from its own generator. */
import { createECDH } from "node:crypto"
import { DER } from "@noble/curves/abstract/der.js"
import { hexToBytes } from "@noble/curves/utils.js"
import { plaintextBytesMaxOf } from "../../../domain/algorithms.ts"
import { curves, pointBytes, pointOf } from "../../asymmetric/curves.ts"
import { sm2OverheadBytes } from "../../asymmetric/sm2.ts"
import { derSm2Ciphertext, rawSm2Ciphertext } from "../../asymmetric/sm2Der.ts"
import type { Curves, EcdsaSpec } from "../../primitives.ts"
import type { Libcrypto, LibcryptoKey } from "./libcrypto.ts"

const whole = (key: LibcryptoKey | undefined): LibcryptoKey => {
  if (key === undefined) throw new Error("a key must have the encoding that this service writes")
  return key
}

const orderOfK = curves.EC_P256K.Point.Fn.ORDER

const withLowerS = (signature: Uint8Array): Uint8Array => {
  const { r, s } = DER.toSig(signature)
  return s > orderOfK / 2n ? hexToBytes(DER.hexFromSig({ r, s: orderOfK - s })) : signature
}

/** OpenSSL returns either s; only verifiers of secp256k1 require the lower one. */
const finish: Readonly<Record<EcdsaSpec, (signature: Uint8Array) => Uint8Array>> = {
  EC_P256: (signature) => signature,
  EC_P256K: withLowerS
}

const plaintextBytesMax = plaintextBytesMaxOf("EC_SM2", "SM2PKE") ?? 0

const encrypt = (key: LibcryptoKey, plaintext: Uint8Array): Uint8Array | undefined => {
  if (plaintext.length === 0 || plaintext.length > plaintextBytesMax) return undefined
  const der = key.encrypt(plaintext)
  return der && rawSm2Ciphertext(der)
}

/** Part 4, section 7.1, step B4: a key stream of zeros would leave the plaintext unencrypted. */
const isUnmasked = (ciphertext: Uint8Array, plaintext: Uint8Array): boolean =>
  plaintext.every((byte, at) => byte === ciphertext[sm2OverheadBytes + at])

/** The point is checked to be on the curve before the private key is used on it. */
const decrypt = (key: LibcryptoKey, ciphertext: Uint8Array): Uint8Array | undefined => {
  if (ciphertext.length <= sm2OverheadBytes) return undefined
  if (pointOf(curves.EC_SM2, ciphertext.slice(0, pointBytes)) === undefined) return undefined
  const plaintext = key.decrypt(derSm2Ciphertext(ciphertext))
  if (plaintext === undefined || !isUnmasked(ciphertext, plaintext)) return plaintext
  plaintext.fill(0)
  return undefined
}

/** The names of the curves in OpenSSL. */
const names = { EC_P256: "prime256v1", EC_P256K: "secp256k1", EC_SM2: "SM2" } as const

const publicPoint: Curves["publicPoint"] = (spec, scalar) => {
  const pair = createECDH(names[spec])
  pair.setPrivateKey(scalar)
  return new Uint8Array(pair.getPublicKey())
}

export const makeOpensslCurves = (libcrypto: Libcrypto): Curves => ({
  publicPoint,
  ecdsaPrivateKey: (spec, pkcs8) => {
    const key = whole(libcrypto.privateKey(pkcs8))
    const finished = (signature: Uint8Array | undefined) => signature && finish[spec](signature)
    return {
      sign: (digest) => finished(key.sign(digest)),
      signRepeatably: (digest) => finished(key.signRepeatably(digest)),
      wipe: key.free
    }
  },
  ecdsaPublicKey: (_, spki) => {
    const key = whole(libcrypto.publicKey(spki))
    return { verify: key.verify, release: key.free }
  },
  sm2PrivateKey: (pkcs8) => {
    const key = whole(libcrypto.privateKey(pkcs8))
    return { sign: key.sign, decrypt: (ciphertext) => decrypt(key, ciphertext), wipe: key.free }
  },
  sm2PublicKey: (spki) => {
    const key = whole(libcrypto.publicKey(spki))
    return { verify: key.verify, encrypt: (plaintext) => encrypt(key, plaintext), release: key.free }
  },
  nonceAnswers: () => true
})
