/** The store on a PostgreSQL server, version 15 or newer. Any number of processes use one database at the same time. */
import { hash as nodeHash } from "node:crypto"
import { Effect, Layer } from "effect"
import type { Scope } from "effect"
import type { HashText } from "../../records/hashChain.ts"
import { Driver, StoreUnavailable, StoreUnusable } from "../driver.ts"
import type { NodeList, StoreDriver, StoreFailure } from "../driver.ts"
import { orUnusable } from "../unavailable.ts"
import { makeLane } from "./commit/lane.ts"
import { makeWriter } from "./commit/writer.ts"
import { orReadFailure } from "./failures.ts"
import { faultsOf } from "./faults.ts"
import { assertUsable, migrate, schemaOf } from "./migrate.ts"
import type { Migrated } from "./migrate.ts"
import { conditionsOf } from "./conditions.ts"
import { openings, patientOpenings, timesOf, unusable } from "./opening.ts"
import type { PostgresOptions } from "./opening.ts"
import { clusterOf, forgetNodes, makeNodes } from "./nodes.ts"
import type { PostgresCluster } from "./nodes.ts"
import { openSnapshot } from "./postgresRows.ts"
import { makePage, makeReads } from "./reads.ts"
import type { Ask } from "./reads.ts"
import { Lost } from "./session.ts"
import type { SqlFailure } from "./session.ts"
import { makeShared } from "./sharedAbility.ts"
import { migrations } from "./schema.ts"
import { makeSlot } from "./slot.ts"
import type { Slot } from "./slot.ts"
import { waitingFor } from "./waiting.ts"
import type { Waiting } from "./waiting.ts"

export type { PostgresOptions } from "./opening.ts"

const nativeHash: HashText = (text) => nodeHash("sha256", text)

/** Commits have their own connections, so that they never wait for a read. */
const laneCount = 2
const readerCount = 3
/** Scrubbing a table has the lowest priority. */
const scrubMillis = 60_000
/** At worst, a migration changes every row. */
const migrationMillis = 600_000

/** Migrates a database to this program's schema. */
export const migratePostgres = (options: PostgresOptions): Effect.Effect<Migrated, StoreUnusable> =>
  Effect.scoped(
    Effect.gen(function* () {
      const open = yield* patientOpenings(options)
      const session = yield* open
      return yield* migrate(session)
    })
  ).pipe(
    Effect.timeoutOrElse({
      duration: migrationMillis,
      orElse: () => Effect.fail(new Lost({ message: "the migration did not end in ten minutes" }))
    }),
    Effect.mapError((failure) => (failure._tag === "StoreUnusable" ? failure : unusable(failure)))
  )

/** Sends each statement on the least busy connection. */
const askOver =
  (slots: ReadonlyArray<Slot>, withinMillis: number): Ask =>
  (text, parameters) =>
    Effect.suspend((): ReturnType<Ask> => {
      const [slot] = slots.toSorted((left, right) => left.load() - right.load())
      return slot === undefined
        ? Effect.fail(new Lost({ message: "there is no connection" }))
        : slot.use((session) => session.run(text, parameters), withinMillis)
    })

/** The first statement finds out that an idle connection broke, and may be sent again. */
const askTwice =
  (once: Ask, withinMillis: number): Ask =>
  (text, parameters) =>
    Effect.catchTag(once(text, parameters), "Lost", () => once(text, parameters)).pipe(
      Effect.timeoutOrElse({
        duration: withinMillis,
        orElse: () => Effect.fail(new Lost({ message: `the database did not answer within ${withinMillis} ms` }))
      })
    )

const scrubText = "VACUUM keystate.versions, keystate.import_sessions, keystate.ram"

/** A start that waits for its database opens all its connections before it continues. */
const connectAll = (slots: ReadonlyArray<Slot>, { end, eventually }: Waiting): Effect.Effect<void, SqlFailure> =>
  Effect.forEach(slots, (slot) => eventually((within) => slot.use(() => Effect.void, within)), {
    concurrency: "unbounded",
    discard: true
  }).pipe(Effect.andThen(Effect.sync(end)))

