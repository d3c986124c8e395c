/** The two ends of a transfer: the rows of a store at one time, and a new store made from rows. */
import type { Effect, Stream } from "effect"
import type { StoredRow, TableName } from "../records/storedRows.ts"
import type { StoreDriver, StoreFailure, StoreUnusable } from "./driver.ts"

/** The order of the tables in a transfer. Rows that belong to a key follow the keys. */
const places: { readonly [T in TableName]: number } = {
  keys: 0,
  versions: 1,
  events: 2,
  deadlines: 3,
  owed: 4,
  aliases: 5,
  importSessions: 6,
  invocations: 7,
  ram: 8,
  audit: 9,
  nonces: 10,
  meta: 11
}

export const placeOf = (table: TableName): number => places[table]

export const isTableName = (name: unknown): name is TableName => typeof name === "string" && Object.hasOwn(places, name)

/** The tables in the order of a transfer. */
export const transferOrder: ReadonlyArray<TableName> = Object.keys(places)
  .filter(isTableName)
  .toSorted((left, right) => placeOf(left) - placeOf(right))

/** Some rows of one table. */
export type Page = {
  readonly [T in TableName]: { readonly table: T; readonly rows: ReadonlyArray<StoredRow<T>> }
}[TableName]

/** The compiler does not connect a table's rows with the table's name. */
export const pageOf = <T extends TableName>(table: T, rows: ReadonlyArray<StoredRow<T>>): Page =>
  ({ table, rows }) as never

/** Every row of a store at one time: table by table in `transferOrder`, each in the order of creation. */
export type Rows<E = StoreFailure> = Stream.Stream<Page, E>

/** A store that is being created. No other process sees any of it until `finish`; without `finish` it is removed. */
export interface RowTarget {
  /** Takes the pages of a transfer, in their order. */
  readonly put: (page: Page) => Effect.Effect<void, StoreUnusable>
  /** Reads the rows put so far. It accepts no change. */
  readonly driver: StoreDriver
  /** Makes everything durable at once. The target must not be used afterwards. */
  readonly finish: Effect.Effect<void, StoreUnusable>
}

/** A store that no server uses, changed by one transaction. Without `finish` it is unchanged. */
export interface RowChange {
  /** The rows of a table, as they were before the change. */
  readonly rows: <T extends TableName>(table: T) => Stream.Stream<ReadonlyArray<StoredRow<T>>, StoreFailure>
  /** Replaces rows, or adds them. */
  readonly put: (page: Page) => Effect.Effect<void, StoreUnusable>
  /** Removes rows of table `meta` by their names. */
  readonly dropMeta: (names: ReadonlyArray<string>) => Effect.Effect<void, StoreUnusable>
  /** Reads the rows put so far. It accepts no change. */
  readonly driver: StoreDriver
  /** Makes everything durable at once, and overwrites the old content as far as the store can. */
  readonly finish: Effect.Effect<void, StoreUnusable>
}
