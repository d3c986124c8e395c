/** The names that a plan locks. Two plans with a name in common are not executed in one group. */
import type { Plan, RangeOf, Write } from "../../../plan/plan.ts"
import { idOf } from "../../../records/storedRows.ts"
import type { RowId, StoredRow, TableName } from "../../../records/storedRows.ts"

export interface Footprint {
  /** Ids of existing keys whose rows are locked. */
  readonly keys: ReadonlySet<string>
  /** Names that represent rows which may not exist yet. */
  readonly names: ReadonlySet<string>
  /** Names of ranges whose rows are counted. Plans of one group may share them. */
  readonly ranges: ReadonlySet<string>
}

/** Rows of these tables belong to a key, whose id is the beginning of theirs, and change under the key's lock. */
const ofKey: ReadonlySet<TableName> = new Set<TableName>([
  "keys",
  "versions",
  "events",
  "deadlines",
  "owed",
  "invocations"
])

export const nameOf = (table: TableName, id: RowId): string => JSON.stringify([table, ...id])

/** The name for all rows of a range. */
export const rangeName = ({ table, index, partition }: RangeOf): string => JSON.stringify([table, index, partition])

export const idOfPut = <T extends TableName>(table: T, row: StoredRow<T>): RowId => idOf(table, row)

/** Rows that are only added have no name: the id of a batch of nonces is its text. */
const isAdded = (table: TableName): boolean => table === "nonces" || table === "audit"

interface Names {
  readonly keys: Set<string>
  readonly names: Set<string>
  readonly ranges: Set<string>
}

const addRow = (into: Names, table: TableName, id: RowId): void => {
  if (isAdded(table)) return
  if (ofKey.has(table)) into.keys.add(String(id[0]))
  else into.names.add(nameOf(table, id))
}

const addRange = (into: Names, range: RangeOf): void => {
  const [first] = range.partition
  if (range.index === "ofKey") into.keys.add(String(first))
  else into.names.add(rangeName(range))
}

const addWrite = (into: Names, write: Write): void => {
  switch (write.op) {
    case "put":
      return addRow(into, write.table, idOfPut(write.table, write.row))
    case "delete":
      return addRow(into, write.table, write.id)
    case "clear":
      return addRange(into, write.range)
    case "erase":
      into.keys.add(write.keyId)
      return undefined
    default:
      return write satisfies never
  }
}

export const footprintOf = ({ checks, writes }: Plan): Footprint => {
  const into: Names = { keys: new Set(), names: new Set(), ranges: new Set() }
  for (const check of checks) {
    if ("table" in check) {
      addRow(into, check.table, check.id)
      // No row exists yet that could be locked.
      if (check.table === "keys" && check.revision === undefined) into.names.add(nameOf("keys", check.id))
    } else into.ranges.add(rangeName(check.of))
  }
  for (const write of writes) addWrite(into, write)
  return into
}
