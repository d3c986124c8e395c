/** The store in memory: the same semantics as a store on disk, on any runtime, for tests and simulations. */
import { Effect, Layer } from "effect"
import { auditBeginning, execute, revisionIn, segmentAfter } from "../../plan/execute.ts"
import type { Rows } from "../../plan/execute.ts"
import type { Plan, Write } from "../../plan/plan.ts"
import { portableHash } from "../../records/hashChain.ts"
import { idOf } from "../../records/storedRows.ts"
import type { Range, StoredRows, TableName } from "../../records/storedRows.ts"
import { Driver, StoreConflict } from "../driver.ts"
import type { StoreDriver } from "../driver.ts"
import { storeLayer } from "../makeStore.ts"
import type { Store } from "../store.ts"
import { makeSortedTable } from "./sortedTable.ts"
import type { SortedTable } from "./sortedTable.ts"

type Tables = { readonly [T in TableName]: SortedTable<T> }

const makeTables = (): Tables => ({
  keys: makeSortedTable("keys"),
  versions: makeSortedTable("versions"),
  events: makeSortedTable("events"),
  deadlines: makeSortedTable("deadlines"),
  owed: makeSortedTable("owed"),
  aliases: makeSortedTable("aliases"),
  importSessions: makeSortedTable("importSessions"),
  invocations: makeSortedTable("invocations"),
  ram: makeSortedTable("ram"),
  audit: makeSortedTable("audit"),
  nonces: makeSortedTable("nonces"),
  meta: makeSortedTable("meta")
})

const copyOf = <Row extends StoredRows[TableName]>(row: Row): Row => {
  const copy = { ...row }
  // Bytes cannot be frozen: they are copied on the way in and on the way out.
  for (const [name, value] of Object.entries(copy)) {
    if (value instanceof Uint8Array) Object.assign(copy, { [name]: Uint8Array.from(value) })
  }
  return copy
}

/** Erased bytes are overwritten, not left to the garbage collector. */
const wipe = (row: object | undefined): void => {
  for (const value of Object.values(row ?? {})) if (value instanceof Uint8Array) value.fill(0)
}

const everything = Number.MAX_SAFE_INTEGER

/** The table of a name. The compiler cannot tell which of the union it is. */
const tableOf = <T extends TableName>(tables: Tables, name: T): SortedTable<T> => tables[name]

const clear = <T extends TableName>(table: SortedTable<T>, range: Range<T>): void => {
  for (const row of table.scan({ ...range, limit: everything })) wipe(table.remove(idOf(range.table, row)))
}

const erase = ({ versions }: Tables, keyId: string): void => {
  for (const row of versions.scan({ table: "versions", index: "ofKey", partition: [keyId], limit: everything })) {
    wipe(row)
    versions.put({ ...row, sealed: null, publicKey: null })
  }
}

const rowsOf = (tables: Tables): Rows => ({
  revision: (table, id) => revisionIn(table, tableOf(tables, table).get(id)),
  count: (range) => tableOf(tables, range.table).count(range as never),
  write: (write: Write) => {
    switch (write.op) {
      case "put":
        return tableOf(tables, write.table).put(copyOf(write.row) as never)
      case "delete":
        return wipe(tableOf(tables, write.table).remove(write.id))
      case "clear":
        return clear(tableOf(tables, write.range.table), write.range as never)
      case "erase":
        return erase(tables, write.keyId)
      default:
        return write satisfies never
    }
  }
})

export const makeMemoryDriver = (): StoreDriver => {
  const tables = makeTables()
  const rows = rowsOf(tables)
  let end = auditBeginning
  const commit = (plan: Plan): StoreConflict | undefined => {
    const conflict = execute(rows, plan)
    if (conflict !== undefined) return new StoreConflict(conflict)
    if (plan.lines.length === 0) return undefined
    const segment = segmentAfter(end, plan.lines, portableHash)
    tables.audit.put(segment)
    end = segment
    return undefined
  }
  return {
    get: (table, id) =>
      Effect.sync(() => {
        const row = tableOf(tables, table).get(id)
        return row === undefined ? undefined : copyOf(row)
      }),
    scan: (scan) =>
      Effect.sync(() =>
        tableOf(tables, scan.table)
          .scan(scan)
          .map((row) => copyOf(row))
      ),
    count: (range) => Effect.sync(() => tableOf(tables, range.table).count(range)),
    commit: (plan) =>
      Effect.suspend(() => {
        const conflict = commit(plan)
        return conflict === undefined ? Effect.void : Effect.fail(conflict)
      })
  }
}

export const memoryDriverLayer: Layer.Layer<Driver> = Layer.sync(Driver, makeMemoryDriver)

export const memoryStoreLayer: Layer.Layer<Store> = storeLayer.pipe(Layer.provide(memoryDriverLayer))
