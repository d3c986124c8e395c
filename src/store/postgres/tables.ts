/** The SQL of each table and index of the port in PostgreSQL. Statements, functions and rows are derived from it. */
import type { indexes, StoredRow, TableName } from "../../records/storedRows.ts"

export type ColumnType = "text" | "bigint" | "boolean" | "bytea"

export interface Column {
  readonly name: string
  readonly type: ColumnType
}

/** A list finds its offset by the numbers of rows in blocks of ordinals, and then skips less than one block. */
export const blockBits = 12

/** The stored numbers of an index's rows, since the third schema (functions/countThird.ts). */
export interface Numbers {
  readonly table: string
  /** Which numbers are of the index's rows; all, if not given. */
  readonly only?: string
  /** Whether there is a number for each block. */
  readonly areBlocks?: true
}

/** An index in SQL. */
export interface SqlIndex {
  /** The columns of the partition, in order. */
  readonly partition: ReadonlyArray<string>
  /** The condition for rows of the index; undefined for all rows. */
  readonly only?: string
  /** The column of the place; undefined if the order of creation decides. */
  readonly place?: string
  /** The order of rows at one place, or of all rows without a place. Without both, the index is only counted. */
  readonly order?: string
  readonly numbers?: Numbers
}

export interface SqlTable {
  readonly name: string
  /** The columns of a row by the name of its property. */
  readonly columns: Readonly<Record<string, Column>>
  /** The columns of the id, in the order of `idOf`. */
  readonly id: ReadonlyArray<string>
  /** The revision of row `t` (`revisionOf`); NULL if there is no row. */
  readonly revision: string
  readonly indexes: Readonly<Record<string, SqlIndex>>
  /** Whether rows are only added, and never replaced. */
  readonly isGrowing?: true
}

const text = (name: string): Column => ({ name, type: "text" })
const bigint = (name: string): Column => ({ name, type: "bigint" })
const bytea = (name: string): Column => ({ name, type: "bytea" })

const live = "state <> 'Deleted'"

interface TableOf<T extends TableName> extends SqlTable {
  readonly columns: { readonly [Property in keyof StoredRow<T>]: Column }
  readonly indexes: { readonly [Name in keyof (typeof indexes)[T] & string]: SqlIndex }
}

/** The schema of the database with all tables and functions. */
const schemaName = "keystate"

