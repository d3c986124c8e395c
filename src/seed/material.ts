/** Parses the written forms of key material: Base64 or hexadecimal, and PEM for private keys. */
import { Result } from "effect"
import { givenKeyFault } from "../crypto/asymmetric/givenKey.ts"
import type { PairSpec } from "../crypto/asymmetric/pairKind.ts"
import { base64Fault, decodeBase64 } from "../encoding/base64.ts"
import { capabilityOf } from "../domain/keySpec.ts"
import type { KeySpec } from "../domain/keySpec.ts"
import { isArmoured, unarmoured } from "./armour.ts"

const digits = /^[0-9A-Fa-f]+$/
const isHex = (text: string): boolean => text.length % 2 === 0 && digits.test(text)

/** The expected form of the material of a spec. */
export const materialForm = (spec: KeySpec): string => {
  const { kind, materialBytes } = capabilityOf(spec)
  return kind === "symmetric"
    ? `${materialBytes} bytes in Base64 or in hexadecimal`
    : `the private key of a sound ${spec} pair as PKCS #8, unencrypted: PEM, or its DER in Base64 or in hexadecimal`
}

/** Bytes, or the fault of the text as the end of a sentence. It repeats no part of the text. */
type Read = Result.Result<Uint8Array, string>

const isPair = (spec: KeySpec): spec is PairSpec => capabilityOf(spec).kind === "asymmetric"

const read = (text: string, spec: KeySpec): Read =>
  isPair(spec) ? readPrivateKey(text) : readSymmetric(text, capabilityOf(spec).materialBytes)

/** Bytes for a provider, or undefined. The caller wipes them. */
export const readMaterial = (text: string, spec: KeySpec): Uint8Array | undefined =>
  Result.getOrUndefined(read(text, spec))

/** The fault of material that was refused. */
export const materialFault = (text: string, spec: KeySpec): string => {
  const bytes = read(text, spec)
  if (Result.isFailure(bytes)) return bytes.failure
  const fault = isPair(spec) ? givenKeyFault(bytes.success, spec) : undefined
  bytes.success.fill(0)
  return fault ?? "has a private and a public half that do not match"
}

/** Twice as many digits as bytes are hexadecimal: as Base64 they would make 1.5 times as many bytes. */
const readSymmetric = (text: string, length: number): Read => {
  if (text.length === 2 * length && isHex(text)) return Result.succeed(fromHex(text))
  const bytes = decodeBase64(text)
  if (bytes === undefined) return Result.fail(symmetricFault(text, length))
  if (bytes.length === length) return Result.succeed(bytes)
  const found = isHex(text) ? text.length / 2 : bytes.length
  bytes.fill(0)
  return Result.fail(`has ${found} bytes`)
}

/** Text with only hexadecimal digits is treated as hexadecimal, even if it is also Base64. */
const symmetricFault = (text: string, length: number): string => {
  const { length: count } = text
  const bare = text.trim()
  if (bare !== text && (isHex(bare) || decodeBase64(bare) !== undefined)) {
    return /[\r\n]$/.test(text) ? "ends with a line break" : "has white space around it"
  }
  if (digits.test(text) && count > length) return `has ${count} hexadecimal digits; ${2 * length} are needed`
  return base64Fault(text) ?? "cannot be read"
}

/** DER begins with a SEQUENCE: `30` in hexadecimal, the letter `M` in Base64. Line breaks are ignored in both. */
const readPrivateKey = (text: string): Read => {
  if (isArmoured(text)) return unarmoured(text)
  const bare = text.replaceAll(/\s/g, "")
  if (bare === "") return Result.fail("has no key")
  if (bare.startsWith("30") && isHex(bare)) return Result.succeed(fromHex(bare))
  const bytes = decodeBase64(bare)
  return bytes === undefined ? Result.fail(base64Fault(bare) ?? "cannot be read") : Result.succeed(bytes)
}

const fromHex = (text: string): Uint8Array =>
  Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16))
