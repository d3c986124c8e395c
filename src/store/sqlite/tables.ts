/** The SQL of each table and index of the port, and the readers of their rows. */
import { livingStates } from "../../../machines/vocabulary.ts"
import type { indexes } from "../../records/storedRows.ts"
import type { StoredRow, TableName } from "../../records/storedRows.ts"
import { bytesOf, integerOf, textOf } from "./columns.ts"
import type { Columns } from "./columns.ts"

/** An index in SQL: the condition of a partition, the order, and the column of the place. */
export interface SqlIndex {
  /** The statement for the number of all rows, where they need not be counted. */
  readonly count?: string
  readonly where: string
  /** Undefined if rows are in the order of creation. */
  readonly place?: string
  /** The order of rows at one place, or of all rows without a place. Without both, the index is only counted. */
  readonly order?: string
}

interface SqlTable<T extends TableName> {
  readonly columns: string
  readonly from: string
  /** Finds a row by its id. */
  readonly id: string
  readonly read: (row: Columns) => StoredRow<T>
  readonly indexes: { readonly [name in keyof (typeof indexes)[T] & string]: SqlIndex }
  /** The same conditions without joins, for statements that remove rows. */
  readonly remove?: { readonly id: string } & Readonly<Record<string, string>>
}

const theKey = "(SELECT ordinal FROM keys WHERE id = ?)"
const inRealm = "account = ? AND region = ?"
const live = `${inRealm} AND state <> 'Deleted'`
const users = `${inRealm} AND service = 0 AND state IN (${livingStates.map((state) => `'${state}'`).join(", ")})`
/** Keys are counted when they change. */
const counted = (where: string): string => `SELECT coalesce(sum(number), 0) AS total FROM key_counts WHERE ${where}`
const joined = (table: string): string => `${table} JOIN keys ON keys.ordinal = ${table}.key`

