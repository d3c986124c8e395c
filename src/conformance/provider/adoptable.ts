/** Private keys that OpenSSL generates, and keys that a provider must refuse in their place. */
import { generateKeyPairSync } from "node:crypto"
import { KeySpec } from "../../domain/keySpec.ts"
import type { AsymmetricSpec } from "../../domain/keySpec.ts"

const publicKeyEncoding = { format: "der", type: "spki" } as const
const privateKeyEncoding = { format: "der", type: "pkcs8" } as const

interface MadePair {
  readonly privateKey: Uint8Array
  readonly publicKey: Uint8Array
}

const makers: Readonly<Record<AsymmetricSpec, () => MadePair>> = {
  RSA_2048: () => generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding }),
  RSA_3072: () => generateKeyPairSync("rsa", { modulusLength: 3072, publicKeyEncoding, privateKeyEncoding }),
  EC_P256: () => generateKeyPairSync("ec", { namedCurve: "P-256", publicKeyEncoding, privateKeyEncoding }),
  EC_P256K: () => generateKeyPairSync("ec", { namedCurve: "secp256k1", publicKeyEncoding, privateKeyEncoding }),
  EC_SM2: () => generateKeyPairSync("ec", { namedCurve: "SM2", publicKeyEncoding, privateKeyEncoding })
}
const isMade = (spec: KeySpec): spec is AsymmetricSpec => Object.hasOwn(makers, spec)

const kept = new Map<AsymmetricSpec, MadePair>()

/** One key of each spec is enough for a process. */
const keyOf = (spec: AsymmetricSpec): MadePair => {
  const pair = kept.get(spec) ?? makers[spec]()
  kept.set(spec, pair)
  return pair
}

/** PKCS#8 of a key, its public key, and private keys of every other spec. */
export const adoptable = (spec: KeySpec) => {
  if (!isMade(spec)) throw new Error(`${spec} is symmetric`)
  const { privateKey, publicKey } = keyOf(spec)
  const otherSpecs = KeySpec.literals.filter((other) => isMade(other)).filter((other) => other !== spec)
  return {
    pkcs8: new Uint8Array(privateKey),
    spki: new Uint8Array(publicKey),
    others: otherSpecs.map((other) => new Uint8Array(keyOf(other).privateKey))
  }
}
