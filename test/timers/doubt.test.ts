/** A real clock that jumps forward: what can be done again goes on, what cannot be undone waits for a person. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Clock, Effect, Layer } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { memoryStoreLayer } from "../../src/store/memory/memoryStore.ts"
import { createKms } from "../../src/promise.ts"
import { Store } from "../../src/store/store.ts"
import { layerReal, LifecycleClock } from "../../src/timers/clock.ts"
import { Timers } from "../../src/timers/timers.ts"
import { life, scheduled, start } from "../../src/conformance/store/changes.ts"
import { commitAll } from "../../src/conformance/store/laws/law.ts"
import { sqliteIn } from "../store/places.ts"

const day = 86_400_000

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "keystate-doubt-"))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const inStore = <A>(work: Effect.Effect<A, unknown, Store>): Promise<A> =>
  Effect.runPromise(Effect.provide(work, sqliteIn(directory)) as Effect.Effect<A>)

describe("a service that was down for long", () => {
  /** Two keys as a service left them that was stopped twenty days ago: one to be deleted since, one to be rotated. */
  const abandoned = async () => {
    const startAt = Date.now() - 20 * day
    const before = await createKms({ store: { directory }, clock: "virtual", startAt })
    const leaving = (await before.createKey()).KeyMetadata.KeyId
    const rotating = (await before.createKey({ EnableAutomaticRotation: true, RotationInterval: "7d" })).KeyMetadata
    await before.scheduleKeyDeletion({ KeyId: leaving, PendingWindowInDays: 7 })
    await before.close()
    await inStore(
      Effect.flatMap(Store, (store) =>
        Effect.andThen(store.setMeta("clock.kind", "real"), store.setMeta("clock.mark", String(startAt)))
      )
    )
    return { leaving, rotating }
  }
  const stateOf = (kms: Awaited<ReturnType<typeof createKms>>, KeyId: string): Promise<string> =>
    kms.describeKey({ KeyId }).then(
      ({ KeyMetadata }) => KeyMetadata.KeyState,
      (error) => error.code
    )

  it("rotates at once and deletes when a person has confirmed the clock, after restarts too", async () => {
    const { leaving, rotating } = await abandoned()
    for (let run = 0; run < 2; run++) {
      await using kms = await createKms({ store: { directory }, clock: "real" })
      expect(await stateOf(kms, leaving)).toBe("PendingDeletion")
      expect((await kms.describeKey({ KeyId: rotating.KeyId })).KeyMetadata.PrimaryKeyVersion).not.toBe(
        rotating.PrimaryKeyVersion
      )
      expect(await kms.clock.show()).toMatchObject({ Clock: "real", Doubt: { DeletionsWaiting: 1 } })
    }
    await using kms = await createKms({ store: { directory }, clock: "real" })
    expect(await kms.clock.confirm()).not.toHaveProperty("Doubt")
    expect(await stateOf(kms, leaving)).toBe("Forbidden.KeyNotFound")
    expect(await kms.clock.confirm()).toMatchObject({ Clock: "real" })
  })

  it("lets a deletion be cancelled meanwhile, and the confirmation then finds nothing to do", async () => {
    const { leaving } = await abandoned()
    await using kms = await createKms({ store: { directory }, clock: "real" })
    await kms.cancelKeyDeletion({ KeyId: leaving })
    expect(await kms.clock.show()).toMatchObject({ Doubt: { DeletionsWaiting: 0 } })
    await kms.clock.confirm()
    expect(await stateOf(kms, leaving)).toBe("Enabled")
  })
})