/** The port's tables in the schema. `id` columns of other tables than `keys` are qualified by their table. */
export const sqlTables: { readonly [T in TableName]: SqlTable<T> } = {
  keys: {
    columns: "id, account, region, service, state, epoch, head, metadata, snapshot",
    from: "keys",
    id: "id = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      account: textOf(row, "account"),
      region: textOf(row, "region"),
      service: integerOf(row, "service") === 1,
      state: textOf(row, "state"),
      epoch: integerOf(row, "epoch"),
      head: textOf(row, "head"),
      metadata: textOf(row, "metadata"),
      snapshot: textOf(row, "snapshot")
    }),
    indexes: {
      byId: { where: "TRUE", place: "id" },
      live: { where: live, order: "ordinal", count: counted(live) },
      users: { where: users, count: counted(users) },
      byState: { where: "state = ?", count: counted("state = ?") }
    }
  },
  versions: {
    columns: "keys.id, versions.id AS version_id, created_at, sealed, public_key",
    from: joined("versions"),
    id: "keys.id = ? AND versions.id = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      keyVersionId: textOf(row, "version_id"),
      createdAt: integerOf(row, "created_at"),
      sealed: bytesOf(row, "sealed") ?? null,
      publicKey: bytesOf(row, "public_key") ?? null
    }),
    indexes: { ofKey: { where: "keys.id = ?", order: "versions.ordinal" } },
    remove: { id: `key = ${theKey} AND id = ?`, ofKey: `key = ${theKey}` }
  },
  events: {
    columns: "keys.id, seq, at, principal, request_id, payload, previous, hash",
    from: joined("events"),
    id: "keys.id = ? AND seq = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      seq: integerOf(row, "seq"),
      at: integerOf(row, "at"),
      principal: textOf(row, "principal"),
      requestId: textOf(row, "request_id"),
      payload: textOf(row, "payload"),
      previous: textOf(row, "previous"),
      hash: textOf(row, "hash")
    }),
    indexes: { ofKey: { where: "keys.id = ?", place: "seq" } },
    remove: { id: `key = ${theKey} AND seq = ?`, ofKey: `key = ${theKey}` }
  },
  deadlines: {
    columns: "keys.id, kind, due_at, deadlines.epoch AS epoch",
    from: joined("deadlines"),
    id: "keys.id = ? AND kind = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      kind: textOf(row, "kind"),
      dueAt: integerOf(row, "due_at"),
      epoch: integerOf(row, "epoch")
    }),
    indexes: {
      ofKey: { where: "keys.id = ?", order: "kind" },
      due: { where: "TRUE", place: "due_at", order: "key, kind" }
    },
    remove: { id: `key = ${theKey} AND kind = ?`, ofKey: `key = ${theKey}` }
  },
  owed: {
    columns: "keys.id, seq, command",
    from: joined("commands"),
    id: "keys.id = ? AND seq = ? AND command = ?",
    read: (row) => ({ keyId: textOf(row, "id"), seq: integerOf(row, "seq"), command: textOf(row, "command") }),
    indexes: { all: { where: "TRUE", order: "commands.ordinal" } },
    remove: { id: `key = ${theKey} AND seq = ? AND command = ?`, all: "TRUE" }
  },
  aliases: {
    columns: "aliases.account AS account, aliases.region AS region, name, keys.id",
    from: joined("aliases"),
    id: "aliases.account = ? AND aliases.region = ? AND name = ?",
    read: (row) => ({
      account: textOf(row, "account"),
      region: textOf(row, "region"),
      aliasName: textOf(row, "name"),
      keyId: textOf(row, "id")
    }),
    indexes: {
      inRealm: {
        where: "aliases.account = ? AND aliases.region = ?",
        order: "aliases.ordinal",
        count: `SELECT coalesce(sum(number), 0) AS total FROM alias_blocks WHERE ${inRealm}`
      },
      ofKey: { where: `aliases.key = ${theKey}`, order: "aliases.ordinal" }
    },
    remove: { id: `${inRealm} AND name = ?`, inRealm, ofKey: `key = ${theKey}` }
  },
  importSessions: {
    columns:
      "import_sessions.id AS session_id, keys.id, wrapping_spec, wrapping_algorithm, expires_at, failures, sealed",
    from: joined("import_sessions"),
    id: "import_sessions.id = ?",
    read: (row) => ({
      id: textOf(row, "session_id"),
      keyId: textOf(row, "id"),
      wrappingKeySpec: textOf(row, "wrapping_spec"),
      wrappingAlgorithm: textOf(row, "wrapping_algorithm"),
      expiresAt: integerOf(row, "expires_at"),
      failures: integerOf(row, "failures"),
      sealed: bytesOf(row, "sealed") ?? new Uint8Array()
    }),
    indexes: {
      all: { where: "TRUE", order: "import_sessions.ordinal" },
      byExpiry: { where: "TRUE", place: "expires_at", order: "import_sessions.ordinal" }
    },
    remove: { id: "id = ?", all: "TRUE" }
  },
  invocations: {
    columns: "keys.id, version, reserved",
    from: joined("invocations"),
    id: "keys.id = ? AND version = ?",
    read: (row) => ({
      keyId: textOf(row, "id"),
      keyVersionId: textOf(row, "version"),
      reserved: integerOf(row, "reserved")
    }),
    indexes: {},
    remove: { id: `key = ${theKey} AND version = ?` }
  },
  ram: {
    columns: "account, kind, name, record",
    from: "ram",
    id: "account = ? AND kind = ? AND name = ?",
    read: (row) => ({
      account: textOf(row, "account"),
      kind: textOf(row, "kind"),
      name: textOf(row, "name"),
      record: textOf(row, "record")
    }),
    indexes: { byName: { where: "TRUE", order: "account, kind, name" } }
  },
  audit: {
    columns: "seq, lines, previous, hash",
    from: "audit",
    id: "seq = ?",
    read: (row) => ({
      seq: integerOf(row, "seq"),
      lines: textOf(row, "lines"),
      previous: textOf(row, "previous"),
      hash: textOf(row, "hash")
    }),
    indexes: { bySeq: { where: "TRUE", place: "seq" } }
  },
  nonces: {
    columns: "expires_at, lines",
    from: "nonces",
    id: "expires_at = ? AND lines = ?",
    read: (row) => ({ expiresAt: integerOf(row, "expires_at"), lines: textOf(row, "lines") }),
    indexes: { byExpiry: { where: "TRUE", place: "expires_at", order: "ordinal" } }
  },
  meta: {
    columns: "name, value",
    from: "meta",
    id: "name = ?",
    read: (row) => ({ name: textOf(row, "name"), value: textOf(row, "value") }),
    indexes: {}
  }
}
