/** Opens the ends of a transfer: a data directory or a PostgreSQL database, for reading at one time or for writing. */
import { Effect } from "effect"
import type { Scope } from "effect"
import { faultOf } from "./admission.ts"
import { inspected } from "./store/sqlite/database.ts"
import { databaseIn } from "./store/sqlite/files.ts"
import { openSqliteChange } from "./store/sqlite/sqliteChange.ts"
import { openSqliteRows, openSqliteTarget } from "./store/sqlite/sqliteRows.ts"
import { openPostgresChange } from "./store/postgres/postgresChange.ts"
import { openPostgresRows, openPostgresTarget } from "./store/postgres/postgresRows.ts"
import type { PostgresOptions } from "./store/postgres/opening.ts"
import { StoreUnusable } from "./store/store.ts"
import type { RowChange, Rows, RowTarget } from "./store/transfer.ts"

/** The place of a store. */
export type StorePlace =
  | { readonly kind: "directory"; readonly directory: string }
  | { readonly kind: "database"; readonly options: PostgresOptions }

/** Fails unless the directory has a store. */
const assertStore = Effect.fnUntraced(function* (directory: string) {
  const found = yield* inspected(databaseIn(directory))
  const fault = faultOf({ directory, create: false, rootKey: undefined }, found)
  if (fault !== undefined) return yield* new StoreUnusable({ message: fault })
})

const inDirectory = <A>(
  directory: string,
  open: (options: { readonly directory: string }) => Effect.Effect<A, StoreUnusable, Scope.Scope>
) => Effect.andThen(assertStore(directory), open({ directory }))

/** Every row of a store at the present time, with or without running servers. Nothing is changed. */
export const openRowsOf = (place: StorePlace): Effect.Effect<Rows, StoreUnusable, Scope.Scope> =>
  place.kind === "directory" ? inDirectory(place.directory, openSqliteRows) : openPostgresRows(place.options)

/** A new store in an empty place. It becomes visible when it is finished; if the scope ends earlier, it is removed. */
export const openTargetAt = (place: StorePlace): Effect.Effect<RowTarget, StoreUnusable, Scope.Scope> =>
  place.kind === "directory" ? openSqliteTarget({ directory: place.directory }) : openPostgresTarget(place.options)

/** One transaction over a store. Fails if a server uses the store. */
export const openChangeOf = (place: StorePlace): Effect.Effect<RowChange, StoreUnusable, Scope.Scope> =>
  place.kind === "directory" ? inDirectory(place.directory, openSqliteChange) : openPostgresChange(place.options)
