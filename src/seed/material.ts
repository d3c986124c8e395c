/** Key material as people write it: Base64 or hexadecimal, and PEM for the private keys of pairs. */
import { decodeBase64 } from "../domain/base64.ts"
import { capabilityOf } from "../domain/keySpec.ts"
import type { KeySpec } from "../domain/keySpec.ts"

const digits = /^[0-9A-Fa-f]+$/
const isHex = (text: string): boolean => text.length % 2 === 0 && digits.test(text)
/** RFC 7468, section 10: an unencrypted PKCS #8 key. */
const pem = /^-----BEGIN PRIVATE KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PRIVATE KEY-----\s*$/

/** What is expected of the material of a spec. */
export const materialForm = (spec: KeySpec): string => {
  const { kind, materialBytes } = capabilityOf(spec)
  return kind === "symmetric"
    ? `${materialBytes} bytes in Base64 or in hexadecimal`
    : `the private key of a sound ${spec} pair as PKCS #8, unencrypted: PEM, or its DER in Base64 or in hexadecimal`
}

/** Bytes as a provider adopts them, or undefined. The caller wipes them. */
export const readMaterial = (text: string, spec: KeySpec): Uint8Array | undefined => {
  const { kind, materialBytes } = capabilityOf(spec)
  return kind === "symmetric" ? readSymmetric(text, materialBytes) : readPrivateKey(text)
}

/** Twice as many digits as bytes are hexadecimal: as Base64 they would be half as long again as the material. */
const readSymmetric = (text: string, length: number): Uint8Array | undefined => {
  if (text.length === 2 * length && isHex(text)) return fromHex(text)
  const bytes = decodeBase64(text)
  return bytes?.length === length ? bytes : undefined
}

/** DER begins with a SEQUENCE: `30` in hexadecimal, a letter `M` in Base64. */
const readPrivateKey = (text: string): Uint8Array | undefined => {
  const armoured = pem.exec(text)?.[1]
  if (armoured !== undefined) return decodeBase64(armoured.replaceAll(/[\r\n]/g, ""))
  return text.startsWith("30") && isHex(text) ? fromHex(text) : decodeBase64(text)
}

const fromHex = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16))
