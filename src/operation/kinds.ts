/** The kinds of parameters: how a value is read, how the reference describes it, and the faults of a value. */
import { base64Fault, decodeBase64, encodeBase64 } from "../encoding/base64.ts"
import { countChars, isWithin } from "../encoding/chars.ts"
import { contextFault, contextFromPairs, pairsFault, parseContext } from "../domain/encryptionContext.ts"
import type { EncryptionContext } from "../domain/encryptionContext.ts"
import type { ParameterError } from "../domain/errorGroups.ts"
import type { ErrorCode, ErrorOf } from "../domain/errors.ts"
import { descriptionCharsMax, encryptionContextCharsMax } from "../domain/limits.ts"
import { parseMoment } from "../domain/time.ts"

/**
 * A value that a caller in this process may give instead of text. It is converted to the text that the wire would
 * carry, and that text is read.
 */
export interface Structured {
  /** For the documentation of the library. */
  readonly form: string
  /** The text of a structured value; any other value unchanged. */
  readonly textOf: (given: unknown) => unknown
}

/**
 * A kind of parameter. `In` is the type that a caller in this process may give; over the wire everything is text.
 * `read` returns undefined for an invalid value.
 */
export interface Kind<In, Out, Code extends ErrorCode = never> {
  readonly read: (given: unknown) => Out | undefined
  /** Type and range, for the reference. */
  readonly form: string
  /** Also accepts parameters of the form `Name.key=value`. */
  readonly flattened?: true
  /** A list: without items it counts as absent. */
  readonly isList?: true
  /** Removes the empty items of the flattened form, which count as absent. */
  readonly withoutEmpty?: (pairs: Pairs) => Pairs
  /** The fault of a value that `read` refuses: the end of a sentence that begins with the parameter's name. */
  readonly fault?: (given: unknown) => string | undefined
  /** The error for an invalid or absent value, where an API has special codes for it. */
  readonly invalidError?: (given: unknown) => ErrorOf<Code> | ParameterError
  readonly missingError?: () => ErrorOf<Code> | ParameterError
  /** Bytes of the longest legal value as a request carries it: percent-encoded, or escaped in JSON. */
  readonly wireBytesMax?: number
  /** The structured form that a caller in this process may give instead of text. */
  readonly structured?: Structured
  /** Never present; carries the type of the values that callers may give. */
  readonly given?: In
}

/** Bytes of one character on the wire at most: `%F0%9F%98%80`, or `\ud83d\ude00` in a JSON body. */
export const wireBytesPerChar = 12
/** Bytes of one ASCII character on the wire at most: `%2B`, or `\u002b` in a JSON body. */
export const wireBytesPerAsciiChar = 6
/** The same for a character and for an ASCII character of a text within JSON, `%5Cud83d%5Cude00` and `%5Cu0061`. */
export const wireBytesPerEscapedChar = 16
export const wireBytesPerEscapedByte = 8

/** The default limit: the longest text that the API documents for any parameter. */
const unstatedWireBytesMax = descriptionCharsMax * wireBytesPerChar

export const wireBytesMaxOf = ({ wireBytesMax = unstatedWireBytesMax }: Pick<Kind<never, unknown>, "wireBytesMax">) =>
  wireBytesMax

interface TextBounds {
  readonly charsMax: number
  readonly charsMin?: number
}

/** The fault of a text's length or characters. */
export const textFault = (given: unknown, { charsMin = 0, charsMax }: TextBounds): string | undefined => {
  if (typeof given !== "string") return "must be a string"
  if (!given.isWellFormed()) return "is not well-formed Unicode: it has half of a surrogate pair"
  const chars = countChars(given)
  if (chars > charsMax) return `has ${chars} characters; the limit is ${charsMax}`
  return chars < charsMin ? `has ${chars} characters; it needs at least ${charsMin}` : undefined
}

/** Well-formed Unicode text with a limited number of characters. */
export const text = (bounds: TextBounds): Kind<string, string> => ({
  read: (given) =>
    typeof given === "string" &&
    given.length >= (bounds.charsMin ?? 0) &&
    isWithin(given, bounds.charsMax) &&
    given.isWellFormed()
      ? given
      : undefined,
  form: `string, ${bounds.charsMin ?? 0} to ${bounds.charsMax} characters`,
  fault: (given) => textFault(given, bounds),
  wireBytesMax: bounds.charsMax * wireBytesPerChar
})

/** ASCII text, such as a reference to a key. Its syntax is checked later. */
export const asciiText = (bounds: TextBounds): Kind<string, string> => ({
  ...text(bounds),
  wireBytesMax: bounds.charsMax * wireBytesPerAsciiChar
})

/** One of a few words, case-sensitive. */
export const oneOf = <const Word extends string>(words: ReadonlyArray<Word>): Kind<Word, Word> => {
  const form = words.map((word) => `\`${word}\``).join(", ")
  return {
    read: (given) => words.find((word) => word === given),
    form,
    fault: (given) => {
      const meant = words.find((word) => typeof given === "string" && word.toLowerCase() === given.trim().toLowerCase())
      return meant === undefined ? `must be one of ${form}` : `must be written exactly as \`${meant}\``
    },
    wireBytesMax: Math.max(...words.map((word) => word.length)) * wireBytesPerAsciiChar
  }
}

const decimal = /^(0|[1-9][0-9]{0,14})$/

/** Whether a value is a whole number, in any range. */
const isWhole = (given: unknown): boolean =>
  typeof given === "number" ? Number.isInteger(given) : typeof given === "string" && /^-?(0|[1-9][0-9]*)$/.test(given)

