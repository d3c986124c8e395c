/** The audit records of a page are a range without gaps, newest first, after any pages have arrived. */
import fc from "fast-check"
import { expect, it } from "vitest"
import { partIn, withNewest, withNext } from "../../src/console/app/data/auditRecords.ts"
import type { AuditPart } from "../../src/console/app/data/auditRecords.ts"

/** A log with three lines in each segment. */
const placeOf = (n: number) => ({ Seq: Math.floor(n / 3) + 1, Line: (n % 3) + 1 })
const numberOf = ({ seq, line }: AuditPart["end"]): number => (seq - 1) * 3 + line - 1

const every = 4
const isWanted = (n: number): boolean => n % every === 0

/** The server's answer about a log of `length` records, backwards from the record before `from`. */
const pageBefore = (from: number, looked: number): AuditPart => {
  const last = Math.max(from - looked, 0)
  const numbers = Array.from({ length: from - last }, (_, n) => from - 1 - n)
  const { Seq, Line } = placeOf(last)
  return partIn({
    Records: { Record: numbers.filter(isWanted).map(placeOf) },
    NextAfterSeq: Seq,
    NextAfterLine: Line,
    NextAfterTime: "2026-01-01T00:00:00.000Z",
    HasMore: last > 0
  })
}

const shown = ({ records }: AuditPart): ReadonlyArray<number> =>
  records.map(({ Seq, Line }) => numberOf({ seq: Number(Seq), line: Number(Line) }))

it("the audit records of a page are complete between the newest page and its end", () => {
  const step = fc.oneof(
    fc.record({ grows: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ looks: fc.integer({ min: 1, max: 30 }) })
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.array(step, { maxLength: 12 }), (start, steps) => {
      let length = start
      let part = withNewest(undefined, pageBefore(length, 20))
      for (const one of steps) {
        if ("grows" in one) {
          length += one.grows
          part = withNewest(part, pageBefore(length, 20))
        } else if (part.hasMore) part = withNext(part, part.end, pageBefore(numberOf(part.end), one.looks))
        const end = numberOf(part.end)
        const expected = Array.from({ length: length - end }, (_, n) => length - 1 - n).filter(isWanted)
        expect(shown(part)).toEqual(expected)
        expect(part.hasMore).toBe(end > 0)
      }
    })
  )
})

it("the Audit page keeps older records when new ones arrive", () => {
  const known = withNext(pageBefore(100, 20), pageBefore(100, 20).end, pageBefore(80, 40))
  const part = withNewest(known, pageBefore(104, 20))
  expect(shown(part)).toEqual([100, ...shown(known)])
  expect(part.end).toEqual(known.end)
})

it("the Audit page ignores a part that does not continue from its end", () => {
  const known = pageBefore(100, 20)
  expect(withNext(known, pageBefore(90, 20).end, pageBefore(70, 20))).toBe(known)
})
