/** The present conditions of a server, and what an operator should do if the store needs others. */
import type { Effect } from "effect"
import type { StoreCondition, StoreFailure } from "../driver.ts"
import { integerOf, textOf } from "./columns.ts"
import { schemaFault } from "./migrate.ts"
import { decoded } from "./reads.ts"
import type { Ask } from "./reads.ts"
import { migrations } from "./schema.ts"
import type { Columns } from "./session.ts"

/** Replicas are the connections that receive the log. */
const question = `SELECT pg_is_in_recovery()::text AS standby, current_setting('fsync') AS fsync,
current_setting('full_page_writes') AS pages, current_setting('synchronous_standby_names') AS synchronous,
(SELECT count(*) FROM pg_stat_replication) AS replicas, s.version,
coalesce(to_jsonb(s) ->> 'readable_by', '1')::bigint AS readable_by,
(SELECT system_identifier::text FROM pg_control_system()) AS system,
CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END AS timeline
FROM keystate.schema_version s`

type Judge = (row: Columns) => StoreCondition

const primary: Judge = (row) =>
  textOf(row, "standby") === "true"
    ? { name: "primary", ok: false, detail: "the server is a standby", hint: "Connect to the primary." }
    : { name: "primary", ok: true, detail: "the server is the primary" }

/** Equal on all servers of a store. A connection to another cluster or to a former primary is refused separately. */
const cluster: Judge = (row) => {
  const timeline = textOf(row, "timeline")
  const told = timeline === "" ? "of a standby" : String(Number.parseInt(timeline, 16))
  return { name: "cluster", ok: true, detail: `system identifier ${textOf(row, "system")}, timeline ${told}` }
}

const durable: Judge = (row) => {
  const off = [["fsync", "fsync"] as const, ["full_page_writes", "pages"] as const]
    .filter(([, column]) => textOf(row, column) !== "on")
    .map(([setting]) => setting)
  return off.length === 0
    ? { name: "durable", ok: true, detail: "commits survive a crash" }
    : {
        name: "durable",
        ok: false,
        detail: `${off.join(" and ")} off: a crash may lose or damage what was acknowledged`,
        hint: `Set ${off.map((setting) => `${setting} = on`).join(" and ")}, and reload the server.`
      }
}

/** Keystate cannot know whether a replica will ever be promoted, so it continues. */
const replicated: Judge = (row) => {
  const replicas = integerOf(row, "replicas")
  if (replicas === 0) return { name: "replicas", ok: true, detail: "no replica is connected" }
  return textOf(row, "synchronous") === ""
    ? {
        name: "replicas",
        ok: true,
        detail: `${replicas} connected, and none is synchronous: a failover loses changes that were acknowledged`,
        hint: "Set synchronous_standby_names."
      }
    : { name: "replicas", ok: true, detail: `${replicas} connected, of which some are synchronous` }
}

const schema: Judge = (row) => {
  const found = { version: integerOf(row, "version"), readableBy: integerOf(row, "readable_by") }
  const detail = `schema ${found.version}; this program makes ${migrations.length}`
  if (schemaFault(found) === undefined) return { name: "schema", ok: true, detail }
  return found.version > migrations.length
    ? { name: "schema", ok: false, detail, hint: "Replace this server by one of the newer version." }
    : { name: "schema", ok: false, detail, hint: "Run: keystate migrate --store URL" }
}

const judges: ReadonlyArray<Judge> = [primary, cluster, durable, replicated, schema]

export const conditionsOf = (ask: Ask): Effect.Effect<ReadonlyArray<StoreCondition>, StoreFailure> =>
  decoded(ask(question, []), ([row]) => (row === undefined ? [] : judges.map((judge) => judge(row))))
