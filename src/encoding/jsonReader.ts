/** A reader of JSON text (RFC 8259), piece by piece, for parsers that must know exactly what was written. */

/** RFC 8259, section 2: the only white space. */
const isSpace = (char: string): boolean => char === " " || char === "\t" || char === "\n" || char === "\r"

/** Unescaped characters of a string: all but quote, backslash and control characters (RFC 8259, section 7). */
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

const scalars = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])/y

/**
 * Reads the text once from start to end. Every method returns undefined, or false, if the next text does not match.
 * JSON.parse is not strict enough. It accepts the last of two equal names and half a surrogate pair. In V8 14.6 (Node
 * 26.10) it can read `{"a":"","\\n":""}` as if its second name were a backslash, after an earlier text with a backslash
 * there.
 */
export class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The number of characters read so far. */
  get at(): number {
    return this.#at
  }

  atEnd(): boolean {
    this.#skipSpace()
    return this.#at === this.#text.length
  }

  /** Whether this character of the grammar is next. */
  sees(char: string): boolean {
    this.#skipSpace()
    return this.#text.charAt(this.#at) === char
  }

  /** Reads one character of the grammar if it is next. */
  take(char: string): boolean {
    if (!this.sees(char)) return false
    this.#at++
    return true
  }

  /** A number, true, false or null, as written. */
  scalar(): string | undefined {
    this.#skipSpace()
    scalars.lastIndex = this.#at
    const read = scalars.exec(this.#text)?.[0]
    this.#at += read?.length ?? 0
    return read
  }

  /** A string of well-formed Unicode; an escape must not produce half of a surrogate pair. */
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
