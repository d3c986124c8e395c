/** Wildcards: what they match, and what matching costs. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { matchesGlob } from "../../src/authorization/glob.ts"

/** The definition itself, over code points: a star is nothing, or one character and a star. */
const naive = ([wanted, ...pattern]: ReadonlyArray<string>, text: ReadonlyArray<string>): boolean => {
  if (wanted === undefined) return text.length === 0
  if (wanted === "*") return naive(pattern, text) || (text.length > 0 && naive([wanted, ...pattern], text.slice(1)))
  return text.length > 0 && (wanted === "?" || wanted === text[0]) && naive(pattern, text.slice(1))
}

/** A text that counts how often it is looked at. */
const counting = (text: string) => {
  const seen = { looks: 0 }
  return {
    seen,
    text: {
      length: text.length,
      charCodeAt: (at: number) => {
        seen.looks++
        return text.charCodeAt(at)
      },
      codePointAt: (at: number) => {
        seen.looks++
        return text.codePointAt(at)
      }
    }
  }
}

const small = (...letters: ReadonlyArray<string>) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 9 })

describe("a glob", () => {
  it("matches what its definition says, for every pattern and text", () => {
    let matches = 0
    fc.assert(
      fc.property(small("a", "b", "*", "?"), small("a", "b", "*"), (pattern, text) => {
        const expected = naive([...pattern], [...text])
        if (expected) matches++
        expect(matchesGlob(pattern, text)).toBe(expected)
      }),
      { numRuns: 20_000 }
    )
    expect(matches).toBeGreaterThan(500)
  })

  it("takes a character beyond the basic plane as one", () => {
    fc.assert(
      fc.property(small("\u{1f511}", "\ufffd", "*", "?"), small("\u{1f511}", "\ufffd"), (pattern, text) => {
        expect(matchesGlob(pattern, text)).toBe(naive([...pattern], [...text]))
      }),
      { numRuns: 5000 }
    )
    expect(matchesGlob("?", "\u{1f511}")).toBe(true)
    expect(matchesGlob("??", "\u{1f511}")).toBe(false)
  })

  it("gives no other character a meaning", () => {
    for (const text of [".", "a.b", "[ab]", "(a|b)+", "\\", "^$", "{1,2}", "**"]) {
      expect(matchesGlob(text, text)).toBe(true)
    }
    expect(matchesGlob("[ab]", "a")).toBe(false)
    expect(matchesGlob("a.c", "abc")).toBe(false)
    expect(matchesGlob("\\*", "*")).toBe(false)
  })

  it("with ten thousand characters and five thousand stars is decided in one walk of as long a text", () => {
    const { text, seen } = counting("a".repeat(10_000))
    expect(matchesGlob(`${"*a".repeat(4_999)}*b`, text)).toBe(false)
    expect(seen.looks).toBeGreaterThan(0)
    expect(seen.looks).toBeLessThanOrEqual(10_000)
  })

  it("looks at a text no more often than a quarter of its length squared, and once more, whatever the pattern", () => {
    for (const length of [10, 335]) {
      const worst = Math.max(
        ...Array.from({ length: length * 2 }, (_, run) => {
          const { text, seen } = counting("a".repeat(length))
          expect(matchesGlob(`*${"a".repeat(run)}b`, text)).toBe(false)
          return seen.looks
        })
      )
      expect(worst).toBeLessThanOrEqual((length + 2) ** 2 / 4)
    }
  })
})
