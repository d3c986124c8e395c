/** The store in one SQLite file: durable before it answers, one process at a time. */
import { hash as nodeHash } from "node:crypto"
import type { DatabaseSync } from "node:sqlite"
import { Effect, Exit, Layer } from "effect"
import type { Scope } from "effect"
import { lineOf } from "../../records/auditLine.ts"
import { canonicalJson } from "../../records/hashChain.ts"
import type { HashText } from "../../records/hashChain.ts"
import type { Failpoints, HostProcess } from "../../platform/services.ts"
import { Store } from "../store.ts"
import type { StoreUnavailable, StoreUnusable } from "../store.ts"
import { orLater } from "../unavailable.ts"
import { applyChange } from "./applyChange.ts"
import { openAuditTail } from "./auditTail.ts"
import { databaseIn, openCopy, openDatabase } from "./database.ts"
import { integerOf } from "./columns.ts"
import { logOf } from "./inspection.ts"
import { makeWriter } from "./groupCommit.ts"
import { openLogSync } from "./logSync.ts"
import type { LogSync } from "./logSync.ts"
import { makeLogMark } from "./logMark.ts"
import { openPositions } from "./positions.ts"
import { makeReads, sessionsOf } from "./reads.ts"
import { prepareStatements } from "./statements.ts"

export { databaseFileName } from "./database.ts"

/** OpenSSL's is six times as fast as the portable one on entries of a journal's size. */
const nativeHash: HashText = (text) => nodeHash("sha256", text)

/** A store over an open database that nobody else writes to. */
export const makeSqliteStore = (
  database: DatabaseSync,
  opened: Effect.Effect<LogSync, never, Scope.Scope> = openLogSync(database)
): Effect.Effect<Store["Service"], never, Failpoints | HostProcess | Scope.Scope> =>
  Effect.gen(function* () {
    const statements = prepareStatements(database)
    const tail = openAuditTail(statements, nativeHash)
    const positions = openPositions(statements)
    const log = yield* opened
    const mark = makeLogMark(database, statements)
    let shortage: StoreUnavailable | undefined
    const path = database.location()
    const noteShortage = (found: StoreUnavailable | undefined): void => {
      shortage = found
    }
    const setting = { statements, tail, positions, mark, noteShortage, log: path === null ? undefined : logOf(path) }
    const write = yield* makeWriter(setting, log)
    const { keptNonces, ...reads } = makeReads(statements, log)
    const forgetNonces = ({ after, until }: { readonly after: number; readonly until: number }) =>
      write("nonces", () => {
        statements("forgetNonces").run(after, until)
        return Exit.void
      })
    return {
      ...reads,
      shortage: () => shortage,
      commit: (change) =>
        write("commit", () => {
          const outcome = applyChange(statements, positions, nativeHash, change)
          if (Exit.isSuccess(outcome)) tail.add(lineOf(change.audit))
          return outcome
        }),
      settle: ({ keyId, seq, command }) =>
        write("settle", () => {
          statements("dropCommand").run(keyId, seq, canonicalJson(command))
          return Exit.void
        }),
      appendAudit: (lines) =>
        write("audit", () => {
          for (const line of lines) tail.add(line)
          return Exit.void
        }),
      appendNonces: ({ expiresAt, lines }) =>
        write("nonces", () => {
          statements("addNonces").run(expiresAt, JSON.stringify(lines))
          return Exit.void
        }),
      forgetNonces,
      // Those that expired are forgotten when there is room to write that down.
      nonces: (now) =>
        Effect.andThen(
          orLater("What is forgotten", forgetNonces({ after: Number.MIN_SAFE_INTEGER, until: now })),
          keptNonces
        ),
      setMeta: (name, value) =>
        write("meta", () => {
          statements("setMeta").run(name, value)
          return Exit.void
        }),
      addImportSession: (row) =>
        write("import", () => {
          const { id, keyId, wrappingKeySpec, wrappingAlgorithm, expiresAt, failures, sealed } = row
          statements("addImportSession").run(id, keyId, wrappingKeySpec, wrappingAlgorithm, expiresAt, failures, sealed)
          return Exit.void
        }),
      countImportFailure: (id) =>
        write("import", () => {
          statements("countImportFailure").run(id)
          return Exit.void
        }),
      forgetImportSessions: (now) =>
        write("import", () => {
          const ended = sessionsOf(statements).filter(({ expiresAt }) => expiresAt <= now)
          statements("forgetImportSessions").run(now)
          return Exit.succeed(ended)
        }),
      reserveInvocations: ({ keyId, keyVersionId, count, limit }) =>
        write("invocations", () => {
          const row = statements("invocations").get(keyId, keyVersionId)
          const reserved = row === undefined ? 0 : integerOf(row, "reserved")
          const granted = Math.max(0, Math.min(count, limit - reserved))
          statements("reserveInvocations").run(keyId, keyVersionId, reserved + granted)
          return Exit.succeed(granted)
        }),
      changeRam: ({ put, drop, audit }) =>
        write("ram", () => {
          for (const { account, kind, name, record } of put) statements("putRam").run(account, kind, name, record)
          for (const { account, kind, name } of drop) statements("dropRam").run(account, kind, name)
          tail.add(lineOf(audit))
          return Exit.void
        }),
      scrub: write("scrub", () => Exit.void)
    }
  })

/** The store in a data directory. Directory and database are made if they are not there. */
export const sqliteStoreLayer = (options: {
  readonly directory: string
}): Layer.Layer<Store, StoreUnusable, Failpoints | HostProcess> =>
  Layer.effect(Store, Effect.flatMap(openDatabase(databaseIn(options.directory)), makeSqliteStore))

/** What is written to a copy is lost with it, and needs no disk. */
const unsynced: LogSync = { sync: (done) => done(null), settled: (done) => done(null) }

/**
 * A copy of a store as it is now, whether or not a server uses it. No file of the data directory is changed. An older
 * schema is brought up to date in the copy alone.
 */
export const sqliteCopyLayer = (options: {
  readonly directory: string
}): Layer.Layer<Store, StoreUnusable, Failpoints | HostProcess> =>
  Layer.effect(
    Store,
    Effect.flatMap(openCopy(databaseIn(options.directory)), (database) =>
      makeSqliteStore(database, Effect.succeed(unsynced))
    )
  )
