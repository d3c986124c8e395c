/** The format of a backup: lines of JSON. docs/how-to/backup.md describes it for other programs. */
import { Data } from "effect"
import { decodeBase64, encodeBase64 } from "../encoding/base64.ts"
import type { StoredRow, TableName } from "../records/storedRows.ts"
import { isTableName } from "../store/transfer.ts"

export const formatName = "keystate backup"
export const formatVersion = 1

/** The contents of the first line. */
export interface BackupHeader {
  readonly format: typeof formatName
  readonly version: typeof formatVersion
  /** When the rows were read, ISO 8601. */
  readonly made: string
  /** The version of Keystate that wrote it. */
  readonly keystate: string
}

/** Why the backup cannot be used, as a sentence. */
export class BackupUnusable extends Data.TaggedError("BackupUnusable")<{ readonly message: string }> {}

type KindOf<Value> = [Value] extends [string]
  ? "text"
  : [Value] extends [number]
    ? "integer"
    : [Value] extends [boolean]
      ? "boolean"
      : [Value] extends [Uint8Array]
        ? "bytes"
        : "bytes or null"

type Kind = KindOf<string> | KindOf<number> | KindOf<boolean> | KindOf<Uint8Array> | KindOf<null>

/** The type of each column of each table. */
const columns: { readonly [T in TableName]: { readonly [Name in keyof StoredRow<T>]: KindOf<StoredRow<T>[Name]> } } = {
  keys: {
    keyId: "text",
    account: "text",
    region: "text",
    service: "boolean",
    state: "text",
    epoch: "integer",
    head: "text",
    metadata: "text",
    snapshot: "text"
  },
  versions: {
    keyId: "text",
    keyVersionId: "text",
    createdAt: "integer",
    sealed: "bytes or null",
    publicKey: "bytes or null"
  },
  events: {
    keyId: "text",
    seq: "integer",
    at: "integer",
    principal: "text",
    requestId: "text",
    payload: "text",
    previous: "text",
    hash: "text"
  },
  deadlines: { keyId: "text", kind: "text", dueAt: "integer", epoch: "integer" },
  owed: { keyId: "text", seq: "integer", command: "text" },
  aliases: { account: "text", region: "text", aliasName: "text", keyId: "text" },
  importSessions: {
    id: "text",
    keyId: "text",
    wrappingKeySpec: "text",
    wrappingAlgorithm: "text",
    expiresAt: "integer",
    failures: "integer",
    sealed: "bytes"
  },
  invocations: { keyId: "text", keyVersionId: "text", reserved: "integer" },
  ram: { account: "text", kind: "text", name: "text", record: "text" },
  audit: { seq: "integer", lines: "text", previous: "text", hash: "text" },
  nonces: { expiresAt: "integer", lines: "text" },
  meta: { name: "text", value: "text" }
}

const isBytes = (value: unknown): boolean => typeof value === "string" && decodeBase64(value) !== undefined

const fits: { readonly [K in Kind]: (value: unknown) => boolean } = {
  text: (value) => typeof value === "string",
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === "boolean",
  bytes: isBytes,
  "bytes or null": (value) => value === null || isBytes(value)
}

/** A row in JSON: `["keys",{"keyId":"…"}]`. Bytes are Base64. */
export const rowText = <T extends TableName>(table: T, row: StoredRow<T>): string =>
  JSON.stringify([table, row], (_, value: unknown) => (value instanceof Uint8Array ? encodeBase64(value) : value))

/** A row of a table, or undefined for anything else. */
export const readRow = (value: unknown): { readonly table: TableName; readonly row: object } | undefined => {
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [table, given]: ReadonlyArray<unknown> = value
  if (!isTableName(table) || typeof given !== "object" || given === null) return undefined
  const kinds = Object.entries<Kind>(columns[table])
  if (Object.keys(given).length !== kinds.length) return undefined
  const row: Record<string, unknown> = {}
  for (const [name, kind] of kinds) {
    const column: unknown = Reflect.get(given, name)
    if (!fits[kind](column)) return undefined
    row[name] = kind.startsWith("bytes") && typeof column === "string" ? decodeBase64(column) : column
  }
  return { table, row }
}

/** The last line: the number of rows of each table, and the SHA-256 of everything before this line, hexadecimal. */
export const endText = (rows: { readonly [T in TableName]?: number }, sha256: string): string =>
  JSON.stringify({ end: true, rows, sha256 })
