/** Converts values between the two APIs: bytes and Base64, names of specs, times. */
import type { EncryptionAlgorithmSpec, KeySpec, KeyUsageType, SigningAlgorithmSpec } from "@aws-sdk/client-kms"

export type GivenParameters = Readonly<Record<string, unknown>>

export const textIn = (asked: GivenParameters, name: string): string => {
  const value = asked[name]
  if (typeof value === "string") return value
  return typeof value === "number" || typeof value === "boolean" ? String(value) : ""
}

export const bytesIn = (asked: GivenParameters, name: string): Uint8Array =>
  new Uint8Array(Buffer.from(textIn(asked, name), "base64"))

export const base64Of = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? "" : Buffer.from(bytes).toString("base64")

export const dateOf = (date: Date | undefined): string =>
  date === undefined ? "" : `${date.toISOString().slice(0, 19)}Z`

/** The last part of an ARN is the key. */
export const idOf = (reference: string | undefined): string => reference?.split("/").at(-1) ?? ""

const isText = (value: unknown): value is string => typeof value === "string"

/** A JSON object of strings, as the suite sends encryption contexts. */
export const contextIn = (asked: GivenParameters, name = "EncryptionContext"): Record<string, string> | undefined => {
  const text = textIn(asked, name)
  if (text === "") return undefined
  const value: unknown = JSON.parse(text)
  if (typeof value !== "object" || value === null) return undefined
  return Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string] => isText(pair[1])))
}

/** A list of JSON objects. */
export const listIn = (asked: GivenParameters, name: string): ReadonlyArray<unknown> => {
  const value: unknown = JSON.parse(textIn(asked, name) || "[]")
  return Array.isArray(value) ? value : []
}

/** `90d` as 90. */
export const daysIn = (asked: GivenParameters): number => Number.parseInt(textIn(asked, "RotationInterval"), 10)

const specs: Readonly<Record<string, KeySpec>> = {
  Aliyun_AES_256: "SYMMETRIC_DEFAULT",
  RSA_2048: "RSA_2048",
  RSA_3072: "RSA_3072",
  EC_P256: "ECC_NIST_P256",
  EC_P256K: "ECC_SECG_P256K1"
}
const usages: Readonly<Record<string, KeyUsageType>> = {
  "ENCRYPT/DECRYPT": "ENCRYPT_DECRYPT",
  "SIGN/VERIFY": "SIGN_VERIFY"
}
const nameOf = (table: Readonly<Record<string, string>>, value: string | undefined): string =>
  Object.entries(table).find(([, theirs]) => theirs === value)?.[0] ?? value ?? ""

export const specIn = (asked: GivenParameters): KeySpec =>
  specs[textIn(asked, "KeySpec") || "Aliyun_AES_256"] ?? "SYMMETRIC_DEFAULT"
export const usageIn = (asked: GivenParameters): KeyUsageType =>
  usages[textIn(asked, "KeyUsage") || "ENCRYPT/DECRYPT"] ?? "ENCRYPT_DECRYPT"
export const specNamed = (spec: string | undefined): string => nameOf(specs, spec)
export const usageNamed = (usage: string | undefined): string => nameOf(usages, usage)
export const originNamed = (origin: string | undefined): string =>
  origin === "AWS_KMS" ? "Aliyun_KMS" : (origin ?? "")

const signing: Readonly<Record<string, SigningAlgorithmSpec>> = {
  RSA_PSS_SHA_256: "RSASSA_PSS_SHA_256",
  RSA_PKCS1_SHA_256: "RSASSA_PKCS1_V1_5_SHA_256",
  ECDSA_SHA_256: "ECDSA_SHA_256",
  SM2DSA: "SM2DSA"
}
const encrypting: Readonly<Record<string, EncryptionAlgorithmSpec>> = {
  RSAES_OAEP_SHA_256: "RSAES_OAEP_SHA_256",
  RSAES_OAEP_SHA_1: "RSAES_OAEP_SHA_1",
  SM2PKE: "SM2PKE"
}
export const signingIn = (asked: GivenParameters): SigningAlgorithmSpec =>
  signing[textIn(asked, "Algorithm")] ?? "ECDSA_SHA_256"
export const encryptingIn = (asked: GivenParameters): EncryptionAlgorithmSpec =>
  encrypting[textIn(asked, "Algorithm")] ?? "RSAES_OAEP_SHA_256"

export const pemOf = (der: Uint8Array | undefined): string => {
  const lines = base64Of(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN PUBLIC KEY-----\n${lines.join("\n")}\n-----END PUBLIC KEY-----\n`
}
