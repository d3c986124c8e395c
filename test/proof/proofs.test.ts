/** Proof questions: which requests share one, and that no request gets an answer from before its arrival. */
import { Deferred, Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "@effect/vitest"
import { Proofs } from "../../src/proof/proofs.ts"
import { Driver, StoreUnavailable } from "../../src/store/driver.ts"
import type { ProofAnswer, ProofQuestion, StoreDriver, StoreFailure } from "../../src/store/driver.ts"
import { storeLayer } from "../../src/store/makeStore.ts"
import { memoryDriverLayer, sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"

/** A store whose questions the test answers, in their order. The question of the start is answered at once. */
const answeredByHand = () => {
  let isStarted = false
  const asked: Array<ProofQuestion> = []
  const answers: Array<Deferred.Deferred<void, StoreFailure>> = []
  const withShared = (driver: StoreDriver): StoreDriver => {
    const shared = driver.abilities?.shared
    if (shared === undefined) throw new Error("a shared memory answers questions")
    const prove = (question: ProofQuestion): Effect.Effect<ProofAnswer, StoreFailure> =>
      Effect.suspend(() => {
        if (!isStarted) {
          isStarted = true
          return shared.prove(question)
        }
        const answer = Deferred.makeUnsafe<void, StoreFailure>()
        asked.push(question)
        answers.push(answer)
        return Effect.andThen(Deferred.await(answer), shared.prove(question))
      })
    return { ...driver, abilities: { shared: { ...shared, prove } } }
  }
  const layer = Proofs.layer.pipe(
    Layer.provideMerge(storeLayer),
    Layer.provideMerge(Layer.effect(Driver, Effect.map(sharedMemoryDriver, withShared)))
  )
  const answer = (at: number, failure?: StoreFailure): Effect.Effect<void> =>
    Effect.suspend(() => {
      const deferred = answers[at]
      if (deferred === undefined) throw new Error(`there is no question ${at}`)
      return Deferred.done(deferred, failure === undefined ? Exit.void : Exit.fail(failure))
    })
  return { asked, answer, layer }
}

/** A shared memory that is opened at this instant. */
const atStart = (millis: number) => Effect.andThen(TestClock.setTime(millis), sharedMemoryDriver)

const keyRow = (name: string) => ({ table: "keys", id: [name] }) as const
const meta = (name: string, value: string) =>
  Effect.flatMap(Driver, ({ commit }) =>
    commit({ purpose: "meta", checks: [], writes: [{ op: "put", table: "meta", row: { name, value } }], lines: [] })
  )

const asking = Effect.map(Proofs, ({ ask }) => {
  if (ask === undefined) throw new Error("a shared store is asked for proof")
  return ask
})

/** Lets every fiber run until it waits. */
const settle = Effect.forEach(Array.from({ length: 20 }), () => Effect.yieldNow, { discard: true })

/** Starts a request, and lets its question leave before the next one begins. */
const apart = <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.tap(Effect.forkChild(work), () => settle)

describe("proofs", () => {
  it.effect("a store with one engine needs no proof", () =>
    Effect.gen(function* () {
      expect((yield* Proofs).ask).toBeUndefined()
    }).pipe(Effect.provide(Proofs.layer.pipe(Layer.provide(storeLayer), Layer.provide(memoryDriverLayer))))
  )

  it.effect("no more than two proof questions are pending, and later requests share the next one", () => {
    const { asked, answer, layer } = answeredByHand()
    return Effect.gen(function* () {
      const ask = yield* asking
      const names = ["a", "b", "c", "d", "c"]
      const askFor = (name: string) => ask({ rows: [keyRow(name)] })
      const first = yield* Effect.forEach(names.slice(0, 2), (name) => apart(askFor(name)))
      const later = yield* Effect.forEach(names.slice(2), (name) => Effect.forkChild(askFor(name)))
      const fibers = [...first, ...later]
      yield* settle
      expect(asked).toHaveLength(2)
      yield* answer(1)
      yield* settle
      expect(asked).toHaveLength(3)
      // The two permanent rows, and each further row once.
      expect(asked[2]?.rows.map(({ id }) => id[0])).toEqual(["ram.version", "clock.position", "c", "d"])
      yield* answer(0)
      yield* answer(2)
      const proofs = yield* Effect.forEach(fibers, Fiber.join)
      expect(proofs.map(({ revisions }) => revisions)).toEqual(names.map(() => [undefined]))
      expect((yield* Proofs).counts()).toMatchObject({ questions: 4, requests: 6 })
    }).pipe(Effect.provide(layer))
  })

  it.effect("a request that waited while a question failed fails with it, and a new one gets another question", () => {
    const { asked, answer, layer } = answeredByHand()
    return Effect.gen(function* () {
      const ask = yield* asking
      const sent = yield* Effect.forEach([1, 2], () => apart(ask({ rows: [] })))
      const late = yield* apart(ask({ rows: [] }))
      yield* TestClock.adjust("1 second")
      const recent = yield* apart(ask({ rows: [] }))
      yield* answer(0, new StoreUnavailable({ reason: "Unreachable", message: "away" }))
      yield* settle
      expect((yield* Effect.flip(Fiber.join(late))).message).toBe("away")
      expect(asked).toHaveLength(3)
      yield* answer(1)
      yield* answer(2)
      yield* Fiber.join(recent)
      expect((yield* Effect.exit(Fiber.join(sent[0] ?? late)))._tag).toBe("Failure")
      expect((yield* Effect.exit(Fiber.join(sent[1] ?? late)))._tag).toBe("Success")
    }).pipe(Effect.provide(layer))
  })

  it.effect("requests that arrive together share one proof question", () => {
    const { asked, answer, layer } = answeredByHand()
    return Effect.gen(function* () {
      const ask = yield* asking
      const fibers = yield* Effect.forEach(["a", "b", "c"], (name) => Effect.forkChild(ask({ rows: [keyRow(name)] })))
      yield* settle
      expect(asked.map(({ rows }) => rows.length)).toEqual([5])
      yield* answer(0)
      yield* Effect.forEach(fibers, Fiber.join)
    }).pipe(Effect.provide(layer))
  })

  it.effect("a proof includes what was committed before its request arrived", () => {
    const { asked, answer, layer } = answeredByHand()
    return Effect.gen(function* () {
      const ask = yield* asking
      const before = yield* Effect.forEach([1, 2], () => apart(ask({ rows: [] })))
      yield* settle
      yield* meta("ram.version", "7")
      const after = yield* Effect.forkChild(ask({ rows: [] }))
      yield* settle
      expect(asked).toHaveLength(2)
      yield* answer(0)
      yield* settle
      expect(asked).toHaveLength(3)
      yield* answer(1)
      yield* answer(2)
      expect((yield* Fiber.join(after)).accessVersion).toBe("7")
      yield* Effect.forEach(before, Fiber.join)
    }).pipe(Effect.provide(layer))
  })

  it.effect("a proof finds a fingerprint new once, over all questions", () =>
    Effect.gen(function* () {
      const ask = yield* asking
      const nonce = { fingerprint: "AAAAAAAAAAAAAAAAAAAAAA==", stampMillis: 1, expiresAt: Number.MAX_SAFE_INTEGER }
      const other = { ...nonce, fingerprint: "BBBBBBBBBBBBBBBBBBBBBA==" }
      const proofs = yield* Effect.all([ask({ rows: [], nonce }), ask({ rows: [], nonce: other })])
      expect(proofs.map(({ isFresh }) => isFresh)).toEqual([true, true])
      const again = yield* Effect.all([ask({ rows: [], nonce }), ask({ rows: [] })], { concurrency: 2 })
      expect(again.map(({ isFresh }) => isFresh)).toEqual([false, true])
    }).pipe(
      Effect.provide(
        Proofs.layer.pipe(Layer.provide(storeLayer), Layer.provide(Layer.effect(Driver, sharedMemoryDriver)))
      )
    )
  )

  it.effect("a failed proof fails only the requests that share its question", () => {
    const { answer, layer } = answeredByHand()
    return Effect.gen(function* () {
      const ask = yield* asking
      const fibers = yield* Effect.forEach([1, 2], () => apart(Effect.exit(ask({ rows: [] }))))
      yield* settle
      yield* answer(0, new StoreUnavailable({ reason: "Unreachable", message: "The store is away." }))
      yield* answer(1)
      const exits = yield* Effect.forEach(fibers, Fiber.join)
      expect(exits.map(({ _tag }) => _tag)).toEqual(["Failure", "Success"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("a proof sets the store's time, which then advances by elapsed time", () =>
    Effect.gen(function* () {
      const { ask, storeTime } = yield* Proofs
      if (ask === undefined || storeTime === undefined) throw new Error("a shared store tells its time")
      expect(storeTime()).toBe(1000)
      yield* TestClock.adjust(250)
      expect(storeTime()).toBe(1250)
      yield* TestClock.setTime(5000)
      yield* ask({ rows: [] })
      expect(storeTime()).toBe(5000)
    }).pipe(
      Effect.provide(Proofs.layer.pipe(Layer.provide(storeLayer), Layer.provide(Layer.effect(Driver, atStart(1000)))))
    )
  )

  it.effect("the store is not asked for a request that was given up while waiting", () => {
    const { asked, answer, layer } = answeredByHand()
    return Effect.gen(function* () {
      const ask = yield* asking
      const first = yield* Effect.forEach([1, 2], () => apart(ask({ rows: [] })))
      const given = yield* Effect.forkChild(ask({ rows: [keyRow("given up")] }))
      const kept = yield* Effect.forkChild(ask({ rows: [keyRow("kept")] }))
      yield* settle
      yield* Fiber.interrupt(given)
      yield* answer(0)
      yield* settle
      yield* answer(1)
      yield* answer(2)
      yield* Effect.forEach([...first, kept], Fiber.join)
      expect(asked[2]?.rows.map(({ id }) => id[0])).toEqual(["ram.version", "clock.position", "kept"])
    }).pipe(Effect.provide(layer))
  })
})
