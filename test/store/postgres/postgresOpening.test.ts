/** The opening of a store on PostgreSQL: its URL, its schema, snapshots, and unfit servers. */
import { Effect, Layer, Redacted } from "effect"
import type { Scope } from "effect"
import { describe, expect, it } from "vitest"
import { born, keyIdOf } from "../../../src/conformance/store/changes.ts"
import { addressOf, isPostgresUrl, withoutPassword } from "../../../src/store/postgres/address.ts"
import {
  migratePostgres,
  postgresDriverLayer,
  postgresSnapshotLayer
} from "../../../src/store/postgres/postgresDriver.ts"
import type { Driver, StoreUnusable } from "../../../src/store/driver.ts"
import { storeLayer } from "../../../src/store/makeStore.ts"
import { migrations } from "../../../src/store/postgres/schema.ts"
import { Store } from "../../../src/store/store.ts"
import { startPostgres } from "../../../src/development/postgres.ts"
import { patientMillis, postgresForTests } from "./server.ts"
import { runOn } from "./statements.ts"

const server = postgresForTests()

const opened = (driver: Layer.Layer<Driver, StoreUnusable>) =>
  Effect.flatMap(Layer.build(Layer.fresh(Layer.provide(storeLayer, driver))), (context) =>
    Effect.provide(Effect.service(Store), context)
  )
const run = <A>(body: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(body))
const options = (url: string) => ({ url, tls: "off", timeoutMillis: patientMillis }) as const

describe("the URL of a store", () => {
  it("the URL of a store names a host, a port, a database and a user", () => {
    const address = addressOf("postgres://key%40state:se%2Fcret@db.example:6000/keys")
    expect(address).toMatchObject({ host: "db.example", database: "keys", user: "key@state" })
    expect(address.password === undefined ? "" : Redacted.value(address.password)).toBe("se/cret")
    expect(addressOf("postgresql://me@[::1]/keys")).toMatchObject({ host: "::1" })
    expect([address.port, addressOf("postgres://me@db/keys").port]).toEqual([6000, 5432])
    expect(addressOf("postgres://me@localhost/keys?host=/run/postgresql")).toMatchObject({ host: "/run/postgresql" })
  })
  it.each([
    ["mysql://me@db/keys", "must begin with postgres://"],
    ["postgres://db/keys", "names no user"],
    ["postgres://me@db/", "names no database"],
    ["postgres:///keys", "names no host"],
    ["postgres://me@db/keys?sslmode=disable", "takes no parameter sslmode"],
    ["postgres://me%zz@db/keys", "has a wrong percent-encoding in its user name"]
  ])("refuses the URL of a store: %s", (url, sentence) => {
    expect(() => addressOf(url)).toThrow(sentence)
  })
  it("the URL of a store is shown without its password", () => {
    expect(withoutPassword("postgres://me:secret@db/keys")).toBe("postgres://me@db/keys")
    expect([isPostgresUrl("postgres://me@db/keys"), isPostgresUrl("sqlite")]).toEqual([true, false])
  })
})

describe("the schema", () => {
  it("simultaneous starts create the schema once", async () => {
    const url = await server.newDatabase()
    const found = await run(
      Effect.all(
        Array.from({ length: 4 }, () => migratePostgres(options(url))),
        { concurrency: "unbounded" }
      )
    )
    const to = migrations.length
    expect(found.map(({ from }) => from).toSorted()).toEqual([0, to, to, to])
    expect(found.map((migrated) => migrated.to)).toEqual([to, to, to, to])
  })
  it("the schema of a newer program is refused, and nothing is changed", async () => {
    const url = await server.newDatabase()
    await run(migratePostgres(options(url)))
    await runOn(url, ["UPDATE keystate.schema_version SET version = 99, readable_by = 98"])
    const refusals = [
      run(Effect.flip(opened(postgresDriverLayer(options(url))))),
      run(Effect.flip(migratePostgres(options(url))))
    ]
    for (const refusal of refusals) {
      expect(await refusal).toMatchObject({ message: expect.stringContaining("The database has schema 99") })
    }
    expect(await runOn(url, ["SELECT version::int FROM keystate.schema_version"])).toEqual([{ version: 99 }])
  })
})

describe("a snapshot", () => {
  it("a snapshot shows the rows of one instant, and refuses changes", async () => {
    const url = await server.newDatabase()
    await run(
      Effect.gen(function* () {
        const store = yield* opened(postgresDriverLayer(options(url)))
        yield* store.commit(born({ n: 1 }).change)
        const snapshot = yield* opened(postgresSnapshotLayer(options(url)))
        expect(yield* snapshot.allKeyIds({ after: undefined, limit: 9 })).toEqual([keyIdOf(1)])
        yield* store.commit(born({ n: 2 }).change)
        expect(yield* snapshot.allKeyIds({ after: undefined, limit: 9 })).toEqual([keyIdOf(1)])
        expect(yield* snapshot.faults).toEqual([])
        const failure = yield* Effect.flip(snapshot.commit(born({ n: 3 }).change))
        expect(failure).toMatchObject({ _tag: "StoreUnavailable", reason: "ReadOnly" })
      })
    )
  })
})

describe("connections of a command", () => {
  it("a command waits longer for its connection than a call may", async () => {
    const url = await server.newDatabase()
    const impatient = { url, tls: "off", timeoutMillis: 1 } as const
    await run(migratePostgres(impatient))
    const keys = Effect.flatMap(opened(postgresSnapshotLayer(impatient)), (store) =>
      store.allKeyIds({ after: undefined, limit: 9 })
    )
    expect(await run(keys)).toEqual([])
  })
})

describe("the store on PostgreSQL", () => {
  it("a store reports rows without an owner", async () => {
    const url = await server.newDatabase()
    await run(
      Effect.gen(function* () {
        const store = yield* opened(postgresDriverLayer(options(url)))
        yield* store.commit(born({ n: 1 }).change)
        yield* Effect.promise(() =>
          runOn(
            url,
            ["UPDATE keystate.keys SET state = 'Disabled'"],
            ["INSERT INTO keystate.aliases (account, region, name, key) VALUES ('1', 'cn', 'alias/lost', 'nowhere')"],
            ["UPDATE keystate.audit_tail SET seq = seq + 1"]
          )
        )
        expect(yield* store.faults).toEqual([
          "a row of aliases belongs to key nowhere, which is not there",
          `the columns of key ${keyIdOf(1)} are not what its snapshot says`,
          "the end of the audit log is not its last segment"
        ])
      })
    )
  })
  it("a commit waits for the disk with every setting of the database", async () => {
    const url = await server.newDatabase()
    await run(migratePostgres(options(url)))
    await runOn(url, [`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET synchronous_commit = off`])
    const rows = await runOn(
      url,
      ["BEGIN"],
      ["INSERT INTO keystate.writers (id, turn) VALUES ('one', 0)"],
      ["SELECT keystate.commit_v1('one', 1, '1000', '{}')"],
      ["SELECT current_setting('synchronous_commit') AS setting"]
    )
    expect(rows).toEqual([{ setting: "on" }])
  })
  it("refuses a PostgreSQL server that does not wait for its disk", async () => {
    const careless = await startPostgres({ fsync: "off" })
    try {
      const refusal = await run(Effect.flip(opened(postgresDriverLayer(options(careless.url("postgres"))))))
      expect(refusal).toMatchObject({ message: expect.stringContaining("fsync is off") })
    } finally {
      await careless.close()
    }
  })
})
