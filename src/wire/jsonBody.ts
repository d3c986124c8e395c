/** Parses a JSON body as parameters: one flat object, one parameter for each member, no name twice. */

const blank = /[ \t\r\n]*/y
/** RFC 8259, section 7: a control character must be escaped. */
const text = /"(?:[\u0020\u0021\u0023-\u005b\u005d-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const scalar = /(?:true|false|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])/y
const between = /[^"[\]{}]*/y

/** The bytes as text, or undefined if they are not UTF-8. */
const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Reads the source from start to end; every method returns undefined if the next text does not match. */
class Cursor {
  readonly source: string
  at = 0

  constructor(source: string) {
    this.source = source
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.source)?.[0]
    if (found !== undefined) this.at += found.length
    return found
  }

  /** One character with the blanks around it. */
  mark(char: string): boolean {
    this.match(blank)
    if (this.source[this.at] !== char) return false
    this.at++
    this.match(blank)
    return true
  }

  string(): string | undefined {
    const token = this.match(text)
    const value: unknown = token === undefined ? undefined : JSON.parse(token)
    return typeof value === "string" && value.isWellFormed() ? value : undefined
  }

  /** The source of an object or array, not parsed: the parameter's own parser reads it. */
  nested(): string | undefined {
    const start = this.at
    let depth = 0
    do {
      const char = this.source[this.at]
      if (char === "{" || char === "[") depth++
      else if (char === "}" || char === "]") depth--
      else return undefined
      this.at++
      if (depth > 0) this.skipToBracket()
    } while (depth > 0)
    return this.source.slice(start, this.at)
  }

  private skipToBracket(): void {
    do this.match(between)
    while (this.match(text) !== undefined)
  }

  value(): string | undefined {
    const char = this.source[this.at]
    if (char === '"') return this.string()
    return char === "{" || char === "[" ? this.nested() : this.match(scalar)
  }
}

const nothing = /null(?![\w.+-])/y

/**
 * Names and values in order, at most `pairsMax` plus one; undefined unless the body is one JSON object. A null counts
 * as an absent parameter, like an empty text.
 */
export const jsonPairs = (
  body: Uint8Array,
  pairsMax: number
): ReadonlyArray<readonly [name: string, value: string]> | undefined => {
  const source = decodeUtf8(body)
  if (source === undefined) return undefined
  const cursor = new Cursor(source)
  const pairs: Array<readonly [string, string]> = []
  const absent = new Set<string>()
  if (!cursor.mark("{")) return undefined
  if (!cursor.mark("}")) {
    do {
      const name = cursor.string()
      if (name === undefined || !cursor.mark(":")) return undefined
      if (cursor.match(nothing) !== undefined) {
        absent.add(name)
        continue
      }
      const value = cursor.value()
      if (value === undefined) return undefined
      pairs.push([name, value])
      if (pairs.length > pairsMax) return pairs
    } while (cursor.mark(","))
    if (!cursor.mark("}")) return undefined
  }
  if (cursor.at !== source.length || absent.size > pairsMax) return undefined
  return pairs.some(([name]) => absent.has(name)) ? undefined : pairs
}
