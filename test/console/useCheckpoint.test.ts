/** The stored counts of uses: what a start reads again, and that the counts stay exact after crashes and other logs. */
import { Effect, Layer, ManagedRuntime } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { makeTimeBlocks } from "../../src/audit/timeBlocks.ts"
import { makeUseIndex } from "../../src/console/server/useIndex.ts"
import { lineOf } from "../../src/records/auditLine.ts"
import { memoryStoreLayer } from "../../src/store/memory/memoryStore.ts"
import { Store, StoreUnavailable } from "../../src/store/store.ts"

type StoreService = Store["Service"]

const freshStore = (): Promise<StoreService> =>
  ManagedRuntime.make(Layer.fresh(memoryStoreLayer)).runPromise(Effect.service(Store))

/** Keys in several shards. */
const keys = ["00", "01", "02", "ff"].map((digits) => `${digits}000000-0000-4000-8000-000000000000`)

const principal = "acs:ram::1000000000000001:user/app"
let requests = 0
const useOf = (keyId: string): string =>
  lineOf({
    at: 1_000_000 + requests,
    requestId: `request-${requests++}`,
    principal,
    operation: "Encrypt",
    keyId,
    outcome: "Success",
    before: null,
    after: null
  })

const append = (store: StoreService, used: ReadonlyArray<number>): Promise<void> =>
  Effect.runPromise(store.appendAudit(used.map((index) => useOf(keys[index] ?? ""))))

/** A server that has just started, and stores its counts after each question that read something. */
const start = (store: StoreService) => {
  const times = makeTimeBlocks()
  const uses = makeUseIndex(store, { flush: Effect.void, times }, 1)
  const countOf = async (keyId: string): Promise<number> =>
    (await Effect.runPromise(uses.of(keyId))).uses.reduce((sum, { count }) => sum + count, 0)
  return {
    times,
    counts: async () => [await countOf(keys[0] ?? ""), ...(await Promise.all(keys.slice(1).map(countOf)))]
  }
}

const expected = (used: ReadonlyArray<number>): ReadonlyArray<number> =>
  keys.map((_key, index) => used.filter((one) => one === index).length)

/** The store, with the numbers of the segments that are read in order. */
const watched = (store: StoreService) => {
  const read: Array<number> = []
  const auditSegments: StoreService["auditSegments"] = (page) =>
    Effect.tap(store.auditSegments(page), (found) => Effect.sync(() => void read.push(...found.map(({ seq }) => seq))))
  return { read, store: { ...store, auditSegments } }
}

/** The store of a process that dies: after `writes` more writes, each further one fails and changes nothing. */
const dying = (store: StoreService, writes: number): StoreService => {
  let left = writes
  return {
    ...store,
    editMeta: (name, edit) =>
      Effect.suspend(() =>
        left-- > 0
          ? store.editMeta(name, edit)
          : Effect.fail(new StoreUnavailable({ reason: "Closed", message: "the process died" }))
      )
  }
}

const metaNames = ["console.uses.head", ...Array.from({ length: 64 }, (_, index) => `console.uses.${index}`)]

const copyMeta = async (from: StoreService, to: StoreService): Promise<void> => {
  for (const name of metaNames) {
    const text = await Effect.runPromise(from.meta(name))
    if (text !== undefined) await Effect.runPromise(to.setMeta(name, text))
  }
}

