/** PEM: DER as Base64 text between two lines with a label (RFC 7468, section 3). */
import { encodeBase64 } from "./base64.ts"

/** Lines of 64 characters; the last one also ends with a line break. */
export const pem = (label: string, der: Uint8Array): string => {
  const lines = encodeBase64(der).match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n")
}
