/** The live ends of a transfer: a data directory, or a PostgreSQL database, read at one instant or made of rows. */
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

/** Where a store is. */
export type StorePlace =
  | { readonly kind: "directory"; readonly directory: string }
  | { readonly kind: "database"; readonly options: PostgresOptions }

/** Fails unless the directory holds a store. */
const assertStore = Effect.fnUntraced(function* (directory: string) {
  const found = yield* inspected(databaseIn(directory))
  const fault = faultOf({ directory, create: false, rootKey: undefined }, found)
  if (fault !== undefined) return yield* new StoreUnusable({ message: fault })
})

const inDirectory = <A>(
  directory: string,
  open: (options: { readonly directory: string }) => Effect.Effect<A, StoreUnusable, Scope.Scope>
) => Effect.andThen(assertStore(directory), open({ directory }))

/** Every row of a store as it is now, whether or not servers use it. Nothing is changed. */
export const openRowsOf = (place: StorePlace): Effect.Effect<Rows, StoreUnusable, Scope.Scope> =>
  place.kind === "directory" ? inDirectory(place.directory, openSqliteRows) : openPostgresRows(place.options)

/** A new store where there is none. It is seen when it is finished; when the scope ends before, nothing of it stays. */
export const openTargetAt = (place: StorePlace): Effect.Effect<RowTarget, StoreUnusable, Scope.Scope> =>
  place.kind === "directory" ? openSqliteTarget({ directory: place.directory }) : openPostgresTarget(place.options)

/** One transaction over a store that no server uses. Fails if a server uses it. */
export const openChangeOf = (place: StorePlace): Effect.Effect<RowChange, StoreUnusable, Scope.Scope> =>
  place.kind === "directory" ? inDirectory(place.directory, openSqliteChange) : openPostgresChange(place.options)