describe("a start", () => {
  it("a start reads only the segments after the stored counts, and knows the times of all", async () => {
    const store = await freshStore()
    for (let segment = 0; segment < 20; segment++) await append(store, [0, 1])
    await start(store).counts()
    await append(store, [0, 3])
    const { read, store: looked } = watched(store)
    const again = start(looked)
    expect(await again.counts()).toEqual([21, 20, 0, 1])
    // The segment of the stored place is read to compare its hash.
    expect([...new Set(read)].toSorted((a, b) => a - b)).toEqual([20, 21])
    expect(again.times.known().at(0)).toMatchObject({ first: 1, last: 21, lines: 42 })
  })

  it("a start counts exactly after a crash before any of the writes", async () => {
    for (let writes = 0; writes <= 6; writes++) {
      const store = await freshStore()
      await append(store, [0, 1, 2, 3])
      await start(store).counts()
      await append(store, [0, 1, 1, 2, 3])
      expect(await start(dying(store, writes)).counts()).toEqual([2, 3, 2, 2])
      await append(store, [3])
      expect(await start(store).counts(), `${writes} writes`).toEqual([2, 3, 2, 3])
    }
  })

  it("a start counts anew if a row does not decode or has another version", async () => {
    for (const damaged of ["nonsense", "1 1 00\n[]", "2 1 00\n[]", '1 1 00\n[["key",[["p"]],[]]]']) {
      for (const name of ["console.uses.head", "console.uses.1"]) {
        const store = await freshStore()
        await append(store, [0, 1, 1])
        await start(store).counts()
        await Effect.runPromise(store.setMeta(name, damaged))
        expect(await start(store).counts(), `${name}: ${damaged}`).toEqual([1, 2, 0, 0])
        const { read, store: looked } = watched(store)
        expect(await start(looked).counts()).toEqual([1, 2, 0, 0])
        expect([...new Set(read)]).toEqual([1])
      }
    }
  })
})

describe("stored counts of another log", () => {
  it("stored counts are thrown away after the log was replaced by one of the same length", async () => {
    const [store, other] = [await freshStore(), await freshStore()]
    await append(store, [0, 0])
    await append(other, [1, 1, 1])
    await start(store).counts()
    await copyMeta(store, other)
    expect(await start(other).counts()).toEqual([0, 3, 0, 0])
  })

  it("stored counts are thrown away if they are newer than a log that was restored from a backup", async () => {
    const [store, restored] = [await freshStore(), await freshStore()]
    requests = 0
    await append(store, [0])
    await append(store, [0, 1])
    await start(store).counts()
    requests = 0
    await append(restored, [0])
    await copyMeta(store, restored)
    expect(await start(restored).counts()).toEqual([1, 0, 0, 0])
    await append(restored, [2, 2])
    expect(await start(restored).counts()).toEqual([1, 0, 2, 0])
  })
})

/** The store of a slow server: its writes are done later and in order, when `release` is called. */
const slow = (store: StoreService) => {
  const writes: Array<Effect.Effect<unknown, unknown>> = []
  const editMeta: StoreService["editMeta"] = (name, edit) =>
    Effect.sync(() => {
      writes.push(store.editMeta(name, edit))
      return edit(undefined).answer
    })
  return {
    store: { ...store, editMeta },
    release: (count: number) => Effect.runPromise(Effect.all(writes.splice(0, count)))
  }
}

describe("several servers on one store", () => {
  it("a late write of a server does not replace newer counts", async () => {
    const store = await freshStore()
    const late = slow(store)
    await append(store, [0])
    await start(late.store).counts()
    await append(store, [0])
    await start(store).counts()
    await late.release(1)
    expect(await start(store).counts()).toEqual([2, 0, 0, 0])
  })

  it("several servers count exactly after any order of reads, late writes and crashes", async () => {
    const used = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 4 })
    const step = fc.oneof(
      fc.record({ does: fc.constant("append" as const), used }),
      fc.record({ does: fc.constant("ask" as const), server: fc.nat({ max: 2 }) }),
      fc.record({ does: fc.constant("restart" as const), server: fc.nat({ max: 2 }), writes: fc.nat({ max: 6 }) }),
      fc.record({ does: fc.constant("release" as const), count: fc.nat({ max: 4 }) })
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const store = await freshStore()
        const late = slow(store)
        const servers = [start(store), start(store), start(late.store)]
        const all: Array<number> = []
        for (const one of steps) {
          if (one.does === "append") {
            await append(store, one.used)
            all.push(...one.used)
          } else if (one.does === "release") await late.release(one.count)
          else if (one.does === "restart") servers[one.server] = start(dying(store, one.writes))
          else expect(await servers[one.server]?.counts()).toEqual(expected(all))
        }
        expect(await start(store).counts()).toEqual(expected(all))
      }),
      { numRuns: 100 }
    )
  })
})
