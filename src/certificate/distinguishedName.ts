/** Parses a subject as people write it, `CN=example.com,O=Acme,C=CN` (RFC 4514), into its attributes. */

import { Result } from "effect"
import { countChars } from "../encoding/chars.ts"

/** The ASN.1 string type of a value. */
export type Syntax = "utf8" | "printable" | "ia5"

export interface NameAttribute {
  /** Dotted object identifier. */
  readonly type: string
  readonly value: string
  readonly syntax: Syntax
}

/** Attributes of one part; nearly always one. */
export type RelativeName = ReadonlyArray<NameAttribute>

/** The most significant part first, as in a certificate. The text has the reverse order (RFC 4514, section 2.1). */
export type DistinguishedName = ReadonlyArray<RelativeName>

interface Kind {
  readonly type: string
  readonly keywords: ReadonlyArray<string>
  readonly charsMax: number
  readonly charsMin?: number
  readonly syntax?: Syntax
}

/**
 * Keywords of RFC 4514, section 3, and additional ones of OpenSSL; lengths and string types are those of RFC 5280,
 * appendix A. Certification authorities refuse a request whose country is not a PrintableString.
 */
const kinds: ReadonlyArray<Kind> = [
  { type: "2.5.4.3", keywords: ["CN"], charsMax: 64 },
  { type: "2.5.4.4", keywords: ["SN"], charsMax: 64 },
  { type: "2.5.4.5", keywords: ["SERIALNUMBER"], charsMax: 64, syntax: "printable" },
  { type: "2.5.4.6", keywords: ["C"], charsMin: 2, charsMax: 2, syntax: "printable" },
  { type: "2.5.4.7", keywords: ["L"], charsMax: 128 },
  { type: "2.5.4.8", keywords: ["ST"], charsMax: 128 },
  { type: "2.5.4.9", keywords: ["STREET"], charsMax: 128 },
  { type: "2.5.4.10", keywords: ["O"], charsMax: 64 },
  { type: "2.5.4.11", keywords: ["OU"], charsMax: 64 },
  { type: "2.5.4.12", keywords: ["TITLE"], charsMax: 64 },
  { type: "2.5.4.42", keywords: ["GN"], charsMax: 64 },
  { type: "0.9.2342.19200300.100.1.1", keywords: ["UID"], charsMax: 256 },
  { type: "0.9.2342.19200300.100.1.25", keywords: ["DC"], charsMax: 63, syntax: "ia5" },
  { type: "1.2.840.113549.1.9.1", keywords: ["EMAILADDRESS", "E"], charsMax: 255, syntax: "ia5" }
]

const byName: ReadonlyMap<string, Kind> = new Map(
  kinds.flatMap((kind) => [kind.type, ...kind.keywords].map((name) => [name, kind] as const))
)

/** At most 20 arcs of at most 9 digits; the first two share a byte (X.660, 6.2 and X.690, 8.19.4). */
const oid = /^(?:[01]\.[1-3]?[0-9]|2\.(?:0|[1-9][0-9]{0,8}))(?:\.(?:0|[1-9][0-9]{0,8})){1,18}$/
const otherCharsMax = 256

/** An attribute without a keyword is text of any length. */
const kindOf = (name: string): Kind | undefined =>
  byName.get(name.toUpperCase()) ?? (oid.test(name) ? { type: name, keywords: [], charsMax: otherCharsMax } : undefined)

