/** The encryption context: a map of text, authenticated with a message, with strict parsing and one canonical form. */
import { Result } from "effect"
import { countChars, isWithin } from "../encoding/chars.ts"
import { JsonReader } from "../encoding/jsonReader.ts"
import { encryptionContextCharsMax } from "./limits.ts"
import { parseStrictJson } from "../encoding/strictJson.ts"

/** A Map rather than an object, so that `__proto__` and `constructor` are ordinary names. */
export type EncryptionContext = ReadonlyMap<string, string>

/** Parses JSON text (RFC 8259) of one flat object of strings. Undefined for any other text, and for a repeated name. */
export const parseContext = (json: string): EncryptionContext | undefined => {
  if (!isWithin(json, encryptionContextCharsMax)) return undefined
  const reader = new JsonReader(json)
  const context = readObject(reader)
  return context !== undefined && reader.atEnd() ? context : undefined
}

/**
 * Parses the `EncryptionContext.<key>` form. The limit applies to the equivalent JSON text, so both forms accept the
 * same maps.
 */
export const contextFromPairs = (pairs: Iterable<readonly [string, string]>): EncryptionContext | undefined => {
  const context = new Map<string, string>()
  let charsOfJson = "{}".length
  for (const [name, value] of pairs) {
    if (!name.isWellFormed() || !value.isWellFormed() || context.has(name)) return undefined
    charsOfJson += quotedChars(name) + ":".length + quotedChars(value) + (context.size === 0 ? 0 : ",".length)
    if (charsOfJson > encryptionContextCharsMax) return undefined
    context.set(name, value)
  }
  return context
}

const quotedChars = (text: string): number =>
  isWithin(text, encryptionContextCharsMax) ? countChars(JSON.stringify(text)) : countChars(text)

const tooLong = (chars: number): string => `has ${chars} characters as JSON; the limit is ${encryptionContextCharsMax}`

/** The fault of a text that `parseContext` refuses, as the end of a sentence. It repeats no value of the context. */
export const contextFault = (json: string): string => {
  if (!isWithin(json, encryptionContextCharsMax)) return tooLong(countChars(json))
  const read = parseStrictJson(json, { is: "an encryption context", depthMax: 1 })
  if (Result.isFailure(read)) {
    const { path, complaint } = read.failure
    return path === "" ? complaint : `is wrong at ${path}, which ${complaint}`
  }
  const tree = read.success
  if (tree.kind !== "object") return "must be a JSON object"
  const other = [...tree.members.values()].find(({ kind }) => kind !== "string")
  return other === undefined
    ? "must be a JSON object of strings"
    : `must have only strings as values; ${other.path} is not a string`
}

/** The same for pairs that `contextFromPairs` refuses, or that are not pairs of texts. */
export const pairsFault = (pairs: ReadonlyArray<readonly [string, unknown]>): string => {
  const names = new Set<string>()
  let chars = "{}".length + pairs.length - 1
  for (const [name, value] of pairs) {
    if (typeof value !== "string") return "must have only strings as values"
    if (!name.isWellFormed() || !value.isWellFormed())
      return "is not well-formed Unicode: it has half of a surrogate pair"
    if (names.has(name)) return "gives one name twice"
    names.add(name)
    chars += quotedChars(name) + ":".length + quotedChars(value)
  }
  return tooLong(chars)
}

const nothing = new Uint8Array(0)
const utf8 = new TextEncoder()

/**
 * The authenticated bytes: `count | (length | name | length | value)*`, names in the order of their UTF-8 bytes,
 * numbers of 32 bits, big-endian. Different maps have different bytes. No context and an empty one both have no bytes.
 */
export const canonicalContext = (context: EncryptionContext | undefined): Uint8Array => {
  if (context === undefined || context.size === 0) return nothing
  const entries: Array<Entry> = []
  let length = 4
  for (const [name, value] of context) {
    const entry = { name: encoded(name), value: encoded(value) }
    length += 8 + entry.name.length + entry.value.length
    entries.push(entry)
  }
  return written(entries.sort(byNameBytes), length)
}

interface Entry {
  readonly name: Uint8Array
  readonly value: Uint8Array
}

/** Refuses lone surrogates: an encoder would write each as U+FFFD, and different maps would have the same bytes. */
const encoded = (text: string): Uint8Array => {
  if (!text.isWellFormed()) throw new Error("an encryption context holds only well-formed text")
  return utf8.encode(text)
}

const byNameBytes = ({ name: left }: Entry, { name: right }: Entry): number => {
  const shared = Math.min(left.length, right.length)
  for (let i = 0; i < shared; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

const written = (entries: ReadonlyArray<Entry>, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, entries.length)
  let at = 4
  const put = (part: Uint8Array): void => {
    view.setUint32(at, part.length)
    bytes.set(part, at + 4)
    at += 4 + part.length
  }
  for (const { name, value } of entries) {
    put(name)
    put(value)
  }
  return bytes
}

const readObject = (reader: JsonReader): EncryptionContext | undefined => {
  const context = new Map<string, string>()
  if (!reader.take("{")) return undefined
  if (reader.take("}")) return context
  do {
    const name = reader.string()
    if (name === undefined || context.has(name) || !reader.take(":")) return undefined
    const value = reader.string()
    if (value === undefined) return undefined
    context.set(name, value)
  } while (reader.take(","))
  return reader.take("}") ? context : undefined
}
