/** Audit records of calls, of deadlines and of alarms, in this process. */
import { Effect, Layer, Logger, ManagedRuntime } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeAuditBatch } from "../../src/audit/auditBatch.ts"
import { entryOf, isWanted, lineOf } from "../../src/records/auditLine.ts"
import type { AuditEntry } from "../../src/records/auditLine.ts"
import { Audit, auditBufferedMax } from "../../src/audit/audit.ts"
import { auditOrders, auditPage, beginning } from "../../src/audit/auditPage.ts"
import type { AuditQuery } from "../../src/audit/auditPage.ts"
import { walkChain } from "../../src/audit/chainWalk.ts"
import { Dispatch } from "../../src/requests/dispatch.ts"
import type { AnyKmsError } from "../../src/domain/errors.ts"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { fromObject } from "../../src/operation/parameters.ts"
import { memoryStoreLayer } from "../../src/store/memory/memoryStore.ts"
import { Store } from "../../src/store/store.ts"
import type { AuditRecord } from "../../src/records/rows.ts"

const members = ["at", "requestId", "principal", "operation", "keyId", "outcome", "before", "after"]

/** An engine with a frozen clock, and its log. */
const engine = () => {
  const logged: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    logged.push(`${logLevel} ${String(message)}`)
  })
  const layer = engineLayer(optionsOf("memory", { clock: "virtual", seed: "audit" })).pipe(
    Layer.provideMerge(Logger.layer([logger]))
  )
  const runtime = ManagedRuntime.make(layer)
  const run = <A, E>(effect: Effect.Effect<A, E, Layer.Success<typeof layer>>): Promise<A> => runtime.runPromise(effect)
  const call = <A, E>(ask: (kms: Kms["Service"]) => Effect.Effect<A, E>): Promise<A> => run(Effect.flatMap(Kms, ask))
  return { call, run, logged, [Symbol.asyncDispose]: () => runtime.dispose() }
}

/** Every line of the log as it is stored, including lines that are not written yet. */
const storedLines = Effect.gen(function* () {
  const audit = yield* Audit
  const store = yield* Store
  yield* audit.flush
  return (yield* store.auditSegments({ afterSeq: 0, limit: 1000 })).flatMap(({ lines }) => lines)
})

const entriesOf = (lines: ReadonlyArray<string>): ReadonlyArray<AuditEntry> =>
  lines.map((_, index) => entryOf({ seq: 1, line: index + 1 }, lines))

