/** Short ASCII text as bytes and back: always what the UTF-8 coders give, or nothing. */
import { describe, expect, it } from "vitest"
import { shortAsciiBytes, shortAsciiText } from "../../src/encoding/ascii.ts"

const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

describe("short ASCII text", () => {
  it("short ASCII text of every length up to the limit has its UTF-8 bytes, and longer text has none", () => {
    for (let length = 0; length <= 66; length++) {
      const text = "A".repeat(length)
      const bytes = utf8.encode(text)
      expect(shortAsciiBytes(text)).toEqual(length <= 64 ? bytes : undefined)
      expect(shortAsciiText(bytes)).toBe(length <= 64 ? text : undefined)
    }
  })

  it("every ASCII character is its own byte, and any other character anywhere has none", () => {
    for (let unit = 0; unit <= 0xffff; unit++) {
      const text = `a${String.fromCharCode(unit)}`
      const bytes = shortAsciiBytes(text)
      if (unit > 0x7f) expect(bytes, `U+${unit.toString(16)}`).toBeUndefined()
      else expect(bytes).toEqual(utf8.encode(text))
    }
  })

  it("bytes beyond ASCII have no short text, whether they are UTF-8 or not", () => {
    for (let byte = 0; byte <= 0xff; byte++) {
      const bytes = Uint8Array.of(0x61, byte)
      expect(shortAsciiText(bytes)).toBe(byte > 0x7f ? undefined : fromUtf8.decode(bytes))
    }
    expect(shortAsciiText(utf8.encode("\ufeffa"))).toBeUndefined()
  })
})
