/** Percent-encoding: parsed strictly in the form encoding, written exactly as the vendor signs it. */
import { sortByCodeUnits } from "../encoding/codeUnits.ts"

/** API, signature 1.0: everything but the unreserved characters of RFC 3986 is escaped. */
const toEscape = /[^A-Za-z0-9\-_.~]/
/** The characters that `encodeURIComponent` leaves unescaped although they are reserved. */
const leftBare = /[!'()*]/g
/** Data in Base64 and times have none of them, and a test costs less than a replacement. */
const hasLeftBare = /[!'()*]/

const escapes: Readonly<Record<string, string>> = { "!": "%21", "'": "%27", "(": "%28", ")": "%29", "*": "%2A" }

const escaped = (text: string): string => {
  const encoded = encodeURIComponent(text)
  return hasLeftBare.test(text) ? encoded.replace(leftBare, (char) => escapes[char] ?? char) : encoded
}

/** The text must be well-formed Unicode, which strictly decoded text always is. */
export const percentEncode = (text: string): string => (toEscape.test(text) ? escaped(text) : text)

const asciiUnits = 128
const asciiChars = Array.from({ length: asciiUnits }, (_, unit) => String.fromCharCode(unit))
/** 1 for each ASCII character that is escaped. */
const isEscaped = Uint8Array.from(asciiChars, (char) => (toEscape.test(char) ? 1 : 0))
const escapedTwice: ReadonlyArray<string> = asciiChars.map((char) => escaped(char).replaceAll("%", "%25"))

/**
 * `percentEncode` applied twice. Few characters of Base64 and times are escaped, so a loop over the characters costs
 * less than two passes of the engine's functions.
 */
export const percentEncodeTwice = (text: string): string => {
  let encoded = ""
  let copied = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // The second pass can only change percent signs.
    if (unit >= asciiUnits) return escaped(text).replaceAll("%", "%25")
    if (isEscaped[unit] === 0) continue
    encoded += text.slice(copied, i) + escapedTwice[unit]
    copied = i + 1
  }
  return copied === 0 ? text : encoded + text.slice(copied)
}

/** A name or value of a query or form, where `+` is a space; undefined unless every escape is well-formed UTF-8. */
export const formDecode = (text: string): string | undefined => {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text
  if (!spaced.includes("%")) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

const beyondAscii = /[^\0-\x7f]/

const isAscii = (text: string): boolean => !beyondAscii.test(text)

const compareBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right))

/** In the order of their UTF-8 bytes (API, signature 1.0, step 2). For ASCII that is the order of code units. */
export const sortByBytes = (names: Iterable<string>): ReadonlyArray<string> => {
  const list = Array.from(names)
  return isAscii(list.join("")) ? sortByCodeUnits(list) : list.sort(compareBytes)
}
