/** The list of the engines that use a database. Its times are of the database's clock. */
import { Effect } from "effect"
import { nodeForgottenMillis, nodeLostMillis } from "../../domain/limits.ts"
import type { NodeList, NodeRow, NodesAbility, StoreFailure } from "../driver.ts"
import { integerOf, textOf } from "./columns.ts"
import { decoded } from "./reads.ts"
import type { Ask } from "./reads.ts"
import type { Columns } from "./session.ts"

const clockMillis = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

const announceText = `WITH forgotten AS (
DELETE FROM keystate.nodes WHERE seen < ${clockMillis} - ${nodeForgottenMillis} AND id <> $1)
INSERT INTO keystate.nodes AS n (id, name, since, seen, version, schema, clock_offset, hsm)
SELECT $1, $2, instant, instant, $3, $4::bigint, $5::bigint, $6 FROM (SELECT ${clockMillis} AS instant) AS present
ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, clock_offset = excluded.clock_offset RETURNING n.seen AS instant`

const listText =
  "SELECT id, name, since, seen, version, schema, clock_offset, hsm FROM keystate.nodes ORDER BY since, id"

const nodeOf = (row: Columns): NodeRow => ({
  id: textOf(row, "id"),
  name: textOf(row, "name"),
  version: textOf(row, "version"),
  clockOffsetMillis: integerOf(row, "clock_offset"),
  hsm: textOf(row, "hsm"),
  since: integerOf(row, "since"),
  seen: integerOf(row, "seen"),
  schema: integerOf(row, "schema")
})

const instantIn = ([row]: ReadonlyArray<Columns>, name: string): number =>
  row === undefined ? 0 : integerOf(row, name)

const presentText = `SELECT ${clockMillis} AS instant`

/** The engines of a database. `schema` is the newest one that this program knows. */
export const makeNodes = (ask: Ask, schema: number): NodesAbility => ({
  announce: ({ clockOffsetMillis, hsm, id, name, version }) => {
    const values = [id, name, version, String(schema), String(clockOffsetMillis), hsm]
    return decoded(ask(announceText, values), (rows) => instantIn(rows, "instant"))
  },
  withdraw: (id) => decoded(ask("DELETE FROM keystate.nodes WHERE id = $1", [id]), () => undefined),
  list: Effect.gen(function* () {
    const nodes = yield* decoded(ask(listText, []), (rows) => rows.map(nodeOf))
    const now = yield* decoded(ask(presentText, []), (rows) => instantIn(rows, "instant"))
    return { now, nodes } satisfies NodeList
  })
})

/** The database cluster of a store: equal on all servers of the store, and different after `initdb`. */
export interface PostgresCluster {
  /** The number that `initdb` gave the cluster. */
  readonly systemIdentifier: string
  /** Each promotion of a standby adds one. */
  readonly timeline: number
}

const clusterText = `SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system,
substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS timeline`

export const clusterOf = (ask: Ask): Effect.Effect<PostgresCluster, StoreFailure> =>
  decoded(ask(clusterText, []), ([row]) => ({
    systemIdentifier: row === undefined ? "" : textOf(row, "system"),
    timeline: row === undefined ? 0 : Number.parseInt(textOf(row, "timeline"), 16)
  }))

const forgetText = `DELETE FROM keystate.nodes WHERE name = $1 AND seen <= ${clockMillis} - ${nodeLostMillis} RETURNING id`

/** Removes engines with this name that are no longer seen from the list. Returns their number. */
export const forgetNodes = (ask: Ask, name: string): Effect.Effect<number, StoreFailure> =>
  decoded(ask(forgetText, [name]), (rows) => rows.length)
