/** Wildcards: matching and its cost. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { compileGlob, matchesGlob } from "../../src/authorization/glob.ts"
import { cpuMillisOf } from "../cpuTime.ts"

/** The definition, over code points: a star matches nothing, or one character and a star. */
const naive = ([wanted, ...pattern]: ReadonlyArray<string>, text: ReadonlyArray<string>): boolean => {
  if (wanted === undefined) return text.length === 0
  if (wanted === "*") return naive(pattern, text) || (text.length > 0 && naive([wanted, ...pattern], text.slice(1)))
  return text.length > 0 && (wanted === "?" || wanted === text[0]) && naive(pattern, text.slice(1))
}

/** For long texts: the prefixes that the pattern matches, after each character of the pattern. */
const byTable = (pattern: string, text: string): boolean => {
  let fits = Array.from({ length: text.length + 1 }, (_, at) => at === 0)
  for (const wanted of pattern) {
    const before = fits
    let seen = false
    fits = before.map((was, at) => {
      seen ||= was
      if (wanted === "*") return seen
      return at > 0 && before[at - 1] === true && (wanted === "?" || wanted === text[at - 1])
    })
  }
  return fits[text.length] === true
}

const small = (...letters: ReadonlyArray<string>) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 9 })
const long = (...letters: ReadonlyArray<string>) =>
  fc.string({ unit: fc.constantFrom(...letters), minLength: 30, maxLength: 160 })

describe("a glob", () => {
  it("a glob matches as its definition says, for every pattern and text", () => {
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

  it("a glob matches as defined if the texts between stars are longer than a machine word", () => {
    let matches = 0
    const hidden = fc
      .tuple(long("a", "a", "a", "b"), fc.array(fc.nat(159), { maxLength: 40 }), fc.nat(60), fc.nat(60))
      .map(([text, holes, from, cut]) => {
        const run = [...text].map((letter, at) => (holes.includes(at) ? "?" : letter)).slice(from, text.length - cut)
        return { pattern: `*${run.join("")}*`, text }
      })
    const free = fc.record({ pattern: long("a", "a", "?", "?", "*", "b"), text: long("a", "a", "a", "a", "b") })
    fc.assert(
      fc.property(fc.oneof(hidden, free), ({ pattern, text }) => {
        const expected = byTable(pattern, text)
        if (expected) matches++
        expect(matchesGlob(pattern, text)).toBe(expected)
      }),
      { numRuns: 4000 }
    )
    expect(matches).toBeGreaterThan(500)
  })

  it("a glob counts a character beyond the basic plane as one", () => {
    fc.assert(
      fc.property(small("\u{1f511}", "\ufffd", "*", "?"), small("\u{1f511}", "\ufffd"), (pattern, text) => {
        expect(matchesGlob(pattern, text)).toBe(naive([...pattern], [...text]))
      }),
      { numRuns: 5000 }
    )
    expect(matchesGlob("?", "\u{1f511}")).toBe(true)
    expect(matchesGlob("??", "\u{1f511}")).toBe(false)
  })

  it("a glob has no special characters except the star and the question mark", () => {
    for (const text of [".", "a.b", "[ab]", "(a|b)+", "\\", "^$", "{1,2}", "**"]) {
      expect(matchesGlob(text, text)).toBe(true)
    }
    expect(matchesGlob("[ab]", "a")).toBe(false)
    expect(matchesGlob("a.c", "abc")).toBe(false)
    expect(matchesGlob("\\*", "*")).toBe(false)
  })
})

describe("globs of ten thousand characters", () => {
  const size = 10_000
  const half = size / 2
  const a = "a".repeat(size)
  const shapes: ReadonlyArray<readonly [name: string, pattern: string]> = [
    ["stars between letters", `${"*a".repeat(half - 1)}*b`],
    ["a run that fails at its end", `*${"a".repeat(half)}b`],
    ["a run that fails at its start", `*b${"a".repeat(half)}*`],
    ["a run that fails in its middle", `*${"a".repeat(half / 2)}b${"a".repeat(half / 2)}*`],
    ["any character and a letter by turns", `*${"?a".repeat(half / 2)}b`],
    ["any character and a letter by turns, open at the end", `*${"?a".repeat(half / 2)}b*`],
    ["any characters alone", `*${"?".repeat(half)}b*`],
    ["many runs of any character", `${"*?a".repeat(size / 3)}*b`],
    ["many long runs of any character", `${`*${"?a".repeat(40)}`.repeat(size / 81)}b*`],
    ["as long as the text", `*${"?a".repeat(half - 1)}b*`],
    [
      "characters that are all different",
      `*?${Array.from({ length: half }, (_, i) => String.fromCharCode(0x4e00 + i)).join("")}*`
    ]
  ]

  it.each(shapes)(
    "a glob of ten thousand characters needs few steps on a text of that length: %s",
    (_name, pattern) => {
      const meter = { steps: 0 }
      expect(compileGlob(pattern)(a, meter)).toBe(false)
      // Trying every position would take size² / 4 steps; 32 positions take one step, plus a few for each character.
      expect(meter.steps).toBeGreaterThan(0)
      expect(meter.steps).toBeLessThan(((size / 2) * (size / 2)) / 32 + 34 * size)
    }
  )

  it.each(shapes)(
    "a glob of ten thousand characters takes milliseconds on a text of that length: %s",
    (_name, pattern) => {
      const glob = compileGlob(pattern)
      const times = Array.from({ length: 7 }, () => cpuMillisOf(() => glob(a)))
      expect(Math.min(...times)).toBeLessThan(10)
    }
  )
})
