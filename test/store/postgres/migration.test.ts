/** Migrations of a database: complete or not at all, and usable for programs of two releases. */
import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import { describe, expect, it } from "vitest"
import { born, keyIdOf } from "../../../src/conformance/store/changes.ts"
import { storeLayer } from "../../../src/store/makeStore.ts"
import { migrate, schemaFault } from "../../../src/store/postgres/migrate.ts"
import { openings } from "../../../src/store/postgres/opening.ts"
import { migratePostgres, postgresDriverLayer } from "../../../src/store/postgres/postgresDriver.ts"
import { migrations } from "../../../src/store/postgres/schema.ts"
import type { Migration } from "../../../src/store/postgres/schema.ts"
import { Refused } from "../../../src/store/postgres/session.ts"
import type { Session } from "../../../src/store/postgres/session.ts"
import { Store } from "../../../src/store/store.ts"
import { patientMillis, postgresForTests } from "./server.ts"
import { runOn } from "./statements.ts"

const server = postgresForTests()

const newest = migrations.length
const options = (url: string) => ({ url, tls: "off", timeoutMillis: patientMillis }) as const
const run = <A>(body: Effect.Effect<A, unknown, Scope.Scope>): Promise<A> => Effect.runPromise(Effect.scoped(body))
const session = (url: string) => Effect.flatten(openings(options(url)))
const migrated = (url: string, steps: ReadonlyArray<Migration>) =>
  run(Effect.flatMap(session(url), (opened) => migrate(opened, steps)))
const refusedMigration = (url: string, steps: ReadonlyArray<Migration>) =>
  run(Effect.flip(Effect.flatMap(session(url), (opened) => migrate(opened, steps))))
const opened = (url: string) =>
  Effect.flatMap(
    Layer.build(Layer.fresh(Layer.provide(storeLayer, postgresDriverLayer({ ...options(url), create: false })))),
    (context) => Effect.provide(Effect.service(Store), context)
  )

/** Tables, columns and functions of the schema, and its number. */
const shapeOf = async (url: string): Promise<ReadonlyArray<unknown>> =>
  runOn(url, [
    "SELECT table_name || '.' || column_name AS part FROM information_schema.columns WHERE table_schema = 'keystate' " +
      "UNION ALL SELECT p.proname || '()' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace " +
      "WHERE n.nspname = 'keystate' ORDER BY 1"
  ])

/** Sends another text in place of statement `at`. Counts the statements. */
const altered = (
  whole: Session,
  at: number,
  text: string
): { readonly session: Session; readonly sent: () => number } => {
  let sent = 0
  return {
    sent: () => sent,
    session: {
      ...whole,
      run: (given, parameters) => (sent++ === at ? whole.run(text, []) : whole.run(given, parameters))
    }
  }
}

const wrong = "SELECT 1 / 0"
/** The server ends the connection, as it does for an operator. */
const cut = "SELECT pg_terminate_backend(pg_backend_pid())"

/** Migrates repeatedly, each time with a failure at another statement, until none is left. Returns the number. */
const failEach = async (url: string, text: string): Promise<number> => {
  const before = await shapeOf(url)
  for (let at = 0; ; at++) {
    const { exit, sent } = await run(
      Effect.gen(function* () {
        const { session: failing, sent: count } = altered(yield* session(url), at, text)
        return { exit: yield* Effect.exit(migrate(failing)), sent: count() }
      })
    )
    if (at >= sent) return sent
    expect(exit._tag, `statement ${at}`).toBe("Failure")
    expect(await shapeOf(url), `statement ${at}`).toEqual(before)
  }
}

describe.each([
  ["fails", wrong],
  ["loses its connection", cut]
])("a migration that %s at any statement", (_, text) => {
  it("a failed migration leaves an empty database unchanged", async () => {
    const url = await server.newDatabase()
    expect(await failEach(url, text)).toBeGreaterThan(migrations.flatMap(({ statements }) => statements).length)
    await run(migratePostgres(options(url)))
  })
  it("a failed migration leaves the schema before unchanged", async () => {
    const url = await server.newDatabase()
    await migrated(url, migrations.slice(0, -1))
    await failEach(url, text)
    expect(await migrated(url, migrations)).toEqual({ from: newest, to: newest })
  })
})

describe("the previous schema", () => {
  it("this program works on the previous schema, before and after another server's migration", async () => {
    const url = await server.newDatabase()
    await migrated(url, migrations.slice(0, -1))
    await run(
      Effect.gen(function* () {
        const store = yield* opened(url)
        const nodes = store.shared?.nodes
        if (nodes === undefined) return yield* Effect.die("a database is shared")
        yield* store.commit(born({ n: 1 }).change)
        const node = { id: "one", name: "a", version: "1", clockOffsetMillis: 0, hsm: "none" }
        expect(yield* nodes.announce(node)).toBeGreaterThan(0)
        expect((yield* nodes.list).nodes).toMatchObject([node])
        yield* nodes.withdraw("one")
        expect(yield* migratePostgres(options(url))).toEqual({ from: newest - 1, to: newest })
        yield* store.commit(born({ n: 2 }).change)
        expect(yield* store.allKeyIds({ after: undefined, limit: 9 })).toEqual([keyIdOf(1), keyIdOf(2)])
        yield* nodes.announce(node)
        expect((yield* nodes.list).nodes).toMatchObject([node])
      })
    )
  })
})