/** A decimal integer within bounds. */
export const integer = (bounds: { readonly minimum: number; readonly maximum: number }): Kind<number, number> => ({
  read: (given) => {
    const value = typeof given === "string" && decimal.test(given) ? Number(given) : given
    return typeof value === "number" &&
      Number.isSafeInteger(value) &&
      value >= bounds.minimum &&
      value <= bounds.maximum
      ? value
      : undefined
  },
  form: `integer, ${bounds.minimum} to ${bounds.maximum}`,
  fault: (given) =>
    isWhole(given)
      ? `must be from ${bounds.minimum} to ${bounds.maximum}`
      : `must be a decimal integer from ${bounds.minimum} to ${bounds.maximum}, without sign, fraction or leading zero`,
  wireBytesMax: 15 * wireBytesPerAsciiChar
})

const booleanWords: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false]
])

/** `true` or `false`, without regard to case. */
export const boolean: Kind<boolean, boolean> = {
  read: (given) => {
    if (typeof given === "boolean") return given
    return typeof given === "string" ? booleanWords.get(given.toLowerCase()) : undefined
  },
  form: "boolean",
  fault: () => "must be true or false",
  wireBytesMax: "false".length * wireBytesPerAsciiChar
}

/** A day, a second or a millisecond, in UTC. */
export const moment: Kind<string, number> = {
  read: (given) => (typeof given === "string" ? parseMoment(given) : undefined),
  form: "`2026-11-24`, `2026-11-24T10:00:00Z` or `2026-11-24T10:00:00.000Z`",
  wireBytesMax: "2026-11-24T10:00:00.000Z".length * wireBytesPerAsciiChar
}

/** Bytes instead of their Base64 text. */
export const asBytes: Structured = {
  form: "the bytes themselves",
  textOf: (given) => (given instanceof Uint8Array ? encodeBase64(given) : given)
}

/** Returns a value that JSON cannot express unchanged; it is then refused because it is not text. */
const jsonOf = (given: object): unknown => {
  try {
    return JSON.stringify(given)
  } catch {
    return given
  }
}

/** A value instead of its JSON text. */
export const asJson = (form: string): Structured => ({
  form,
  textOf: (given) => (typeof given === "object" && given !== null ? jsonOf(given) : given)
})

/** A JSON document as a value. */
export type JsonDocument = Readonly<Record<string, unknown>>
export const asDocument = asJson("the document as an object")

const encodedFault = (given: unknown, charsMax: number): string | undefined => {
  if (typeof given !== "string") return "must be a string"
  return given.length > charsMax ? `has ${given.length} characters; the limit is ${charsMax}` : base64Fault(given)
}

/** Canonical Base64 with a limited number of characters. */
export const base64 = (bounds: { readonly charsMax: number }): Kind<string | Uint8Array, Uint8Array> => ({
  read: (given) =>
    typeof given === "string" && given.length > 0 && given.length <= bounds.charsMax ? decodeBase64(given) : undefined,
  form: `Base64, up to ${bounds.charsMax} characters`,
  fault: (given) => encodedFault(given, bounds.charsMax),
  wireBytesMax: bounds.charsMax * wireBytesPerAsciiChar,
  structured: asBytes
})

const unfolded = (text: string): string => text.replaceAll(/\r?\n/g, "")

/**
 * Base64 with a limited number of characters, with or without line breaks, as command-line tools print it. Apart from
 * line breaks, each byte string has exactly one text.
 */
export const foldedBase64 = (bounds: { readonly charsMax: number }): Kind<string | Uint8Array, Uint8Array> => ({
  read: (given) => {
    if (typeof given !== "string" || given.length > bounds.charsMax) return undefined
    const digits = unfolded(given)
    return digits === "" ? undefined : decodeBase64(digits)
  },
  form: `Base64, up to ${bounds.charsMax} characters`,
  fault: (given) =>
    typeof given === "string" && given.length <= bounds.charsMax
      ? base64Fault(unfolded(given))
      : encodedFault(given, bounds.charsMax),
  wireBytesMax: bounds.charsMax * wireBytesPerAsciiChar,
  structured: asBytes
})

/** A JSON object of strings, or the flattened `EncryptionContext.<key>` form. */
export const context: Kind<string | Readonly<Record<string, string>>, EncryptionContext> = {
  read: (given) => {
    if (typeof given === "string") return parseContext(given)
    if (given instanceof Flattened) return contextFromPairs(given.pairs)
    return isPlainObject(given) ? contextFromObject(given) : undefined
  },
  form: `JSON object of strings, up to ${encryptionContextCharsMax} characters`,
  flattened: true,
  fault: (given) => {
    if (typeof given === "string") return contextFault(given)
    if (given instanceof Flattened) return pairsFault(given.pairs)
    const entries = isPlainObject(given) ? Object.entries<unknown>({ ...given }) : undefined
    return entries === undefined ? "must be a JSON object of strings" : pairsFault(entries)
  },
  wireBytesMax: encryptionContextCharsMax * wireBytesPerChar
}

export const isPlainObject = (given: unknown): given is object =>
  typeof given === "object" && given !== null && !Array.isArray(given)

const contextFromObject = (given: object): EncryptionContext | undefined => {
  const pairs: Array<readonly [string, string]> = []
  for (const [name, value] of Object.entries<unknown>(Object.fromEntries(Object.entries(given)))) {
    if (typeof value !== "string") return undefined
    pairs.push([name, value])
  }
  return contextFromPairs(pairs)
}

export type Pairs = ReadonlyArray<readonly [string, string]>

/** Parameters of the form `Name.key=value`, collected under their name. */
export class Flattened {
  readonly pairs: Pairs
  constructor(pairs: Pairs) {
    this.pairs = pairs
  }
}
