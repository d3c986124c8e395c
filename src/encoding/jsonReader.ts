/** JSON text (RFC 8259) read piece by piece, for those who must know exactly what was written. */

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

const scalars = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])/y

/**
 * Walks the text once, never back; every method answers undefined, or false, where something else stands.
 * Not JSON.parse: that keeps the last of two equal names and half a surrogate pair, and V8 14.6 (Node 26.10) has it
 * read `{"a":"","\\n":""}` as if its second name were a backslash once it has seen a backslash in that place.
 */
export class JsonReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** How many characters have been read. */
  get at(): number {
    return this.#at
  }

  atEnd(): boolean {
    this.#skipSpace()
    return this.#at === this.#text.length
  }

  /** Whether this character of the grammar is the next. */
  sees(char: string): boolean {
    this.#skipSpace()
    return this.#text.charAt(this.#at) === char
  }

  /** Steps over one character of the grammar, if it is the next. */
  take(char: string): boolean {
    if (!this.sees(char)) return false
    this.#at++
    return true
  }

  /** A number, true, false or null, as it is written. */
  scalar(): string | undefined {
    this.#skipSpace()
    scalars.lastIndex = this.#at
    const read = scalars.exec(this.#text)?.[0]
    this.#at += read?.length ?? 0
    return read
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
