/** The stored numbers of keys and aliases in a database: exact after changes of several programs, on two schemas. */
import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import { describe, expect, it } from "vitest"
import { born, keyIdOf, otherRealm, realm, start, told } from "../../../src/conformance/store/changes.ts"
import { deletedLife, disabled } from "../../../src/conformance/store/laws/law.ts"
import type { Change } from "../../../src/records/rows.ts"
import { storeLayer } from "../../../src/store/makeStore.ts"
import { migrate } from "../../../src/store/postgres/migrate.ts"
import { openings } from "../../../src/store/postgres/opening.ts"
import { migratePostgres, postgresDriverLayer } from "../../../src/store/postgres/postgresDriver.ts"
import { migrations } from "../../../src/store/postgres/schema.ts"
import { blockBits } from "../../../src/store/postgres/tables.ts"
import { Store } from "../../../src/store/store.ts"
import { patientMillis, postgresForTests } from "./server.ts"
import { runOn } from "./statements.ts"

const server = postgresForTests()

const options = (url: string) => ({ url, tls: "off", timeoutMillis: patientMillis }) as const
const run = <A>(body: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(body))
const opened = (url: string) =>
  Effect.flatMap(Layer.build(Layer.fresh(Layer.provide(storeLayer, postgresDriverLayer(options(url))))), (context) =>
    Effect.provide(Effect.service(Store), context)
  )

/** Makes the schema before the numbers. */
const makeEarlier = (url: string) =>
  run(Effect.flatMap(Effect.flatten(openings(options(url))), (session) => migrate(session, migrations.slice(0, 2))))

const named = (n: number): Change => {
  const { change } = born({ n })
  return { ...change, aliases: [{ aliasName: `alias/${n}`, from: null, to: change.keyId }] }
}

/** Eight keys of one realm with aliases, of which one is disabled and one deleted, and one key of another realm. */
const history = Effect.fnUntraced(function* (stores: ReadonlyArray<Store["Service"]>) {
  const storeOf = (n: number): Effect.Effect<Store["Service"]> => {
    const store = stores[n % stores.length]
    return store === undefined ? Effect.die("there is no store") : Effect.succeed(store)
  }
  const commit = (change: Change, n: number) => Effect.flatMap(storeOf(n), (store) => store.commit(change))
  const numbers = [0, 1, 2, 3, 4, 5, 6]
  yield* Effect.forEach(numbers, (n) => commit(named(n), n), { concurrency: "unbounded" })
  const steps = [told(born({ n: 3 }), disabled(start + 1)).change, born({ n: 8, realm: otherRealm }).change]
  yield* Effect.forEach(steps, commit, { concurrency: "unbounded" })
  for (const { change } of deletedLife(7)) yield* commit(change, 1)
})

const seen = Effect.fnUntraced(function* (store: Store["Service"]) {
  return {
    census: yield* store.census,
    users: yield* store.userKeyCount(realm),
    page: yield* store.keys({ realm, offset: 5, limit: 3 }),
    beyond: yield* store.keys({ realm, offset: 99, limit: 3 }),
    aliases: yield* store.aliases({ realm, offset: 6, limit: 3 }),
    faults: yield* store.faults
  }
})

/** Keys that are created at the same time may have any order. */
const expected = {
  census: { PendingImport: 0, Enabled: 7, Disabled: 1, PendingDeletion: 0, Deleted: 1 },
  users: 7,
  page: { total: 7, keyIds: [expect.any(String), expect.any(String)] },
  beyond: { total: 7, keyIds: [] },
  aliases: { total: 7, aliases: [expect.any(Object)] },
  faults: []
}

describe("stored numbers of keys and aliases in PostgreSQL", () => {
  it("the stored numbers agree with the rows after commits of two programs at once", async () => {
    const url = await server.newDatabase()
    await run(
      Effect.gen(function* () {
        const [one, other] = [yield* opened(url), yield* opened(url)]
        yield* history([one, other])
        expect(yield* seen(one)).toEqual(expected)
      })
    )
  })

  it("a program on the schema before counts rows, and reads the numbers after another program's migration", async () => {
    const url = await server.newDatabase()
    await makeEarlier(url)
    await run(
      Effect.gen(function* () {
        const store = yield* opened(url)
        yield* history([store])
        const before = yield* seen(store)
        expect(before).toEqual(expected)
        yield* migratePostgres(options(url))
        expect(yield* seen(store)).toEqual(before)
        yield* store.commit(named(9))
        expect(yield* store.keys({ realm, offset: 7, limit: 3 })).toEqual({ total: 8, keyIds: [keyIdOf(9)] })
        expect(yield* store.faults).toEqual([])
      })
    )
  })

  it("the stored numbers lead every page of a list with several blocks to its keys and aliases", async () => {
    const url = await server.newDatabase()
    await run(
      Effect.gen(function* () {
        const store = yield* opened(url)
        for (let n = 0; n < 6; n++) {
          const skip = `SELECT setval(pg_get_serial_sequence($1, 'ordinal'), $2::bigint)`
          const ordinal = String((n >> 1) * 2 ** blockBits + (n % 2) + 2)
          const [keys, aliases] = ["keystate.keys", "keystate.aliases"]
          yield* Effect.promise(() => runOn(url, [skip, keys, ordinal], [skip, aliases, ordinal]))
          yield* store.commit(named(n))
        }
        for (let offset = 0; offset < 7; offset++) {
          const all = [0, 1, 2, 3, 4, 5].slice(offset, offset + 2)
          expect(yield* store.keys({ realm, offset, limit: 2 })).toEqual({ total: 6, keyIds: all.map(keyIdOf) })
          const { aliases, total } = yield* store.aliases({ realm, offset, limit: 2 })
          expect([total, ...aliases.map(({ aliasName }) => aliasName)]).toEqual([6, ...all.map((n) => `alias/${n}`)])
        }
      })
    )
  })

  it.each(["key_counts", "key_blocks", "alias_blocks"])("verify finds a changed number in %s", async (table) => {
    const url = await server.newDatabase()
    await run(
      Effect.gen(function* () {
        const store = yield* opened(url)
        yield* store.commit(named(1))
        yield* Effect.promise(() => runOn(url, [`UPDATE keystate.${table} SET number = number + 1`]))
        expect(yield* store.faults).toEqual([
          expect.stringMatching(/^the stored number of .+ in region cn-hangzhou is not their number$/)
        ])
      })
    )
  })
})
