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

export const isMasked = (value: unknown): boolean => typeof value === "string" && /^\([0-9]+ characters\)$/.test(value)
