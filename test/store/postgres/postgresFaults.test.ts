/** The store on PostgreSQL with broken connections, killed backends, and an unavailable server. */
import { Effect, Exit, Layer, Schedule } from "effect"
import type { Scope } from "effect"
import { afterEach, describe, expect, it } from "vitest"
import { born, keyIdOf, told } from "../../../src/conformance/store/changes.ts"
import { disabled } from "../../../src/conformance/store/laws/law.ts"
import { chainLines } from "../../../src/records/hashChain.ts"
import { StoreUnavailable } from "../../../src/store/driver.ts"
import type { NonceUse, StoreUnusable } from "../../../src/store/driver.ts"
import { storeLayer } from "../../../src/store/makeStore.ts"
import { postgresDriverLayer } from "../../../src/store/postgres/postgresDriver.ts"
import type { PostgresOptions } from "../../../src/store/postgres/postgresDriver.ts"
import { Store } from "../../../src/store/store.ts"
import { cutPoints, startProxy } from "./proxy.ts"
import type { Proxy } from "./proxy.ts"
import { patientMillis, postgresForTests } from "./server.ts"
import { runOn } from "./statements.ts"

const server = postgresForTests()
const proxies: Array<Proxy> = []
afterEach(() => {
  for (const proxy of proxies.splice(0)) proxy.close()
})

type Handle = Store["Service"]

const open = (url: string, more: Partial<PostgresOptions> = {}): Effect.Effect<Handle, StoreUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const driver = postgresDriverLayer({ url, tls: "off", timeoutMillis: patientMillis, ...more })
    const context = yield* Layer.build(Layer.fresh(Layer.provide(storeLayer, driver)))
    return yield* Effect.provide(Effect.service(Store), context)
  })

/** The answer of a store with a short time limit, which a busy machine may exceed. No other failure is repeated. */
const eventually = <A, E extends { readonly message: string }, R>(call: Effect.Effect<A, E, R>) =>
  Effect.retry(call, {
    schedule: Schedule.spaced("50 millis"),
    while: ({ message }) => /did not answer within|timed out|timeout/.test(message)
  })

const openImpatient = (url: string) => eventually(open(url, { timeoutMillis: 2000 }))

/** Commits new keys until one is stored, and returns its number. */
const commitFrom = (store: Handle, first: number) => {
  let next = first
  return eventually(Effect.suspend(() => Effect.as(store.commit(born({ n: next++ }).change), next - 1)))
}

const run = <A>(body: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(body))

const through = async (url: string): Promise<{ readonly proxy: Proxy; readonly url: string }> => {
  const proxy = await startProxy(server.get().port)
  proxies.push(proxy)
  const proxied = new URL(url)
  proxied.port = String(proxy.port)
  return { proxy, url: proxied.href }
}

/** Whether the answer agrees with the stored state. */
const expectAgreement = (exit: Exit.Exit<string, unknown>, head: string | undefined): void => {
  if (Exit.isSuccess(exit)) {
    expect(head).toBe(exit.value)
    return
  }
  const failure = Exit.findErrorOption(exit)
  expect(failure).toMatchObject({ value: { _tag: "StoreUnavailable" } })
  if (failure._tag === "Some" && failure.value instanceof StoreUnavailable && failure.value.outcome === "Unknown")
    return
  expect(head).toBeUndefined()
}

describe("a commit whose connection is cut", () => {
  it.each(cutPoints)("a commit is answered as stored when its connection is cut %s", async (point) => {
    const url = await server.newDatabase()
    const { proxy, url: proxied } = await through(url)
    await run(
      Effect.gen(function* () {
        const store = yield* open(proxied)
        const witness = yield* open(url)
        for (let n = 0; n < 10; n++) {
          proxy.cutAt(point)
          const exit = yield* Effect.exit(store.commit(born({ n }).change))
          expectAgreement(exit, (yield* witness.key(keyIdOf(n)))?.head)
          // The store reconnects at once, finds the outcome, and sends lost commits again.
          expect(Exit.isSuccess(exit)).toBe(true)
          expect(yield* witness.journal({ keyId: keyIdOf(n), afterSeq: 0, limit: 9 })).toHaveLength(1)
        }
        expect(proxy.cuts()).toBe(10)
        expect(yield* witness.faults).toEqual([])
      })
    )
  })
  it("a commit is reported as unknown when the database stops answering", async () => {
    const url = await server.newDatabase()
    const { proxy, url: proxied } = await through(url)
    await run(
      Effect.gen(function* () {
        const store = yield* openImpatient(proxied)
        const kept = yield* commitFrom(store, 100)
        proxy.pause()
        const failure = yield* Effect.flip(store.commit(born({ n: 2 }).change))
        expect(failure).toMatchObject({ _tag: "StoreUnavailable", reason: "Unreachable", outcome: "Unknown" })
        expect(yield* Effect.flip(store.key(keyIdOf(kept)))).toMatchObject({ reason: "Unreachable" })
        proxy.resume()
        expect((yield* eventually(store.key(keyIdOf(kept))))?.keyId).toBe(keyIdOf(kept))
        yield* commitFrom(store, kept + 1)
      })
    )
  })
})

