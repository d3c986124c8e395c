/** Requests as reports show them. */
import type { Request } from "./request.ts"

const secret: ReadonlySet<string> = new Set([
  "ImportToken",
  "EncryptedKeyMaterial",
  "Plaintext",
  "CiphertextBlob",
  "Value",
  "PublicKey",
  "ExportedDataKey"
])

/**
 * A request for display: values that may be secret are replaced by their length. Short texts of the suite itself
 * remain.
 */
export const masked = (request: Request): Request =>
  Object.fromEntries(
    Object.entries(request).map(([name, value]) => [
      name,
      secret.has(name) && typeof value === "string" && value.length > 24 ? `(${value.length} characters)` : value
    ])
  )

/** As many bytes as 24 characters of Base64 hold. */
const shortBytes = 18

const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64")

/** Members with ciphertext, plaintext or keys in the APIs of other vendors, in lower case. */
const secretThere: ReadonlySet<string> = new Set([
  ...[...secret].map((name) => name.toLowerCase()),
  "ciphertext",
  "data",
  "input",
  "pem",
  "public_key",
  "signature"
])

/** A value of another vendor's API for display: bytes, and long texts that may be secret, are replaced by their length. */
export const maskedNative = (value: unknown, name = ""): unknown => {
  if (value instanceof Uint8Array) return value.length > shortBytes ? `(${value.length} bytes)` : base64Of(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((item) => maskedNative(item, name))
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, maskedNative(inner, member)]))
  const isLong = typeof value === "string" && value.length > 24
  return isLong && secretThere.has(name.toLowerCase()) ? `(${value.length} characters)` : value
}

export const isMasked = (value: unknown): boolean => typeof value === "string" && /^\([0-9]+ characters\)$/.test(value)
