/** The plaintext of Encrypt: the text of its step, or one of the greatest permitted length. */
import { Schema } from "effect"
import { EncryptionAlgorithm, plaintextBytesMaxOf } from "../../domain/algorithms.ts"
import { KeySpec } from "../../domain/keySpec.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { kindOf } from "../model/kinds.ts"
import type { Step } from "./step.ts"

/** Not Base64, even after a service has removed characters that it ignores. */
const rawText = "~ab c"

const ofLength = (bytes: number, isRaw: true | undefined): string =>
  isRaw === true
    ? rawText.repeat(Math.ceil(bytes / rawText.length)).slice(0, bytes)
    : Buffer.alloc(bytes, rawText).toString("base64")

export const plaintextOf = (
  { text = "", longest, twist, isRaw }: Step,
  { plaintextBytes }: Pick<Dialect, "plaintextBytes">
): string => {
  if (twist === "tooLong") return ofLength(plaintextBytes.maximum + 1, isRaw)
  return longest === true ? ofLength(plaintextBytes.maximum, isRaw) : text
}

const isSpec = Schema.is(KeySpec)
const isAlgorithm = Schema.is(EncryptionAlgorithm)

/** The plaintext of AsymmetricEncrypt, for a kind of key. */
export const pairTextOf = ({ text = "", longest }: Step, kind: string): string => {
  const { identity, encrypts } = kindOf(kind)
  if (longest !== true || !isSpec(identity.spec) || !isAlgorithm(encrypts)) return text
  return Buffer.alloc(plaintextBytesMaxOf(identity.spec, encrypts) ?? 0, rawText).toString("base64")
}

/** Text that some services lose or change: anything but Base64 in its canonical form. */
export const isUnusualPlaintext = (text: string): boolean => Buffer.from(text, "base64").toString("base64") !== text
