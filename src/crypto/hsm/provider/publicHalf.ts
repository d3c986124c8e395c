/** The public half of a pair whose private half is in a token: its operations need no token. */
import { hexToBytes, equalBytes } from "@noble/curves/utils.js"
import { DER } from "@noble/curves/abstract/der.js"
import { plaintextBytesMaxOf } from "../../../domain/algorithms.ts"
import type { EncryptionAlgorithm, SignatureAlgorithm } from "../../../domain/algorithms.ts"
import { curves, numberOf } from "../../asymmetric/curves.ts"
import { encodePkcs1, isPss } from "../../asymmetric/rsaPadding.ts"
import { sm2OverheadBytes } from "../../asymmetric/sm2.ts"
import type { HealthyRandomness } from "../../healthyRandomness.ts"
import type { EcdsaSpec, OaepHash, Primitives } from "../../primitives.ts"
import type { Abilities, Decryption, TokenPairSpec, TokenSignature } from "../protocol.ts"
import { sm2SignatureOf } from "../sm2Forms.ts"

interface PublicSigner {
  readonly algorithm: TokenSignature
  readonly verify: (digest: Uint8Array, signature: Uint8Array) => boolean
  /** The signature for the caller, from the token's answer; undefined if that is not a signature of the digest. */
  readonly finish: (digest: Uint8Array, answered: Uint8Array) => Uint8Array | undefined
}

interface PublicCipher {
  /** How the token decrypts; undefined if it cannot. */
  readonly decryption: (abilities: Abilities) => Decryption | undefined
  readonly ciphertextBytesMax: number
  readonly encrypt: (plaintext: Uint8Array) => Uint8Array | undefined
}

export interface PublicHalf {
  readonly signers: ReadonlyMap<SignatureAlgorithm, PublicSigner>
  readonly ciphers: ReadonlyMap<EncryptionAlgorithm, PublicCipher>
}

const rsaHalf = ({ rsa }: Primitives, spki: Uint8Array): PublicHalf => {
  const key = rsa.publicKey(spki)
  const signer = (
    algorithm: TokenSignature,
    isOf: (block: Uint8Array, digest: Uint8Array) => boolean
  ): PublicSigner => {
    const verify = (digest: Uint8Array, signature: Uint8Array): boolean => {
      const block = signature.length === key.modulusBytes ? key.raw(signature) : undefined
      return block !== undefined && isOf(block, digest)
    }
    // A signature with a fault in one prime's half reveals the other prime (Boneh, DeMillo and Lipton 1997).
    return { algorithm, verify, finish: (digest, made) => (verify(digest, made) ? made : undefined) }
  }
  const cipher = (hash: OaepHash): PublicCipher => ({
    decryption: ({ oaep }) => (oaep[hash] === "none" ? undefined : { scheme: "OAEP", hash, by: oaep[hash] }),
    ciphertextBytesMax: key.modulusBytes,
    encrypt: (plaintext) => key.sealOaep(hash, plaintext)
  })
  return {
    signers: new Map([
      ["RSA_PSS_SHA_256", signer("RSA_PSS_SHA_256", isPss)],
      [
        "RSA_PKCS1_SHA_256",
        signer("RSA_PKCS1_SHA_256", (block, digest) => equalBytes(block, encodePkcs1(digest, block.length)))
      ]
    ]),
    ciphers: new Map([
      ["RSAES_OAEP_SHA_256", cipher("sha256")],
      ["RSAES_OAEP_SHA_1", cipher("sha1")]
    ])
  }
}

const scalarBytes = 32

/** DER of r and s, with the lower s if verifiers require it (see ecdsa.ts); undefined if out of range. */
const encodeEcdsa = (spec: EcdsaSpec, answered: Uint8Array): Uint8Array | undefined => {
  if (answered.length !== 2 * scalarBytes) return undefined
  const { ORDER } = curves[spec].Point.Fn
  const r = numberOf(answered.subarray(0, scalarBytes))
  const s = numberOf(answered.subarray(scalarBytes))
  if (r === 0n || r >= ORDER || s === 0n || s >= ORDER) return undefined
  const lowS = spec === "EC_P256K" && s > ORDER / 2n ? ORDER - s : s
  return hexToBytes(DER.hexFromSig({ r, s: lowS }))
}

interface Public {
  readonly primitives: Primitives
  readonly random: HealthyRandomness
}

const curveHalf = ({ curves }: Primitives, spec: EcdsaSpec, spki: Uint8Array): PublicHalf => {
  const { verify } = curves.ecdsaPublicKey(spec, spki)
  const signer: PublicSigner = {
    algorithm: "ECDSA_SHA_256",
    verify,
    // The token has verified it; a second verification here would cost more than signing.
    finish: (_digest, answered) => encodeEcdsa(spec, answered)
  }
  return { signers: new Map([["ECDSA_SHA_256", signer]]), ciphers: new Map() }
}

const sm2Half = ({ primitives, random }: Public, spki: Uint8Array): PublicHalf => {
  const { verify, encrypt } = primitives.curves.sm2PublicKey(spki, random)
  const signer: PublicSigner = {
    algorithm: "SM2DSA",
    verify,
    finish: (digest, answered) => {
      const signature = sm2SignatureOf(answered)
      return verify(digest, signature) ? signature : undefined
    }
  }
  const cipher: PublicCipher = {
    decryption: ({ sm2Form: form }) => (form === undefined ? undefined : { scheme: "SM2", form }),
    ciphertextBytesMax: (plaintextBytesMaxOf("EC_SM2", "SM2PKE") ?? 0) + sm2OverheadBytes,
    encrypt
  }
  return { signers: new Map([["SM2DSA", signer]]), ciphers: new Map([["SM2PKE", cipher]]) }
}

const halves: Readonly<Record<TokenPairSpec, (given: Public, spki: Uint8Array) => PublicHalf>> = {
  RSA_2048: ({ primitives }, spki) => rsaHalf(primitives, spki),
  RSA_3072: ({ primitives }, spki) => rsaHalf(primitives, spki),
  EC_P256: ({ primitives }, spki) => curveHalf(primitives, "EC_P256", spki),
  EC_P256K: ({ primitives }, spki) => curveHalf(primitives, "EC_P256K", spki),
  EC_SM2: sm2Half
}

export const publicHalfOf = (given: Public, spec: TokenPairSpec, spki: Uint8Array): PublicHalf =>
  halves[spec](given, spki)