describe("audit records", () => {
  const word = fc.string({ unit: "binary" })
  const maybe = fc.option(word, { nil: null })
  const state = fc.constantFrom("Enabled", "PendingDeletion", null)
  const record: fc.Arbitrary<AuditRecord> = fc.record(
    {
      at: fc.integer({ min: 0, max: 4e12 }),
      requestId: word,
      principal: word,
      operation: word,
      keyId: maybe,
      outcome: word,
      before: state,
      after: state,
      alarm: fc.constant("PendingDeletionUse" as const),
      subject: word
    },
    { requiredKeys: ["at", "requestId", "principal", "operation", "keyId", "outcome", "before", "after"] }
  )

  it("an audit record with any content is read back unchanged from its line", () => {
    fc.assert(
      fc.property(record, (given) => {
        const line = lineOf(given)
        const more = ["alarm", "subject"].filter((name) => name in given)
        expect(Object.keys(JSON.parse(line))).toEqual([...members, ...more])
        const place = { seq: 3, line: 1 }
        const time = new Date(given.at).toISOString()
        expect(entryOf(place, [line])).toEqual({ ...place, time, ...given })
      })
    )
  })

  it("an audit record is read back unchanged from a batch, after any earlier record", () => {
    const seldom = fc.constantFrom("a", "b", "1 b 2", '{"at":1}')
    const call: fc.Arbitrary<AuditRecord> = fc.record(
      {
        at: fc.integer({ min: 0, max: 4e12 }),
        requestId: fc.oneof(word, seldom),
        principal: seldom,
        operation: seldom,
        keyId: fc.option(seldom, { nil: null }),
        outcome: seldom,
        before: fc.constant(null),
        after: fc.constant(null),
        alarm: fc.constant("PendingDeletionUse" as const),
        subject: seldom
      },
      { requiredKeys: ["at", "requestId", "principal", "operation", "keyId", "outcome", "before", "after"] }
    )
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), fc.array(word, { maxLength: 3 }), (calls, others) => {
        const batch = makeAuditBatch()
        for (const [index, one] of calls.entries()) expect(batch.add(one)).toBe(index + 1)
        // Lines of other writes may come before it in the same segment.
        const lines = [...others, ...batch.take()]
        const places = calls.map((_, index) => ({ seq: 3, line: others.length + index + 1 }))
        expect(places.map((place) => entryOf(place, lines))).toEqual(
          calls.map((one, index) => ({ ...places[index], time: new Date(one.at).toISOString(), ...one }))
        )
        expect(batch.take()).toEqual([])
      })
    )
  })

  it("an audit batch writes one full line when the same caller repeats a call", () => {
    const batch = makeAuditBatch()
    for (let n = 0; n < 3; n++) batch.add({ ...recorded(0), at: n, requestId: `request ${n}` })
    const [first, ...more] = batch.take()
    expect(first).toMatch(/^\{.*\}$/)
    expect(more).toEqual(["1 request 1 1", "2 request 2 2"])
    batch.add({ ...recorded(0), at: 3, requestId: "request 3" })
    expect(batch.take()).toEqual([lineOf({ ...recorded(0), at: 3, requestId: "request 3" })])
  })

  it("the audit records of a use, change, refusal and deadline have the same members in one order", async () => {
    await using made = engine()
    const { KeyId } = (await made.call((kms) => kms.createKey())).KeyMetadata
    await made.call((kms) => kms.encrypt({ KeyId, Plaintext: "aGk=" }))
    await made.call((kms) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }))
    await made.call((kms) => Effect.flip(kms.encrypt({ KeyId, Plaintext: "aGk=" })))
    await made.call((kms) => kms.advanceClock({ By: "8d" }))
    const lines = await made.run(storedLines)
    for (const line of lines) expect(Object.keys(JSON.parse(line)).slice(0, members.length)).toEqual(members)
    const root = "acs:ram::1000000000000001:root"
    const told = entriesOf(lines).map(({ principal, operation, outcome, before, after }) =>
      [principal, operation, outcome, before, after].join(" ")
    )
    expect(told.toSorted()).toEqual(
      [
        `${root} CreateKey Success  Enabled`,
        `${root} Encrypt Success  `,
        `${root} ScheduleKeyDeletion Success Enabled PendingDeletion`,
        `${root} Encrypt Rejected.PendingDeletion  `,
        "clock DeletionDue Success PendingDeletion Deleted",
        `${root} AdvanceClock Success  `
      ].toSorted()
    )
  })

  it("the audit record of a deadline has the key and its exact instant", async () => {
    await using made = engine()
    const { KeyId } = (await made.call((kms) => kms.createKey())).KeyMetadata
    await made.call((kms) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }))
    await made.call((kms) => kms.advanceClock({ By: "30d" }))
    const entries = entriesOf(await made.run(storedLines))
    expect(entries.find(({ principal }) => principal === "clock")).toMatchObject({
      at: Date.parse("2026-01-08T00:00:00Z"),
      time: "2026-01-08T00:00:00.000Z",
      operation: "DeletionDue",
      keyId: KeyId
    })
  })

  it("the audit record of an unknown operation has a fixed name, not one that the caller chose", async () => {
    await using made = engine()
    const { realm } = await made.call(Effect.succeed)
    const asked = { realm, source: fromObject({}), caller: { kind: "root", account: realm.account } } as const
    const ask = ({ ask }: Dispatch["Service"]) => ask({ ...asked, operation: "Drop\ntables", requestId: "one" })
    await made.run(Effect.flatMap(Dispatch, (dispatch) => Effect.flip(ask(dispatch))))
    const entries = entriesOf(await made.run(storedLines))
    expect(entries).toMatchObject([{ operation: "unknown", outcome: "InvalidAction.NotFound", requestId: "one" }])
  })
})

