/** Transfers from and to a database: its rows at one time, and rows put into an empty database in one transaction. */
import { Effect, Stream } from "effect"
import type { Scope } from "effect"
import type { StoredRow, TableName } from "../../records/storedRows.ts"
import { StoreUnavailable, StoreUnusable } from "../driver.ts"
import type { StoreDriver, StoreFailure } from "../driver.ts"
import { pageOf, transferOrder } from "../transfer.ts"
import type { Page, Rows, RowTarget } from "../transfer.ts"
import { rowOf } from "./columns.ts"
import { entryOf } from "./commit/encode.ts"
import { orReadFailure } from "./failures.ts"
import { faultsOf } from "./faults.ts"
import { assertUsable, bringUp, schemaOf } from "./migrate.ts"
import { patientOpenings, unusable } from "./opening.ts"
import type { PostgresOptions } from "./opening.ts"
import { decoded, makeReads, selected } from "./reads.ts"
import type { Session, SqlFailure } from "./session.ts"
import { qualified, sqlTables } from "./tables.ts"
import type { Column } from "./tables.ts"

/** The order in which the rows of a table were created, or another fixed order where creation does not matter. */
const orders: { readonly [T in TableName]: string } = {
  keys: "ordinal",
  versions: "ordinal",
  events: "key, seq",
  deadlines: "key, kind",
  owed: "ordinal",
  aliases: "ordinal",
  importSessions: "ordinal",
  invocations: "key, version",
  ram: "account, kind, name",
  audit: "seq",
  nonces: "ordinal",
  meta: "name"
}

const pageSize = 256

export const openRowSession = (options: PostgresOptions): Effect.Effect<Session, StoreUnusable, Scope.Scope> =>
  Effect.flatMap(patientOpenings(options), (open) => Effect.mapError(open, unusable))

/** A session with the present contents of the database, read-only. Its statements have no time limit. */
export const openSnapshot = (options: PostgresOptions): Effect.Effect<Session, StoreUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const session = yield* openRowSession(options)
    yield* Effect.mapError(session.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", []), unusable)
    yield* Effect.flatMap(Effect.mapError(schemaOf(session), unusable), assertUsable)
    return session
  })

