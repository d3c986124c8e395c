/** Secrets that a browser has and the store does not: the stored data cannot be turned into a session. */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from "node:crypto"
import { encodeBase64Url } from "../../encoding/base64.ts"

/** The name under which the store knows a secret of 256 random bits. */
export const nameOf = (secret: string): string => encodeBase64Url(createHash("sha256").update(secret).digest())

/**
 * A digest that requires both the session's secret and the access key's secret. An entry without it is refused: one
 * that was written into the database directly, and one of an access key whose secret was replaced.
 */
export const proofOf = (secret: string, about: ReadonlyArray<string | number | null>): string =>
  encodeBase64Url(createHmac("sha256", secret).update(JSON.stringify(about)).digest())

/** Compares digests, so that the time taken does not depend on the texts. */
export const isSame = (left: string, right: string): boolean => {
  const digest = (text: string): Uint8Array => createHash("sha256").update(text).digest()
  return timingSafeEqual(digest(left), digest(right))
}

const algorithm = "aes-256-gcm"
const tagBytes = 16
/** A secret seals one text only, so the nonce may be fixed. */
const nonce = new Uint8Array(12)

const keyOf = (secret: string): Uint8Array => createHmac("sha256", secret).update("seal").digest()

/** Encrypts a text for the holder of the secret. Seal only one text with each secret. */
export const sealWith = (secret: string, text: string): string => {
  const cipher = createCipheriv(algorithm, keyOf(secret), nonce, { authTagLength: tagBytes })
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
  return Buffer.concat([body, cipher.getAuthTag()]).toString("base64url")
}

/** Undefined if it was sealed with another secret, or altered. */
export const openWith = (secret: string, sealed: string): string | undefined => {
  const bytes = Buffer.from(sealed, "base64url")
  if (bytes.length < tagBytes) return undefined
  const decipher = createDecipheriv(algorithm, keyOf(secret), nonce, { authTagLength: tagBytes })
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString("utf8")
  } catch {
    return undefined
  }
}
