/** A store on PostgreSQL, for `createKms` and `KmsStore`. Any number of processes use one database at the same time. */
import type { OwnStore } from "./main.ts"
import { postgresDriverLayer, postgresSnapshotLayer } from "./store/postgres/postgresDriver.ts"
import type { PostgresOptions } from "./store/postgres/postgresDriver.ts"
import { migrations } from "./store/postgres/schema.ts"

export { isPostgresUrl, withoutPassword } from "./store/postgres/address.ts"
export {
  forgetPostgresNodes,
  migratePostgres,
  postgresNodes,
  postgresSchemaOf
} from "./store/postgres/postgresDriver.ts"
export type { NodeList, NodeReport, NodeRow } from "./store/driver.ts"
export type { PostgresCluster } from "./store/postgres/nodes.ts"
export type { PostgresNodes, PostgresOptions } from "./store/postgres/postgresDriver.ts"

/** The schema that this program creates and requires. */
export const postgresSchema = migrations.length

/** The rows of a database at one time, for programs that only read. The database cannot be changed. */
export const postgresSnapshot = (options: PostgresOptions): OwnStore => postgresSnapshotLayer(options)

/**
 * A store in a database of a PostgreSQL server, version 15 or newer. `url` is `postgres://user@host:port/database`. The
 * connection is encrypted and the server's certificate is checked, unless `tls` says otherwise. Missing tables are
 * created. A start fails with `StoreUnusable` if the server cannot be reached, is a standby, or does not wait for its
 * disk. It also fails if the database has another schema than this program.
 */
export const postgres = (url: string, options: Omit<PostgresOptions, "url"> = {}): OwnStore =>
  postgresDriverLayer({ ...options, url })