describe("a running service", () => {
  /** A key to be deleted and one to be rotated, both seven days on, watched while the wall clock moves by steps. */
  const watched = <A>(
    look: (clock: {
      readonly step: (millis: number) => Effect.Effect<ReadonlyArray<string>, never, Timers>
    }) => Effect.Effect<A, unknown, Timers | LifecycleClock>
  ): Promise<A> => {
    let wall = start
    const fired: Array<string> = []
    const step = Effect.fnUntraced(function* (millis: number) {
      wall += millis
      ;(yield* Timers).armed(0)
      yield* Effect.sleep(5)
      return fired.toSorted()
    })
    const program = Effect.gen(function* () {
      yield* commitAll([
        ...life({ n: 1 }, scheduled(start, 7)),
        ...life({ n: 2, input: { rotationIntervalMillis: 7 * day } })
      ])
      yield* (yield* Timers).start(({ kind }) => Effect.sync(() => void (fired.includes(kind) || fired.push(kind))))
      return yield* look({ step })
    })
    const clock = Effect.map(Clock.Clock, (real) => ({ ...methodsOf(real), currentTimeMillisUnsafe: () => wall }))
    return Effect.runPromise(
      program.pipe(
        Effect.provide(Timers.layer.pipe(Layer.provideMerge(layerReal), Layer.provideMerge(memoryStoreLayer))),
        Effect.provideServiceEffect(Clock.Clock, clock),
        Effect.scoped,
        Effect.orDie
      )
    )
  }
  /** Methods may live on a prototype, which a spread does not see. */
  const methodsOf = (real: Clock.Clock): Clock.Clock => ({
    currentTimeMillisUnsafe: () => real.currentTimeMillisUnsafe(),
    currentTimeMillis: real.currentTimeMillis,
    currentTimeNanosUnsafe: () => real.currentTimeNanosUnsafe(),
    currentTimeNanos: real.currentTimeNanos,
    monotonicTimeNanosUnsafe: () => real.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: real.monotonicTimeNanos,
    sleep: (duration) => real.sleep(duration)
  })
  const doubted = Effect.map(LifecycleClock, (clock) => clock.doubt())

  it("carries out everything in its time while the clock goes on as clocks do", () =>
    watched(({ step }) =>
      Effect.gen(function* () {
        for (let hour = 1; hour < 7 * 24; hour++) expect(yield* step(3_600_000)).toEqual([])
        expect(yield* step(3_600_000)).toEqual(["DeletionDue", "RotationDue"])
        expect(yield* doubted).toBeUndefined()
      })
    ))

  it("believes a step of a day, and doubts a longer one", () =>
    watched(({ step }) =>
      Effect.gen(function* () {
        yield* step(day)
        expect(yield* doubted).toBeUndefined()
        yield* step(day + 1)
        expect(yield* doubted).toEqual({ from: start + day, to: start + 2 * day + 1 })
      })
    ))

  it("holds back only what the jump itself made due, however often it jumps, until it is confirmed", () =>
    watched(({ step }) =>
      Effect.gen(function* () {
        expect(yield* step(8 * day)).toEqual(["RotationDue"])
        expect(yield* step(400 * day)).toEqual(["RotationDue"])
        expect(yield* doubted).toEqual({ from: start, to: start + 408 * day })
        const timers = yield* Timers
        expect([yield* timers.held, yield* timers.overdue]).toEqual([1, 1])
        yield* timers.confirm
        expect(yield* step(1)).toEqual(["DeletionDue", "RotationDue"])
        expect(yield* doubted).toBeUndefined()
      })
    ))

  it("deletes what was due before the jump", () =>
    watched(({ step }) =>
      Effect.gen(function* () {
        for (let hour = 1; hour <= 7 * 24; hour++) yield* step(3_600_000)
        expect(yield* step(30 * day)).toEqual(["DeletionDue", "RotationDue"])
        expect((yield* doubted)?.from).toBe(start + 7 * day)
      })
    ))

  it("does not go back with a clock that is set back, and does not doubt it", () =>
    watched(({ step }) =>
      Effect.gen(function* () {
        yield* step(day)
        expect(yield* step(-3650 * day)).toEqual([])
        expect((yield* LifecycleClock).now()).toBe(start + day)
        expect(yield* doubted).toBeUndefined()
      })
    ))
})