/** The rows of a table at the beginning of the stream; the transaction may change them during the read. */
export const readTable = <T extends TableName>(
  session: Session,
  table: T
): Stream.Stream<ReadonlyArray<StoredRow<T>>, StoreFailure> => {
  const cursor = `every_${sqlTables[table].name}`
  const order = orders[table]
  const text = `SELECT ${selected(table)} FROM ${qualified(table)} t ORDER BY ${order}`
  const fetched = decoded(session.run(`FETCH ${pageSize} FROM ${cursor}`, []), (rows) =>
    rows.map((row) => rowOf(table, row))
  )
  const closed = Effect.as(orReadFailure(session.run(`CLOSE ${cursor}`, [])), undefined)
  const next = Effect.flatMap(fetched, (rows) =>
    rows.length === 0 ? closed : Effect.succeed([rows, undefined] as const)
  )
  return Stream.unwrap(
    Effect.as(
      orReadFailure(session.run(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${text}`, [])),
      Stream.unfold(undefined, () => next)
    )
  )
}

const pagesOf = <T extends TableName>(session: Session, table: T): Stream.Stream<Page, StoreFailure> =>
  Stream.map(readTable(session, table), (rows) => pageOf(table, rows))

/** The present rows of a database, also while other processes use it. */
export const openPostgresRows = (options: PostgresOptions): Effect.Effect<Rows, StoreUnusable, Scope.Scope> =>
  Effect.map(openSnapshot(options), (session) =>
    Stream.flatMap(Stream.fromIterable(transferOrder), (table) => pagesOf(session, table))
  )

/** Columns that the port's rows of keys lack: see `derived.ts`. */
const derived: Readonly<Record<string, string>> = {
  spec: "text",
  usage: "text",
  protection: "text",
  creator: "text",
  tags: "text[]"
}

export const insertText = (table: TableName): string => {
  const columns = Object.values<Column>(sqlTables[table].columns)
  const more = table === "keys" ? Object.entries(derived) : []
  const names = [...columns.map(({ name }) => name), ...more.map(([name]) => name)]
  const values = columns.map(({ name, type }) => (type === "bytea" ? `decode(w.${name}, 'base64')` : `w.${name}`))
  const declared = [
    ...columns.map(({ name, type }) => `${name} ${type === "bytea" ? "text" : type}`),
    ...more.map(([name, type]) => `${name} ${type}`)
  ]
  return (
    `INSERT INTO ${qualified(table)} (${names.join(", ")}) ` +
    `SELECT ${[...values, ...more.map(([name]) => `w.${name}`)].join(", ")} ` +
    `FROM ROWS FROM (json_to_recordset($1::json) AS (${declared.join(", ")})) WITH ORDINALITY ` +
    `AS w (${[...names, "place"].join(", ")}) ORDER BY w.place`
  )
}

export const encoded = ({ table, rows }: Page): Effect.Effect<string, StoreUnusable> =>
  Effect.try({
    // The compiler does not relate a table's rows to the table's name.
    try: () => JSON.stringify((rows as ReadonlyArray<StoredRow<typeof table>>).map((row) => entryOf(table, row))),
    catch: (failure) => new StoreUnusable({ message: `A row of ${table} cannot be kept: ${String(failure)}.` })
  })

/** The end of the audit log, which is a separate row. */
const tailText = `UPDATE keystate.audit_tail SET (seq, hash) =
(SELECT seq, hash FROM keystate.audit ORDER BY seq DESC LIMIT 1) WHERE EXISTS (SELECT FROM keystate.audit)`

/** The signed requests that the other store accepted are unknown, so those with earlier timestamps are refused. */
const eraText = `UPDATE keystate.signature_era SET era = (floor(extract(epoch FROM clock_timestamp()))::bigint + 1) * 1000`

const emptyText = `SELECT (EXISTS (SELECT FROM keystate.meta) OR EXISTS (SELECT FROM keystate.keys)
OR EXISTS (SELECT FROM keystate.audit))::text AS used`

const notEmpty = new StoreUnusable({
  message: "The database holds a store already. Nothing was changed; name a database that holds none."
})

const readOnly = new StoreUnavailable({ reason: "ReadOnly", message: "The store is not complete yet." })

export const orUnusable = <A>(work: Effect.Effect<A, SqlFailure | StoreUnusable>): Effect.Effect<A, StoreUnusable> =>
  Effect.mapError(work, (failure) => (failure._tag === "StoreUnusable" ? failure : unusable(failure)))

/** An uncommitted transaction leaves the database unchanged, including its tables. */
const begin = (session: Session): Effect.Effect<void, SqlFailure | StoreUnusable> =>
  Effect.gen(function* () {
    yield* session.run("BEGIN", [])
    yield* bringUp(session)
    // A server that starts on the database now waits, and then finds a complete store.
    yield* session.run("LOCK TABLE keystate.meta, keystate.keys IN SHARE ROW EXCLUSIVE MODE", [])
    const [row] = yield* session.run(emptyText, [])
    if (row?.["used"] !== "false") return yield* notEmpty
  })

/** A new store in a database without one. Missing tables are created. */
export const openPostgresTarget = (options: PostgresOptions): Effect.Effect<RowTarget, StoreUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const session = yield* openRowSession(options)
    yield* orUnusable(begin(session))
    const driver: StoreDriver = {
      ...makeReads(session.run),
      commit: () => Effect.fail(readOnly),
      abilities: { faults: faultsOf(session.run) }
    }
    const put = (page: Page) =>
      Effect.gen(function* () {
        const text = yield* encoded(page)
        yield* session.run(insertText(page.table), [text])
        if (page.table === "audit") yield* session.run(tailText, [])
      })
    return {
      put: (page) => orUnusable(put(page)),
      driver,
      finish: Effect.asVoid(orUnusable(Effect.andThen(session.run(eraText, []), session.run("COMMIT", []))))
    }
  })
