/** The encryption context: a map of text authenticated with a message, read strictly and written in one way only. */
import { encryptionContextCharsMax } from "./limits.ts"

/** A Map and not an object, so that `__proto__` and `constructor` are names like any other. */
export type EncryptionContext = ReadonlyMap<string, string>

/**
 * JSON text (RFC 8259) of one flat object of strings; undefined for anything else, and for a name given twice.
 * Not by JSON.parse: that keeps the last of two equal names and half a surrogate pair, and V8 14.6 (Node 26.10) has it
 * read `{"a":"","\\n":""}` as if its second name were a backslash once it has seen a backslash in that place.
 */
export const parseContext = (json: string): EncryptionContext | undefined => {
  if (json.length > encryptionContextCharsMax) return undefined
  const reader = new Reader(json)
  const context = readObject(reader)
  return context !== undefined && reader.atEnd() ? context : undefined
}

/** The `EncryptionContext.<key>` form. It is bound by the JSON text that says the same, so both forms take the same maps. */
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
  text.length > encryptionContextCharsMax ? text.length : JSON.stringify(text).length

const nothing = new Uint8Array(0)
const utf8 = new TextEncoder()

/**
 * The bytes that are authenticated: `count | (length | name | length | value)*`, names in the order of their UTF-8
 * bytes, numbers of 32 bits, big-endian. Equal bytes, equal maps; no context and an empty one are both no bytes.
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

/** An encoder would write every lone surrogate as U+FFFD, and different maps would become the same bytes. */
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

const readObject = (reader: Reader): EncryptionContext | undefined => {
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

/** RFC 8259, section 2: the only white space. */
const isSpace = (char: string): boolean => char === " " || char === "\t" || char === "\n" || char === "\r"

/** What may stand in a string as it is: all but quote, backslash and control characters (RFC 8259, section 7). */
// oxlint-disable-next-line no-control-regex -- the grammar names these characters
const plain = /[^"\\\u0000-\u001f]*/y

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"]
])

const fourHexDigits = /^[0-9A-Fa-f]{4}$/

/** Walks the text once, never back. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    this.#skipSpace()
    return this.#at === this.#text.length
  }

  /** Steps over one character of the grammar, if it is the next. */
  take(char: string): boolean {
    this.#skipSpace()
    if (this.#text.charAt(this.#at) !== char) return false
    this.#at++
    return true
  }

  /** A string of well-formed Unicode; an escape may not smuggle in half a surrogate pair. */
  string(): string | undefined {
    if (!this.take('"')) return undefined
    let read = ""
    for (;;) {
      plain.lastIndex = this.#at
      read += plain.exec(this.#text)?.[0] ?? ""
      this.#at = plain.lastIndex
      const stop = this.#text.charAt(this.#at++)
      if (stop === '"') return read.isWellFormed() ? read : undefined
      const escaped = stop === "\\" ? this.#escape() : undefined
      if (escaped === undefined) return undefined
      read += escaped
    }
  }

  #escape(): string | undefined {
    const kind = this.#text.charAt(this.#at++)
    if (kind !== "u") return escapes.get(kind)
    const digits = this.#text.slice(this.#at, this.#at + 4)
    this.#at += 4
    return fourHexDigits.test(digits) ? String.fromCharCode(Number.parseInt(digits, 16)) : undefined
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charAt(this.#at))) this.#at++
  }
}