const makeDriver = (options: PostgresOptions): Effect.Effect<StoreDriver, StoreUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const waiting = yield* waitingFor(options)
    const open = yield* openings(options, waiting.connectMillis)
    const times = timesOf(options.timeoutMillis ?? 2000)
    const slots: Array<Slot> = []
    for (let made = 0; made < laneCount + readerCount; made++) slots.push(yield* makeSlot(open))
    const askOnce = askOver(slots.slice(laneCount), times.read)
    const ask = askTwice(askOnce, times.read)
    const [first] = slots
    if (first === undefined) return yield* new StoreUnusable({ message: "there is no connection" })
    const found = yield* Effect.mapError(
      waiting.eventually((within) => first.use(schemaOf, within)),
      unusable
    )
    if (found.version === 0 && options.create !== false) yield* migratePostgres(options)
    else yield* assertUsable(found)
    if (waiting.isWaiting) yield* Effect.mapError(connectAll(slots, waiting), unusable)
    const writer = yield* makeWriter(slots.slice(0, laneCount).map((slot) => makeLane(slot, times)))
    const scrubber = yield* makeSlot(open)
    const scrub = scrubber.use((session) => session.run(scrubText, []), scrubMillis)
    return {
      ...makeReads(ask),
      commit: writer.commit,
      abilities: {
        page: makePage(ask),
        shared: yield* makeShared(ask, askOnce, migrations.length),
        faults: faultsOf(ask),
        conditions: conditionsOf(ask),
        shortage: writer.shortage,
        scrub: Effect.asVoid(orReadFailure(scrub)),
        hash: nativeHash
      }
    }
  })

/** Why a snapshot accepts no change. */
const readOnly = new StoreUnavailable({ reason: "ReadOnly", message: "This is a snapshot of the store." })

/**
 * The rows of a database at one time, also while other processes use it. Nothing can be changed. Its statements have no
 * time limit.
 */
const makeSnapshot = (options: PostgresOptions): Effect.Effect<StoreDriver, StoreUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const session = yield* openSnapshot(options)
    return {
      ...makeReads(session.run),
      commit: () => Effect.fail(readOnly),
      abilities: { page: makePage(session.run), faults: faultsOf(session.run), hash: nativeHash }
    }
  })

/** A connection to a usable database, and the schema of the database. */
const usableSession = (options: PostgresOptions) =>
  Effect.gen(function* () {
    const session = yield* Effect.flatMap(openings(options), (open) => Effect.mapError(open, unusable))
    const found = yield* Effect.mapError(schemaOf(session), unusable)
    yield* assertUsable(found)
    return { session, schema: found.version }
  })

/** The schema of a database. */
export const postgresSchemaOf = (options: PostgresOptions): Effect.Effect<number, StoreUnusable> =>
  Effect.scoped(Effect.map(usableSession(options), ({ schema }) => schema))

const onSession = <A>(options: PostgresOptions, work: (ask: Ask) => Effect.Effect<A, StoreFailure>) =>
  Effect.scoped(Effect.flatMap(usableSession(options), ({ session }) => orUnusable(work(session.run))))

/** A list of engines, and the database cluster that they use. */
export interface PostgresNodes extends NodeList {
  readonly cluster: PostgresCluster
}

/** The engines that use a database, as far as they report it, and the database cluster. */
export const postgresNodes = (options: PostgresOptions): Effect.Effect<PostgresNodes, StoreUnusable> =>
  onSession(options, (ask) =>
    Effect.gen(function* () {
      return { ...(yield* makeNodes(ask, migrations.length).list), cluster: yield* clusterOf(ask) }
    })
  )

/** Removes engines with this name that are no longer seen from the list. Returns their number. */
export const forgetPostgresNodes = (options: PostgresOptions, name: string): Effect.Effect<number, StoreUnusable> =>
  onSession(options, (ask) => forgetNodes(ask, name))

/** The driver of a snapshot. */
export const postgresSnapshotLayer = (options: PostgresOptions): Layer.Layer<Driver, StoreUnusable> =>
  Layer.effect(Driver, makeSnapshot(options))

/** The driver of a database. Fails if the server is unreachable or fails the checks. */
export const postgresDriverLayer = (options: PostgresOptions): Layer.Layer<Driver, StoreUnusable> =>
  Layer.effect(Driver, makeDriver(options))