export const sqlTables: { readonly [T in TableName]: TableOf<T> } = {
  keys: {
    name: "keys",
    columns: {
      keyId: text("id"),
      account: text("account"),
      region: text("region"),
      service: { name: "service", type: "boolean" },
      state: text("state"),
      epoch: bigint("epoch"),
      head: text("head"),
      metadata: text("metadata"),
      snapshot: text("snapshot")
    },
    id: ["id"],
    revision: "t.head",
    indexes: {
      byId: { partition: [], place: "id" },
      live: {
        partition: ["account", "region"],
        only: live,
        order: "ordinal",
        numbers: { table: "key_blocks", areBlocks: true }
      },
      users: {
        partition: ["account", "region"],
        only: `${live} AND NOT service`,
        numbers: { table: "key_counts", only: `${live} AND NOT service` }
      },
      byState: { partition: ["state"], numbers: { table: "key_counts" } }
    }
  },
  versions: {
    name: "versions",
    columns: {
      keyId: text("key"),
      keyVersionId: text("id"),
      createdAt: bigint("created_at"),
      sealed: bytea("sealed"),
      publicKey: bytea("public_key")
    },
    id: ["key", "id"],
    revision: "CASE WHEN t.id IS NULL THEN NULL WHEN t.sealed IS NULL THEN 'empty' ELSE 'filled' END",
    indexes: { ofKey: { partition: ["key"], order: "ordinal" } }
  },
  events: {
    name: "events",
    columns: {
      keyId: text("key"),
      seq: bigint("seq"),
      at: bigint("at"),
      principal: text("principal"),
      requestId: text("request_id"),
      payload: text("payload"),
      previous: text("previous"),
      hash: text("hash")
    },
    id: ["key", "seq"],
    revision: "t.hash",
    indexes: { ofKey: { partition: ["key"], place: "seq" } }
  },
  deadlines: {
    name: "deadlines",
    columns: { keyId: text("key"), kind: text("kind"), dueAt: bigint("due_at"), epoch: bigint("epoch") },
    id: ["key", "kind"],
    revision: "t.due_at || ' ' || t.epoch",
    indexes: {
      ofKey: { partition: ["key"], order: "kind" },
      due: { partition: [], place: "due_at", order: "key, kind" }
    }
  },
  owed: {
    name: "owed",
    columns: { keyId: text("key"), seq: bigint("seq"), command: text("command") },
    id: ["key", "seq", "command"],
    revision: "CASE WHEN t.key IS NULL THEN NULL ELSE 'owed' END",
    indexes: { all: { partition: [], order: "ordinal" } }
  },
  aliases: {
    name: "aliases",
    columns: { account: text("account"), region: text("region"), aliasName: text("name"), keyId: text("key") },
    id: ["account", "region", "name"],
    revision: "t.key",
    indexes: {
      inRealm: {
        partition: ["account", "region"],
        order: "ordinal",
        numbers: { table: "alias_blocks", areBlocks: true }
      },
      ofKey: { partition: ["key"], order: "ordinal" }
    }
  },
  importSessions: {
    name: "import_sessions",
    columns: {
      id: text("id"),
      keyId: text("key"),
      wrappingKeySpec: text("wrapping_spec"),
      wrappingAlgorithm: text("wrapping_algorithm"),
      expiresAt: bigint("expires_at"),
      failures: bigint("failures"),
      sealed: bytea("sealed")
    },
    id: ["id"],
    revision: "t.failures::text",
    indexes: {
      all: { partition: [], order: "ordinal" },
      byExpiry: { partition: [], place: "expires_at", order: "ordinal" }
    }
  },
  invocations: {
    name: "invocations",
    columns: { keyId: text("key"), keyVersionId: text("version"), reserved: bigint("reserved") },
    id: ["key", "version"],
    revision: "t.reserved::text",
    indexes: {}
  },
  ram: {
    name: "ram",
    columns: { account: text("account"), kind: text("kind"), name: text("name"), record: text("record") },
    id: ["account", "kind", "name"],
    revision: "t.record",
    indexes: { byName: { partition: [], order: "account, kind, name" } }
  },
  audit: {
    name: "audit",
    columns: { seq: bigint("seq"), lines: text("lines"), previous: text("previous"), hash: text("hash") },
    id: ["seq"],
    revision: "t.hash",
    indexes: { bySeq: { partition: [], place: "seq" } }
  },
  nonces: {
    name: "nonces",
    columns: { expiresAt: bigint("expires_at"), lines: text("lines") },
    id: ["expires_at", "lines"],
    revision: "CASE WHEN t.expires_at IS NULL THEN NULL ELSE 'kept' END",
    indexes: { byExpiry: { partition: [], place: "expires_at", order: "ordinal" } },
    isGrowing: true
  },
  meta: {
    name: "meta",
    columns: { name: text("name"), value: text("value") },
    id: ["name"],
    revision: "t.value",
    indexes: {}
  }
}

const isTableName = (name: string): name is TableName => name in sqlTables

export const tableNames: ReadonlyArray<TableName> = Object.keys(sqlTables).filter(isTableName)

export const indexOf = (table: TableName, name: string): SqlIndex => {
  const found: SqlIndex | undefined = Object.entries<SqlIndex>(sqlTables[table].indexes).find(
    ([known]) => known === name
  )?.[1]
  if (found === undefined) throw new Error(`the table ${table} has no index ${name}`)
  return found
}

/** The name of a table in a statement. */
export const qualified = (table: TableName): string => `${schemaName}.${sqlTables[table].name}`

/** The name of a table of numbers in a statement. */
export const qualifiedNumbers = ({ table }: Numbers): string => `${schemaName}.${table}`

/** The type of a column of a table. */
export const typeOf = (table: TableName, column: string): ColumnType =>
  Object.values<Column>(sqlTables[table].columns).find(({ name }) => name === column)?.type ?? "text"