describe("alarms", () => {
  it("every use of a key in PendingDeletion raises an alarm in the record, log and metric", async () => {
    await using made = engine()
    const { KeyId } = (await made.call((kms) => kms.createKey())).KeyMetadata
    const { CiphertextBlob } = await made.call((kms) => kms.encrypt({ KeyId, Plaintext: "aGk=" }))
    const other = (await made.call((kms) => kms.createKey())).KeyMetadata.KeyId
    const own = await made.call((kms) => kms.encrypt({ KeyId: other, Plaintext: "aGk=" }))
    await made.call((kms) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }))
    const uses: ReadonlyArray<(kms: Kms["Service"]) => Effect.Effect<object, AnyKmsError>> = [
      (kms) => kms.encrypt({ KeyId, Plaintext: "aGk=" }),
      (kms) => kms.decrypt({ CiphertextBlob }),
      (kms) => kms.generateDataKey({ KeyId }),
      (kms) => kms.reEncrypt({ CiphertextBlob, DestinationKeyId: other }),
      (kms) => kms.reEncrypt({ CiphertextBlob: own.CiphertextBlob, DestinationKeyId: KeyId })
    ]
    for (const use of uses) await made.call((kms) => Effect.flip(use(kms)))
    const entries = entriesOf(await made.run(storedLines))
    const alarms = entries.filter(({ alarm }) => alarm === "PendingDeletionUse")
    // All of them name the key that refused, also if another key took part.
    expect(alarms.map(({ operation, keyId }) => [operation, keyId])).toEqual(
      ["Encrypt", "Decrypt", "GenerateDataKey", "ReEncrypt", "ReEncrypt"].map((operation) => [operation, KeyId])
    )
    expect(made.logged).toEqual(
      alarms.map(
        ({ principal, operation, requestId }) =>
          `Warn PendingDeletionUse: ${principal} called ${operation} on key ${KeyId}, which is scheduled for deletion (${requestId})`
      )
    )
    const { PendingDeletionUse } = await made.run(Effect.map(Audit, (audit) => audit.alarms()))
    expect(PendingDeletionUse).toBe(uses.length)
  })

  it("changes and reads of a PendingDeletion key, and uses of a disabled key, raise no alarm", async () => {
    await using made = engine()
    const { KeyId } = (await made.call((kms) => kms.createKey())).KeyMetadata
    await made.call((kms) => kms.disableKey({ KeyId }))
    await made.call((kms) => Effect.flip(kms.encrypt({ KeyId, Plaintext: "aGk=" })))
    await made.call((kms) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }))
    await made.call((kms) => kms.describeKey({ KeyId }))
    const refused = await made.call((kms) => Effect.flip(kms.updateKeyDescription({ KeyId, Description: "no" })))
    expect(refused.code).toBe("Rejected.PendingDeletion")
    const entries = entriesOf(await made.run(storedLines))
    expect(entries.filter(({ alarm }) => alarm === "PendingDeletionUse")).toEqual([])
    expect(made.logged).toEqual([])
  })
})

const recorded = (n: number): AuditRecord => ({
  at: n * 1000,
  requestId: `request-${n}`,
  principal: n % 2 === 0 ? "clock" : "acs:ram::1:root",
  operation: n % 3 === 0 ? "Encrypt" : "Decrypt",
  keyId: n % 5 === 0 ? null : `key-${n % 5}`,
  outcome: n % 7 === 0 ? "Success" : "Rejected.Disabled",
  before: null,
  after: null,
  ...(n % 11 === 0 ? { alarm: "PendingDeletionUse" } : {})
})

/** A log of so many records in segments of the given lengths, and the pages of a query. */
const pagesOf = (lengths: ReadonlyArray<number>, query: Omit<AuditQuery, "after">) =>
  Effect.gen(function* () {
    const store = yield* Store
    let n = 0
    for (const length of lengths) {
      yield* store.appendAudit(Array.from({ length }, () => lineOf(recorded(n++))))
    }
    const pages: Array<ReadonlyArray<AuditEntry>> = []
    for (let after = beginning; ;) {
      const page = yield* auditPage({ ...query, after })
      pages.push(page.entries)
      if (!page.hasMore) return { pages, chain: yield* walkChain }
      after = page.end
    }
  }).pipe(Effect.provide(Layer.fresh(memoryStoreLayer)), Effect.runPromise)

describe("waiting audit records", () => {
  it("few audit records wait while a program makes one call after another", async () => {
    await using service = engine()
    const kms = await service.run(Effect.service(Kms))
    const audit = await service.run(Effect.service(Audit))
    let most = 0
    for (let n = 0; n < 2 * auditBufferedMax; n++) {
      await service.run(kms.describeRegions())
      most = Math.max(most, audit.waiting())
    }
    expect(most).toBeLessThanOrEqual(auditBufferedMax)
    expect((await service.run(storedLines)).length).toBe(2 * auditBufferedMax)
  })
})

