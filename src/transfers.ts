/** The live ends of a transfer: a data directory, or a PostgreSQL database, read at one instant or made of rows. */
import { Effect } from "effect"
import type { Scope } from "effect"
import { faultOf } from "./admission.ts"
import { databaseIn, inspected } from "./store/sqlite/database.ts"
import { openSqliteRows, openSqliteTarget } from "./store/sqlite/sqliteRows.ts"
import { openPostgresRows, openPostgresTarget } from "./store/postgres/postgresRows.ts"
import type { PostgresOptions } from "./store/postgres/opening.ts"
import { StoreUnusable } from "./store/store.ts"
import type { Rows, RowTarget } from "./store/transfer.ts"

/** Where a store is. */
export type StorePlace =
  | { readonly kind: "directory"; readonly directory: string }
  | { readonly kind: "database"; readonly options: PostgresOptions }

const openDirectory = Effect.fnUntraced(function* (directory: string) {
  const found = yield* inspected(databaseIn(directory))
  const fault = faultOf({ directory, create: false, rootKey: undefined }, found)
  if (fault !== undefined) return yield* new StoreUnusable({ message: fault })
  return yield* openSqliteRows({ directory })
})

/** Every row of a store as it is now, whether or not servers use it. Nothing is changed. */
export const openRowsOf = (place: StorePlace): Effect.Effect<Rows, StoreUnusable, Scope.Scope> =>
  place.kind === "directory" ? openDirectory(place.directory) : openPostgresRows(place.options)

/** A new store where there is none. It is seen when it is finished; when the scope ends before, nothing of it stays. */
export const openTargetAt = (place: StorePlace): Effect.Effect<RowTarget, StoreUnusable, Scope.Scope> =>
  place.kind === "directory" ? openSqliteTarget({ directory: place.directory }) : openPostgresTarget(place.options)
