/** Percent-encoding twice in one pass, and the comparison of signatures. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { macEquals } from "../../src/wire/claims.ts"
import { percentEncode, percentEncodeTwice } from "../../src/wire/percent.ts"

describe("percent-encoding twice", () => {
  it("one pass encodes every text as two passes do", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."aZ09-_.~ +%/=:!'()*\u007fé中\u{1f511}") }), (text) => {
        expect(percentEncodeTwice(text)).toBe(percentEncode(percentEncode(text)))
      })
    )
  })

  it("one pass encodes every ASCII character as two passes do", () => {
    const ascii = String.fromCharCode(...Array.from({ length: 128 }, (_, unit) => unit))
    expect(percentEncodeTwice(ascii)).toBe(percentEncode(percentEncode(ascii)))
  })
})

describe("the comparison of two signatures", () => {
  it("the comparison of two signatures is true only for equal texts", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        expect(macEquals(left, right)).toBe(left === right)
        expect(macEquals(left, `${left.slice(0, -1)}${right}`)).toBe(left === `${left.slice(0, -1)}${right}`)
        expect(macEquals(left, left)).toBe(true)
      })
    )
  })

  it("notices a change of any one character", () => {
    const signature = "mYJhB386YoWfj5b4eeL3yUUALRQ="
    for (let at = 0; at < signature.length; at++) {
      const other = String.fromCharCode(signature.charCodeAt(at) ^ 1)
      expect(macEquals(`${signature.slice(0, at)}${other}${signature.slice(at + 1)}`, signature)).toBe(false)
    }
  })
})
