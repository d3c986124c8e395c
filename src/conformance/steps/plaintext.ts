/** The plaintext of Encrypt: the text of its step, or one of the greatest permitted length. */
import type { Dialect } from "../dialects/dialect.ts"
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

/** Text that some services lose or change: anything but Base64 in its canonical form. */
export const isUnusualPlaintext = (text: string): boolean => Buffer.from(text, "base64").toString("base64") !== text
