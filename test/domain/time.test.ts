/** Instants in requests: reading and writing agree. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatInstant, parseInstant } from "../../src/domain/time.ts"

const twoDigits = (max: number) => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, "0"))

describe("an instant", () => {
  it("parseInstant reads what formatInstant wrote, without milliseconds", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (millis) => {
        expect(parseInstant(formatInstant(millis))).toBe(Math.floor(millis / 1000) * 1000)
      })
    )
  })

  it("parseInstant accepts exactly the instants of the calendar and the clock", () => {
    const year = fc.constantFrom("0000", "0099", "1900", "1970", "2023", "2024", "2100", "9999")
    const time = fc.tuple(twoDigits(25), twoDigits(61), twoDigits(61)).map((parts) => parts.join(":"))
    const text = fc.tuple(year, twoDigits(13), twoDigits(32), time).map(([y, m, d, t]) => `${y}-${m}-${d}T${t}Z`)
    fc.assert(
      fc.property(text, (given) => {
        const millis = Date.parse(given)
        const isReal = !Number.isNaN(millis) && formatInstant(millis) === given
        expect(parseInstant(given)).toBe(isReal ? millis : undefined)
      }),
      { numRuns: 2000 }
    )
  })

  it.each([
    "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-12-31T24:00:00Z",
    "2026-01-01T00:00:60Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-1-01T00:00:00Z",
    "2026-01-01T00:00:00.000Z",
    "2026-01-01 00:00:00Z",
    "2026-01-01T00:00:00+00:00",
    ""
  ])('parseInstant refuses the text "%s"', (text) => {
    expect(parseInstant(text)).toBeUndefined()
  })
})
