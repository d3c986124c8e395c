/** Laws about a store that is closed, unreachable, or whose caller gives up. */
import { Cause, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { lineOf } from "../../../records/auditLine.ts"
import { genesis } from "../../../records/hashChain.ts"
import { Driver, StoreUnavailable } from "../../../store/driver.ts"
import type { StoreUnusable } from "../../../store/driver.ts"
import { storeLayer } from "../../../store/makeStore.ts"
import { Store } from "../../../store/store.ts"
import { expect } from "../../expect.ts"
import { born, keyIdOf, life, realm, start, told } from "../changes.ts"
import type { Step } from "../changes.ts"
import type { MakeDriver, Place, StoreSwitches } from "../switches.ts"
import { commitAll, deletedLife, disabled, last } from "./law.ts"

/** Declares a law that opens and closes its stores itself. */
export type OpeningLaw = (sentence: string, body: Effect.Effect<void, unknown>) => void

type Opened = Store | Driver

const using = <A, E>(layer: Layer.Layer<Driver, StoreUnusable>, work: Effect.Effect<A, E, Opened>) =>
  Effect.scoped(Effect.provide(work, Layer.provideMerge(storeLayer, layer), { local: true }))

/** The failure of a method, which must be typed; undefined if the method succeeded. */
const failureOf = <A, E>(asked: Effect.Effect<A, E>): Effect.Effect<unknown> =>
  Effect.map(Effect.exit(asked), (exit) => {
    if (Exit.isSuccess(exit)) return undefined
    if (Cause.hasDies(exit.cause)) return `a defect: ${Cause.pretty(exit.cause)}`
    return Cause.squash(exit.cause)
  })

/** Every method of a driver, each with a request that it can answer. */
const methodsOf = (driver: Driver["Service"]): Readonly<Record<string, Effect.Effect<unknown, unknown>>> => ({
  get: driver.get("keys", [keyIdOf(1)]),
  scan: driver.scan({ table: "keys", index: "live", partition: [realm.account, realm.region], limit: 9 }),
  count: driver.count({ table: "keys", index: "users", partition: [realm.account, realm.region] }),
  commit: driver.commit({ purpose: "audit", checks: [], writes: [], lines: ["a line"] })
})

const expectUnavailable = Effect.fnUntraced(function* (driver: Driver["Service"]) {
  for (const [name, asked] of Object.entries(methodsOf(driver))) {
    const failure = yield* failureOf(asked)
    if (!(failure instanceof StoreUnavailable)) {
      throw new Error(`${name} must fail with StoreUnavailable; it answered ${String(failure)}`)
    }
  }
})

const linesOf = Effect.gen(function* () {
  const segments = yield* (yield* Store).auditSegments({ afterSeq: 0, limit: 1000 })
  expect(segments.map(({ seq }) => seq)).toEqual(segments.map((_segment, at) => at + 1))
  const ends = [genesis, ...segments.map(({ hash }) => hash)]
  expect(segments.map(({ previous }) => previous)).toEqual(ends.slice(0, -1))
  return segments.flatMap(({ lines }) => lines)
})

/** Fails unless all of a change is present, or none of it. Returns which. */
const isWhole = Effect.fnUntraced(function* ({ change, head }: Step) {
  const store = yield* Store
  const { keyId } = change
  const journal = yield* store.journal({ keyId, afterSeq: change.entry.seq - 1, limit: 1 })
  const parts = [
    (yield* store.key(keyId))?.head === head,
    journal[0]?.hash === head,
    (yield* linesOf).includes(lineOf(change.audit))
  ]
  expect(parts).toEqual(parts.map(() => parts[0] === true))
  return parts[0] === true
})

const closedLaws = (law: OpeningLaw, makeDriver: MakeDriver): void => {
  law(
    "every method of a store that was closed fails with StoreUnavailable",
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const context = yield* Layer.build(Layer.fresh(makeDriver())).pipe(Scope.provide(scope))
      const driver = yield* Effect.provide(Driver, context)
      yield* driver.commit({ purpose: "audit", checks: [], writes: [], lines: ["a line"] })
      yield* Scope.close(scope, Exit.void)
      yield* expectUnavailable(driver)
    })
  )
  law(
    "a plan whose caller gives up is executed whole or not at all, and the store continues",
    using(
      makeDriver(),
      Effect.gen(function* () {
        const store = yield* Store
        const births = Array.from({ length: 20 }, (_, n) => born({ n: n + 1 }))
        for (const birth of births) {
          const caller = yield* Effect.forkChild(store.commit(birth.change))
          yield* Fiber.interrupt(caller)
        }
        for (const birth of births) yield* isWhole(birth)
        const next = born({ n: 99 })
        yield* commitAll([next])
        expect(yield* isWhole(next)).toBe(true)
      })
    )
  )
}

/** A store with one row of each kind, to be found again. */
const furnished: ReadonlyArray<Step> = [
  ...life({ n: 5 }, disabled(start + 1)),
  born({ n: 3 }),
  ...deletedLife(4),
  born({ n: 1 })
]

