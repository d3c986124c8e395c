/** A range of time reads only the blocks of the log that can have records in it, and finds the same records. */
import { Effect } from "effect"
import fc from "fast-check"
import { expect, it } from "vitest"
import { auditOrders, auditPage, beginning } from "../../src/audit/auditPage.ts"
import type { AuditQuery } from "../../src/audit/auditPage.ts"
import { makeTimeBlocks } from "../../src/audit/timeBlocks.ts"
import type { TimeBlocks } from "../../src/audit/timeBlocks.ts"
import { lineLike, lineOf } from "../../src/records/auditLine.ts"
import type { AuditEntry } from "../../src/records/auditLine.ts"
import type { Segment } from "../../src/records/rows.ts"
import { memoryStoreLayer } from "../../src/store/memory/memoryStore.ts"
import { Store } from "../../src/store/store.ts"

const record = { principal: "p", operation: "Encrypt", keyId: null, outcome: "Success", before: null, after: null }

/** A segment whose records have these times; every second line is a short one. */
const linesOf = (times: ReadonlyArray<number>): ReadonlyArray<string> =>
  times.map((at, index) => {
    const requestId = `r${index}`
    return index % 2 === 1 ? lineLike({ at, requestId }, 1) : lineOf({ at, requestId, ...record })
  })

const everyPage = (query: Omit<AuditQuery, "after">) =>
  Effect.gen(function* () {
    const entries: Array<AuditEntry> = []
    let after = beginning
    for (;;) {
      const page = yield* auditPage({ ...query, after })
      entries.push(...page.entries)
      if (!page.hasMore) return entries
      after = page.end
    }
  })

const withLog = <A>(
  segments: ReadonlyArray<ReadonlyArray<number>>,
  use: Effect.Effect<A, unknown, Store>
): Promise<A> =>
  Effect.gen(function* () {
    const store = yield* Store
    for (const times of segments) yield* store.appendAudit(linesOf(times))
    return yield* use
  }).pipe(Effect.provide(memoryStoreLayer, { local: true }), Effect.runPromise)

/** The blocks of the first segments of the log. */
const blocksOf = Effect.fnUntraced(function* (segments: number) {
  const times = makeTimeBlocks(4)
  for (const segment of yield* (yield* Store).auditSegments({ afterSeq: 0, limit: segments })) times.learn(segment)
  return times
})

it("a search by time finds what a search of every segment finds, also if times do not grow along the log", async () => {
  const time = fc.integer({ min: 0, max: 40 })
  const segment = fc.array(time, { minLength: 1, maxLength: 6 })
  const range = fc.record({ since: fc.option(time, { nil: undefined }), until: fc.option(time, { nil: undefined }) })
  await fc.assert(
    fc.asyncProperty(
      fc.array(segment, { maxLength: 20 }),
      fc.nat({ max: 20 }),
      range,
      fc.constantFrom(...auditOrders),
      fc.integer({ min: 1, max: 30 }),
      async (segments, known, filter, order, limit) => {
        const found = Effect.gen(function* () {
          const times = yield* blocksOf(known + 1)
          const all = yield* everyPage({ filter, order, limit })
          return [all, yield* everyPage({ filter, order, limit, times })] as const
        })
        const [all, skipping] = await withLog(segments, found)
        expect(skipping).toEqual(all)
      }
    )
  )
})

it("a search by time reads few segments of a long log", async () => {
  const segments = Array.from({ length: 60 }, (_, n) => [n, n, n])
  const reads: Array<number> = []
  const search = Effect.gen(function* () {
    const store = yield* Store
    const times: TimeBlocks = yield* blocksOf(60)
    const counting: Store["Service"] = {
      ...store,
      auditSegments: (page) => Effect.tap(store.auditSegments(page), (found) => Effect.sync(() => count(found))),
      auditSegmentsBefore: (page) =>
        Effect.tap(store.auditSegmentsBefore(page), (found) => Effect.sync(() => count(found)))
    }
    const count = (found: ReadonlyArray<Segment>): void => void reads.push(...found.map(({ seq }) => seq))
    for (const order of auditOrders) {
      const query: AuditQuery = { after: beginning, order, limit: 100, filter: { since: 30, until: 32 }, times }
      const page = yield* Effect.provideService(auditPage(query), Store, counting)
      expect(page).toMatchObject({ hasMore: false })
      expect(page.entries).toHaveLength(6)
    }
  })
  await withLog(segments, search)
  expect(reads.length).toBeLessThan(30)
})

it("a segment with a damaged line is never skipped", () => {
  const times = makeTimeBlocks()
  times.learn({ seq: 1, lines: ["damaged"], previous: "", hash: "" })
  expect(times.excludes(1, { since: 5, until: 6 })).toBe(false)
  times.learn({ seq: 3, lines: linesOf([1]), previous: "", hash: "" })
  expect(times.known()).toHaveLength(1)
})