const alphabets = {
  utf8: /^\P{Cc}+$/u,
  printable: /^[A-Za-z0-9 '()+,\-./:=?]+$/,
  ia5: /^[ -~]+$/
} as const satisfies Record<Syntax, RegExp>

/** Characters that a value must escape (RFC 4514, section 3). */
const special = new Set('"+,;<>\\')
const escapable = new Set('"+,;<>\\ #=')
const hexPair = /^[0-9A-Fa-f]{2}$/

const utf8 = new TextEncoder()
const utf8Strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Reads the text from start to end. A fault throws; its message is the end of a sentence. */
class NoName extends Error {}

interface Reader {
  at: number
  readonly text: string
}

const skipSpaces = (reader: Reader): void => {
  while (reader.text[reader.at] === " ") reader.at++
}

const known = kinds.flatMap(({ keywords }) => keywords).join(", ")

/** The message repeats a name only if it could be one; other text is not repeated. */
const unknownType = (name: string): string =>
  /^[A-Za-z0-9.-]{1,64}$/.test(name)
    ? `has the attribute ${name}, which is not known; there are ${known} and object identifiers`
    : `has a part whose attribute is not known; there are ${known} and object identifiers`

const readType = (reader: Reader): { readonly kind: Kind; readonly name: string } => {
  skipSpaces(reader)
  const rest = reader.text.slice(reader.at)
  if (rest === "" || rest.startsWith(",") || rest.startsWith("+")) {
    throw new NoName(`has nothing between two separators, or at its end: after character ${reader.at}`)
  }
  const end = reader.text.indexOf("=", reader.at)
  if (end < 0) throw new NoName(`has a part without an equals sign, at character ${reader.at + 1}`)
  const name = reader.text.slice(reader.at, end).replace(/ +$/, "")
  const kind = kindOf(name)
  if (kind === undefined) throw new NoName(unknownType(name))
  reader.at = end + 1
  return { kind, name }
}

/** The bytes of one escape: a special character, or a byte of UTF-8 as two hexadecimal digits. */
const readEscape = (reader: Reader): ReadonlyArray<number> => {
  const next = reader.text[reader.at + 1] ?? ""
  if (escapable.has(next)) {
    reader.at += 2
    return [next.charCodeAt(0)]
  }
  const pair = reader.text.slice(reader.at + 1, reader.at + 3)
  if (!hexPair.test(pair)) {
    throw new NoName(
      `has a backslash at character ${reader.at + 1} that precedes neither a special character nor two hexadecimal digits`
    )
  }
  reader.at += 3
  return [Number.parseInt(pair, 16)]
}

/** Spaces around a value are not part of it unless they are escaped, as in RFC 2253. */
const readValue = (reader: Reader): string => {
  skipSpaces(reader)
  // A value in hexadecimal would be signed without being understood.
  if (reader.text[reader.at] === "#")
    throw new NoName(`has a value in hexadecimal, at character ${reader.at + 1}; write it as text`)
  const bytes: Array<number> = []
  let length = 0
  for (let next = reader.text.codePointAt(reader.at); next !== undefined; next = reader.text.codePointAt(reader.at)) {
    const char = String.fromCodePoint(next)
    if (char === "\\") {
      bytes.push(...readEscape(reader))
      length = bytes.length
    } else if (special.has(char)) break
    else {
      bytes.push(...utf8.encode(char))
      reader.at += char.length
      if (char !== " ") length = bytes.length
    }
  }
  try {
    return utf8Strict.decode(Uint8Array.from(bytes.slice(0, length)))
  } catch {
    throw new NoName("has escapes that are not well-formed UTF-8")
  }
}

const strings: Readonly<Record<Syntax, string>> = {
  utf8: "no control characters",
  printable: "only letters, digits, blanks and '()+,-./:=?",
  ia5: "only ASCII"
}

const valueFault = (value: string, { charsMax, charsMin = 1, syntax = "utf8" }: Kind): string | undefined => {
  const chars = countChars(value)
  if (chars === 0) return "is empty"
  if (chars < charsMin || chars > charsMax) {
    const needed = charsMin === charsMax ? `it needs ${charsMax}` : `the limit is ${charsMax}`
    return `has ${chars} characters; ${needed}`
  }
  return alphabets[syntax].test(value) ? undefined : `may have ${strings[syntax]}`
}

const readAttribute = (reader: Reader): NameAttribute => {
  const { kind, name } = readType(reader)
  const value = readValue(reader)
  const fault = valueFault(value, kind)
  if (fault !== undefined) throw new NoName(`has a wrong attribute ${name}: its value ${fault}`)
  return { type: kind.type, value, syntax: kind.syntax ?? "utf8" }
}

/** Reads the separator if it is next. Returns whether it was. */
const isNext = (reader: Reader, separator: string): boolean => {
  if (reader.text[reader.at] !== separator) return false
  reader.at++
  return true
}

const readRelativeName = (reader: Reader): RelativeName => {
  const attributes = [readAttribute(reader)]
  while (isNext(reader, "+")) attributes.push(readAttribute(reader))
  // X.501, section 9.3: the attributes of one part differ in type.
  if (new Set(attributes.map(({ type }) => type)).size < attributes.length) {
    throw new NoName("has one attribute twice in a part whose attributes are joined by +")
  }
  return attributes
}

/** A name with at least one part, or the fault of the text as the end of a sentence. */
export const readDistinguishedName = (text: string): Result.Result<DistinguishedName, string> => {
  const reader: Reader = { at: 0, text }
  try {
    const parts = [readRelativeName(reader)]
    while (isNext(reader, ",")) parts.push(readRelativeName(reader))
    return reader.at === text.length
      ? Result.succeed(parts.toReversed())
      : Result.fail(`has a character that must be escaped with a backslash, at character ${reader.at + 1}`)
  } catch (error) {
    if (error instanceof NoName) return Result.fail(error.message)
    throw error
  }
}

/** Undefined for text that is not a name with at least one part, or that has an unknown part. */
export const parseDistinguishedName = (text: string): DistinguishedName | undefined =>
  Result.getOrUndefined(readDistinguishedName(text))