const seenIn = Effect.gen(function* () {
  const store = yield* Store
  return {
    keys: yield* store.keys({ realm, offset: 0, limit: 9 }),
    census: yield* store.census,
    five: yield* store.key(keyIdOf(5)),
    journal: yield* store.journal({ keyId: keyIdOf(5), afterSeq: 0, limit: 9 }),
    erased: yield* store.versions(keyIdOf(4)),
    versions: yield* store.versions(keyIdOf(3)),
    owed: yield* store.owed,
    nonces: yield* store.nonces(0),
    meta: yield* store.meta("name"),
    lines: yield* linesOf
  }
})

const reopeningLaws = (law: OpeningLaw, places: () => Place): void => {
  law(
    "a reopened store has everything that was acknowledged, and accepts further changes",
    Effect.gen(function* () {
      const open = places()
      const before = yield* using(
        open(),
        Effect.gen(function* () {
          const store = yield* Store
          yield* commitAll(furnished)
          yield* store.setMeta("name", "value")
          yield* store.appendNonces({ expiresAt: 100, lines: ["a"] })
          yield* store.scrub
          return yield* seenIn
        })
      )
      yield* using(
        open(),
        Effect.gen(function* () {
          expect(yield* seenIn).toEqual(before)
          const next = told(last(furnished), disabled(start + 2))
          yield* commitAll([next, born({ n: 2 })])
          expect(yield* isWhole(next)).toBe(true)
          // Rows keep their order of creation.
          const { keyIds } = yield* (yield* Store).keys({ realm, offset: 0, limit: 9 })
          expect(keyIds).toEqual([5, 3, 1, 2].map(keyIdOf))
        })
      )
    })
  )
}

/** The arguments of a law about a failing store: a key in the store, and the switch. */
interface Failing {
  readonly birth: Step
  readonly fail: Effect.Effect<void>
  readonly mend: Effect.Effect<void>
}

type FailingLaw = (sentence: string, body: (given: Failing) => Effect.Effect<void, unknown, Opened>) => void

const failingStoreOf =
  (law: OpeningLaw, makeFailing: NonNullable<StoreSwitches["makeFailing"]>): FailingLaw =>
  (sentence, body) =>
    law(
      sentence,
      Effect.suspend(() => {
        const { driver, fail, mend } = makeFailing()
        const birth = born({ n: 1 })
        const given = { birth, fail: Effect.sync(fail), mend: Effect.sync(mend) }
        return using(
          driver,
          Effect.andThen(commitAll([birth]), () => body(given))
        )
      })
    )

const failingLaws = (failing: FailingLaw): void => {
  failing(
    "a plan that fails is reported as StoreUnavailable, and no part of it is stored unless the outcome is Unknown",
    ({ birth, fail, mend }) =>
      Effect.gen(function* () {
        const store = yield* Store
        const disabling = told(birth, disabled(start + 1))
        yield* fail
        const failure = yield* failureOf(store.commit(disabling.change))
        expect(failure).toBeInstanceOf(StoreUnavailable)
        yield* mend
        const isThere = yield* isWhole(disabling)
        if (failure instanceof StoreUnavailable && failure.outcome === undefined) expect(isThere).toBe(false)
        if (isThere) return
        yield* commitAll([disabling])
        expect(yield* isWhole(disabling)).toBe(true)
      })
  )
  failing(
    "of plans that wait together while the store fails each is answered, and the store goes on once it is mended",
    ({ fail, mend }) =>
      Effect.gen(function* () {
        const store = yield* Store
        const births = Array.from({ length: 40 }, (_, n) => born({ n: n + 2 }))
        yield* fail
        const failures = yield* Effect.forEach(births, ({ change }) => failureOf(store.commit(change)), {
          concurrency: "unbounded"
        })
        yield* mend
        for (const [at, birth] of births.entries()) {
          const failure = failures[at]
          expect(failure).toBeInstanceOf(StoreUnavailable)
          const isThere = yield* isWhole(birth)
          if (failure instanceof StoreUnavailable && failure.outcome === undefined) expect(isThere).toBe(false)
        }
        const next = born({ n: 99 })
        yield* commitAll([next])
        expect(yield* isWhole(next)).toBe(true)
      })
  )
  failing(
    "a read while the store fails answers what is durable or fails with StoreUnavailable",
    ({ birth, fail, mend }) =>
      Effect.gen(function* () {
        const store = yield* Store
        yield* fail
        const seen = yield* Effect.exit(store.key(keyIdOf(1)))
        yield* mend
        if (Exit.isSuccess(seen)) expect(seen.value?.head).toBe(birth.head)
        else expect(Cause.squash(seen.cause)).toBeInstanceOf(StoreUnavailable)
        expect((yield* store.key(keyIdOf(1)))?.head).toBe(birth.head)
      })
  )
}

/** The laws that need the switches of the store's author. */
export const failureLaws = (law: OpeningLaw, makeDriver: MakeDriver, switches: StoreSwitches): void => {
  closedLaws(law, makeDriver)
  if (switches.makePlace !== undefined) reopeningLaws(law, switches.makePlace)
  if (switches.makeFailing !== undefined) failingLaws(failingStoreOf(law, switches.makeFailing))
}