describe("the schemas that a program uses", () => {
  it.each([
    ["the schema it makes", { version: 5, readableBy: 1 }, undefined],
    ["the schema before", { version: 4, readableBy: 1 }, undefined],
    ["a newer schema that says so", { version: 6, readableBy: 5 }, undefined]
  ])("a program uses %s", (_, found, fault) => {
    expect(schemaFault(found, 5)).toBe(fault)
  })
  it.each([
    [
      "a newer schema that needs a newer program",
      { version: 7, readableBy: 6 },
      "has schema 7, and this program knows"
    ],
    ["a schema of two releases ago", { version: 3, readableBy: 1 }, "needs schema 5 or 4. Run: keystate migrate"],
    ["a database without tables", { version: 0, readableBy: 0 }, "holds no store. To make one, run: keystate migrate"]
  ])("a program refuses %s, and says what to do", (_, found, sentence) => {
    expect(schemaFault(found, 5)?.message).toContain(sentence)
  })
})

describe("migrations and older programs", () => {
  const contraction: Migration = { statements: ["DROP TABLE keystate.nonces"], readableBy: newest + 1 }
  const steps = [...migrations, contraction]
  const announce = (url: string, schema: number, silence: string) =>
    runOn(url, [
      "INSERT INTO keystate.nodes (id, name, since, seen, version, schema, clock_offset, hsm) SELECT $1, 'old', 0, " +
        "floor(extract(epoch FROM clock_timestamp() - $2::text::interval) * 1000)::bigint, '0.9', $3::bigint, 0, 'none'",
      `${schema} ${silence}`,
      silence,
      String(schema)
    ])

  it("a migration that older programs cannot use is refused while their node is alive", async () => {
    const url = await server.newDatabase()
    await migrated(url, migrations)
    await announce(url, newest, "5 seconds")
    const before = await shapeOf(url)
    expect(await refusedMigration(url, steps)).toMatchObject({
      message:
        `Schema ${newest + 1} cannot be used by Keystate 0.9, and node old runs it. ` +
        "Update or stop that node, and run the command again; nothing was changed."
    })
    expect(await shapeOf(url)).toEqual(before)
  })
  it("a migration that older programs cannot use runs when the older node has ended", async () => {
    const url = await server.newDatabase()
    await migrated(url, migrations)
    await announce(url, newest, "1 minute")
    await announce(url, newest + 1, "1 second")
    expect(await migrated(url, steps)).toEqual({ from: newest, to: newest + 1 })
    expect(await run(Effect.flip(opened(url)))).toMatchObject({
      message: expect.stringContaining(`has schema ${newest + 1}, and this program knows schemas up to ${newest}`)
    })
  })
  it("a migration that only adds leaves older programs working", async () => {
    const url = await server.newDatabase()
    await migrated(url, [...migrations, { statements: ["CREATE TABLE keystate.more ()"] }])
    await run(Effect.flatMap(opened(url), (store) => store.commit(born({ n: 1 }).change)))
    expect(await migrated(url, migrations)).toEqual({ from: newest + 1, to: newest + 1 })
  })
})

describe("two simultaneous migrations", () => {
  it("the second of two simultaneous migrations finds the work done", async () => {
    const url = await server.newDatabase()
    await migrated(url, migrations.slice(0, -1))
    const both = await Promise.all([migrated(url, migrations), migrated(url, migrations)])
    expect(both.map(({ from }) => from).toSorted()).toEqual([newest - 1, newest])
  })
  it("a second migration does the whole work if the first loses its connection", async () => {
    const url = await server.newDatabase()
    await migrated(url, migrations.slice(0, -1))
    const killed = run(
      Effect.gen(function* () {
        const { session: failing } = altered(yield* session(url), 7, cut)
        return yield* Effect.exit(migrate(failing))
      })
    )
    const second = migrated(url, migrations)
    await killed
    expect((await second).to).toBe(newest)
    expect(await migrated(url, migrations)).toEqual({ from: newest, to: newest })
  })
})

describe("refusals by the server", () => {
  it("a refusal by the server is distinguished from a lost connection", async () => {
    const url = await server.newDatabase()
    const failure = await run(Effect.flip(Effect.flatMap(session(url), (whole) => whole.run(wrong, []))))
    expect(failure).toBeInstanceOf(Refused)
  })
})
