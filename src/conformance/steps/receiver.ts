/** The cryptography outside the service: receives data keys, wraps material, and verifies signatures. */
import type { Wrapping } from "./step.ts"
import { constants, createPublicKey, generateKeyPairSync, privateDecrypt, publicEncrypt, verify } from "node:crypto"
import type { KeyObject } from "node:crypto"

export interface Receiver {
  /** Base64 of DER SubjectPublicKeyInfo, as ExportDataKey takes it. */
  readonly publicKey: () => string
  /** The data key as Base64, or undefined if it does not unwrap. */
  readonly unwrap: (wrapped: string) => string | undefined
}

const oaep = (hash: "sha1" | "sha256") => ({ padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash })

/** Creates its key pair on first use. */
export const makeReceiver = (): Receiver => {
  let pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined
  const ready = () => (pair ??= generateKeyPairSync("rsa", { modulusLength: 2048 }))
  return {
    publicKey: () => ready().publicKey.export({ format: "der", type: "spki" }).toString("base64"),
    unwrap: (wrapped) => {
      try {
        return privateDecrypt({ key: ready().privateKey, ...oaep("sha256") }, Buffer.from(wrapped, "base64")).toString(
          "base64"
        )
      } catch {
        return undefined
      }
    }
  }
}

const wrappings: Readonly<Record<Wrapping, { readonly padding: number; readonly oaepHash?: string }>> = {
  RSAES_OAEP_SHA_256: oaep("sha256"),
  RSAES_OAEP_SHA_1: oaep("sha1"),
  RSAES_PKCS1_V1_5: { padding: constants.RSA_PKCS1_PADDING }
}

/** Wraps material for a public key given as Base64 of DER. */
export const wrapFor = (
  publicKey: string,
  material: Uint8Array,
  algorithm: Wrapping = "RSAES_OAEP_SHA_256"
): string => {
  const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" })
  return publicEncrypt({ key, ...wrappings[algorithm] }, material).toString("base64")
}

/** Whether a wrapping key is an RSA key of 2048 bits. */
export const isWrappingKey = (publicKey: string): boolean => {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" })
    return key.asymmetricKeyType === "rsa" && key.asymmetricKeyDetails?.modulusLength === 2048
  } catch {
    return false
  }
}

const paddings: Readonly<Record<string, object>> = {
  RSA_PSS_SHA_256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO },
  RSA_PKCS1_SHA_256: { padding: constants.RSA_PKCS1_PADDING },
  ECDSA_SHA_256: { dsaEncoding: "der" }
}

/** Whether a signature over a message verifies; undefined if OpenSSL lacks the algorithm as the API defines it. */
export const verifiesOutside = (
  pem: string,
  algorithm: string,
  message: string,
  signature: string
): boolean | undefined => {
  const options = paddings[algorithm]
  if (options === undefined) return undefined
  try {
    return verify(
      "sha256",
      Buffer.from(message),
      { key: createPublicKey(pem), ...options },
      Buffer.from(signature, "base64")
    )
  } catch {
    return false
  }
}

const encryptions: Readonly<Record<string, "sha1" | "sha256">> = {
  RSAES_OAEP_SHA_256: "sha256",
  RSAES_OAEP_SHA_1: "sha1"
}

/** Encrypts outside the service with a public key; undefined if OpenSSL lacks the algorithm as the API defines it. */
export const encryptOutside = (pem: string, algorithm: string, text: string): string | undefined => {
  const hash = encryptions[algorithm]
  return hash === undefined
    ? undefined
    : publicEncrypt({ key: createPublicKey(pem), ...oaep(hash) }, Buffer.from(text, "base64")).toString("base64")
}