describe("pages of the audit log", () => {
  const filter = fc.record({
    keyId: fc.constantFrom(undefined, "key-1"),
    principal: fc.constantFrom(undefined, "clock"),
    operation: fc.constantFrom(undefined, "Encrypt"),
    outcome: fc.constantFrom(undefined, "Success"),
    since: fc.constantFrom(undefined, 10_000),
    until: fc.constantFrom(undefined, 30_000),
    alarms: fc.constantFrom(undefined, true),
    refused: fc.constantFrom(undefined, true)
  })
  const order = fc.constantFrom(...auditOrders)

  it("pages of the audit log contain every matching record once and in order", async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 1, max: 20 }), order, filter, async (cuts, limit, order, wanted) => {
        const { pages, chain } = await pagesOf(cuts, { order, limit, filter: wanted })
        const total = cuts.reduce((sum, length) => sum + length, 0)
        const whole = Array.from({ length: total }, (_, n) => entryOf({ seq: 1, line: 1 }, [lineOf(recorded(n))]))
        const expected = whole.filter((entry) => isWanted(entry, wanted))
        const read = order === "OldestFirst" ? pages.flat() : pages.flat().toReversed()
        expect(read.map(({ requestId }) => requestId)).toEqual(expected.map(({ requestId }) => requestId))
        expect(pages.every((entries) => entries.length <= limit)).toBe(true)
        expect(chain).toMatchObject({ segments: cuts.length, lines: total, broken: undefined })
      }),
      { numRuns: 50 }
    )
  })

  it("pages of the audit log stay short if nothing matches in a long log", async () => {
    for (const order of auditOrders) {
      const { pages } = await pagesOf([25_000], { order, limit: 10, filter: { principal: "nobody" } })
      expect(pages, order).toEqual([[], []])
    }
  })

  it("pages of the audit log end with the last record, without an empty last page", async () => {
    for (const order of auditOrders) {
      const { pages } = await pagesOf([3, 3, 3, 3], { order, limit: 6, filter: {} })
      expect(
        pages.map(({ length }) => length),
        order
      ).toEqual([6, 6])
    }
  })

  it("pages in the order NewestFirst contain each record once, and none that was added during the listing", async () => {
    const growth = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(growth, growth, fc.integer({ min: 1, max: 9 }), async (cuts, more, limit) => {
        const total = cuts.reduce((sum, length) => sum + length, 0)
        const read = await Effect.gen(function* () {
          const { appendAudit } = yield* Store
          let n = 0
          const grow = (length: number) => appendAudit(Array.from({ length }, () => lineOf(recorded(n++))))
          yield* Effect.forEach(cuts, grow, { discard: true })
          const entries: Array<AuditEntry> = []
          for (let [after, turn] = [beginning, 0]; ; turn++) {
            const page = yield* auditPage({ after, order: "NewestFirst", limit, filter: {} })
            entries.push(...page.entries)
            if (!page.hasMore) return entries
            after = page.end
            yield* grow(more[turn % more.length] ?? 1)
          }
        }).pipe(Effect.provide(Layer.fresh(memoryStoreLayer)), Effect.runPromise)
        expect(read.map(({ requestId }) => requestId)).toEqual(
          Array.from({ length: total }, (_, n) => `request-${total - 1 - n}`)
        )
      }),
      { numRuns: 50 }
    )
  })

  it("the newest page reads as many segments in a long audit log as in a short one", async () => {
    const reads = (segments: number) =>
      Effect.gen(function* () {
        const store = yield* Store
        for (let n = 0; n < segments; n++) yield* store.appendAudit([lineOf(recorded(n))])
        let read = 0
        const counting = Store.of({
          ...store,
          auditSegments: () => Effect.die("the log was read from its beginning"),
          auditSegmentsBefore: (page) =>
            Effect.tap(store.auditSegmentsBefore(page), (found) => Effect.sync(() => (read += found.length)))
        })
        const asked = { after: beginning, order: "NewestFirst", limit: 10, filter: {} } as const
        yield* Effect.provideService(auditPage(asked), Store, counting)
        return read
      }).pipe(Effect.provide(Layer.fresh(memoryStoreLayer)), Effect.runPromise)
    expect(await reads(2000)).toBe(await reads(20))
  })

  it("a page of the audit log cannot continue from a segment that is not in the log", async () => {
    for (const order of auditOrders) {
      const refused = await Effect.gen(function* () {
        const { appendAudit } = yield* Store
        yield* appendAudit([lineOf(recorded(0))])
        return yield* Effect.flip(auditPage({ after: { seq: 2, line: 1 }, order, limit: 1, filter: {} }))
      }).pipe(Effect.provide(Layer.fresh(memoryStoreLayer)), Effect.runPromise)
      expect(refused.message, order).toBe("the log has no segment 2")
    }
  })
})
