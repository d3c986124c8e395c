/** Checks on every new connection whether the server can keep the store's promises. */
import { Effect } from "effect"
import type { Scope } from "effect"
import { textOf, integerOf } from "./columns.ts"
import { rootKeyCheckName } from "../../records/metaNames.ts"
import { codes } from "./failures.ts"
import { Refused } from "./session.ts"
import type { Columns, Session, SqlFailure } from "./session.ts"

/** PostgreSQL 15. */
const versionMinimum = 150_000

/**
 * A standby has the system identifier of its primary. Every promotion increases the timeline (PostgreSQL 26.3), so a
 * lower one belongs to a primary that was replaced.
 */
const question = `SELECT pg_is_in_recovery()::text AS standby, current_setting('fsync') AS fsync,
current_setting('server_version_num')::bigint AS version, current_setting('server_version') AS version_text,
current_setting('server_encoding') AS encoding,
(SELECT system_identifier::text FROM pg_control_system()) AS system,
CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END AS timeline`

/**
 * The known properties of the server: its system identifier, the newest timeline, and the check value of the store's
 * root key.
 */
export interface Seen {
  system: string
  timeline: string
  rootKeyCheck?: string
}

/** The state before any server was seen. */
export const nothingSeen = (): Seen => ({ system: "", timeline: "" })

/** Why this is not the same server as before. */
const strangeness = (row: Columns, { system, timeline }: Seen): string | undefined => {
  if (system !== "" && textOf(row, "system") !== system) {
    return "the address leads to another database cluster than before; start Keystate again if that is intended"
  }
  return textOf(row, "timeline") < timeline
    ? "the server is a former primary that was replaced; it lacks newer changes"
    : undefined
}

const faultOf = (row: Columns, seen: Seen): string | undefined => {
  if (integerOf(row, "version") < versionMinimum) {
    return `the server is PostgreSQL ${textOf(row, "version_text")}, and Keystate needs 15 or newer`
  }
  if (textOf(row, "standby") === "true") return "the server is a standby; Keystate uses the primary alone"
  if (textOf(row, "fsync") !== "on") return "fsync is off, so that a crash would lose changes; set fsync = on"
  if (textOf(row, "encoding") !== "UTF8") {
    return `the database has the encoding ${textOf(row, "encoding")}; make one with the encoding UTF8`
  }
  return strangeness(row, seen)
}

const check = (session: Session, seen: Seen): Effect.Effect<void, SqlFailure> =>
  Effect.flatMap(session.run(question, []), ([row]) => {
    const fault = row === undefined ? "the server does not answer what it is" : faultOf(row, seen)
    if (row === undefined || fault !== undefined) {
      return Effect.fail(new Refused({ code: codes.unfit, message: fault ?? "" }))
    }
    seen.system = textOf(row, "system")
    seen.timeline = textOf(row, "timeline")
    return Effect.void
  })

const rootKeyText = `SELECT value FROM keystate.meta WHERE name = '${rootKeyCheckName}'`

const resealed = new Refused({
  code: codes.unfit,
  message: "the store was sealed under another root key since this program connected; start it with the new root key"
})

/** A database without tables has no root key. */
const isAbsent = (failure: SqlFailure): boolean =>
  failure._tag === "Refused" && (failure.code === codes.undefinedTable || failure.code === codes.undefinedSchema)

/** An engine that was disconnected while the store was resealed must not write under the old root key. */
const checkRootKey = (session: Session, seen: Seen): Effect.Effect<void, SqlFailure> =>
  session.run(rootKeyText, []).pipe(
    Effect.catchIf(isAbsent, () => Effect.succeed([])),
    Effect.flatMap(([row]) => {
      if (row === undefined) return Effect.void
      const value = textOf(row, "value")
      seen.rootKeyCheck ??= value
      return seen.rootKeyCheck === value ? Effect.void : Effect.fail(resealed)
    })
  )

/** A connection to a server that passed the checks. */
export const fitSession = (
  open: Effect.Effect<Session, SqlFailure, Scope.Scope>,
  seen: Seen
): Effect.Effect<Session, SqlFailure, Scope.Scope> =>
  Effect.tap(open, (session) => Effect.andThen(check(session, seen), checkRootKey(session, seen)))