/** Commits one key after another until a stop, and returns the outcome of each. */
const commitMany = (store: Handle, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, n) => n),
    (n) => Effect.exit(Effect.andThen(Effect.sleep(n % 7), store.commit(born({ n }).change))),
    { concurrency: 16 }
  )

const expectWhole = (witness: Handle, exits: ReadonlyArray<Exit.Exit<string, unknown>>) =>
  Effect.gen(function* () {
    for (const [n, exit] of exits.entries()) expectAgreement(exit, (yield* witness.key(keyIdOf(n)))?.head)
    const segments = yield* witness.auditSegments({ afterSeq: 0, limit: 10_000 })
    for (const [i, { seq, previous, lines, hash }] of segments.entries()) {
      expect(seq).toBe(i + 1)
      expect(chainLines(previous, lines)).toBe(hash)
    }
    const stored = yield* witness.allKeyIds({ after: undefined, limit: 10_000 })
    expect(segments.flatMap(({ lines }) => lines)).toHaveLength(stored.length)
    expect(yield* witness.faults).toEqual([])
  })

const killBackends =
  "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity " +
  "WHERE application_name = 'keystate' AND datname = current_database() AND pid <> pg_backend_pid()"

describe("commits", () => {
  it("commits agree with the stored rows while their backends are killed", async () => {
    const url = await server.newDatabase()
    await run(
      Effect.gen(function* () {
        const store = yield* open(url)
        const killing = Effect.forEach(
          [1, 2, 3, 4, 5],
          () =>
            Effect.andThen(
              Effect.sleep(60),
              Effect.promise(() => runOn(url, [killBackends]))
            ),
          { discard: true }
        )
        const [exits] = yield* Effect.all([commitMany(store, 300), killing], { concurrency: 2 })
        yield* expectWhole(yield* open(url), exits)
      })
    )
  })
  it("commits agree with the stored rows while the server crashes and restarts", async () => {
    const url = await server.newDatabase()
    await run(
      Effect.gen(function* () {
        const store = yield* open(url)
        const crash = Effect.andThen(
          Effect.sleep(100),
          Effect.promise(() => server.get().crash())
        )
        const [exits] = yield* Effect.all([commitMany(store, 300), crash], { concurrency: 2 })
        yield* expectWhole(yield* open(url), exits)
        yield* store.commit(told(born({ n: 1000 }), disabled(1)).change).pipe(Effect.flip)
        yield* store.commit(born({ n: 1000 }).change)
      })
    )
  })
})

describe("signatures", () => {
  it("signatures that a crash lost are older than the era; signatures stamped ahead survive", async () => {
    const url = await server.newDatabase()
    await run(
      Effect.gen(function* () {
        const { shared } = yield* open(url)
        if (shared === undefined) return yield* Effect.die("a store on PostgreSQL is shared")
        const ask = (...nonces: ReadonlyArray<NonceUse>) => shared.prove({ rows: [], nonces })
        const before = yield* ask()
        expect(before.era).toBe(0)
        const expiresAt = before.now + 3_600_000
        const past = { fingerprint: "past", stampMillis: before.now - 1, expiresAt }
        const ahead = { fingerprint: "ahead", stampMillis: before.now + 600_000, expiresAt }
        expect((yield* ask(past, ahead)).fresh).toEqual([true, true])
        yield* Effect.promise(() => server.get().crash())
        const after = yield* ask(ahead)
        expect(after.fresh).toEqual([false])
        expect(after.era > past.stampMillis).toBe(true)
        expect((yield* ask()).era).toBe(after.era)
      })
    )
  })
})

describe("a store without its server", () => {
  it("a store without its server fails every call with a typed error, and recovers with the server", async () => {
    const url = await server.newDatabase()
    await run(
      Effect.gen(function* () {
        const store = yield* openImpatient(url)
        const kept = yield* commitFrom(store, 100)
        yield* Effect.promise(() => server.get().crash({ isStarted: false }))
        const calls = [
          Effect.asVoid(store.key(keyIdOf(kept))),
          Effect.asVoid(store.commit(born({ n: 2 }).change)),
          Effect.asVoid(store.meta("clock.kind")),
          Effect.asVoid(store.census),
          store.appendAudit(["line"]),
          store.scrub
        ]
        for (const call of calls) expect(yield* Effect.flip(call)).toMatchObject({ reason: "Unreachable" })
        expect(store.shortage()).toMatchObject({ reason: "Unreachable" })
        yield* Effect.promise(() => server.get().start())
        const later = yield* commitFrom(store, kept + 1)
        expect(store.shortage()).toBeUndefined()
        const ids = yield* eventually(store.allKeyIds({ after: undefined, limit: 1000 }))
        expect(ids).toEqual(expect.arrayContaining([keyIdOf(kept), keyIdOf(later)]))
        expect(ids).not.toContain(keyIdOf(2))
      })
    )
  })
  it("a store without its server cannot be opened, with the reason", async () => {
    const refusal = (url: string) => run(Effect.flip(open(url)))
    expect(await refusal("postgres://keystate@127.0.0.1:1/none")).toMatchObject({
      _tag: "StoreUnusable",
      message: expect.stringContaining("cannot be reached")
    })
    expect(await refusal(server.get().url("no_such_database"))).toMatchObject({
      message: expect.stringContaining('database "no_such_database" does not exist')
    })
  })
})
