/** Every statement the store runs, prepared once. */
import type { DatabaseSync, StatementSync } from "node:sqlite"

const keyColumns = "id, account, region, metadata, snapshot, head"
const versionColumns = "key_id, id, created_at, sealed, public_key"
const live = "account = ? AND region = ? AND state <> 'Deleted'"
const eventColumns = "key_id, seq, at, principal, request_id, payload, previous, hash"

const writing = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  addKey: `INSERT INTO keys (${keyColumns}) VALUES (?, ?, ?, ?, ?, ?)`,
  setKey: "UPDATE keys SET metadata = ?, snapshot = ?, head = ? WHERE id = ?",
  addEvent: `INSERT INTO events (${eventColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  addVersion: `INSERT INTO versions (${versionColumns}) VALUES (?, ?, ?, ?, ?)`,
  fillVersion: "UPDATE versions SET sealed = ?, public_key = ? WHERE key_id = ? AND id = ?",
  eraseVersions:
    "UPDATE versions SET sealed = NULL, public_key = NULL " +
    "WHERE key_id = ? AND (sealed IS NOT NULL OR public_key IS NOT NULL)",
  dropDeadlines: "DELETE FROM deadlines WHERE key_id = ?",
  addDeadline: "INSERT INTO deadlines (key_id, kind, due_at, epoch) VALUES (?, ?, ?, ?)",
  addCommand: "INSERT INTO commands (key_id, seq, command) VALUES (?, ?, ?)",
  dropCommand: "DELETE FROM commands WHERE key_id = ? AND seq = ? AND command = ?",
  bindAlias:
    "INSERT INTO aliases (account, region, name, key_id) VALUES (?, ?, ?, ?) " +
    "ON CONFLICT (account, region, name) DO UPDATE SET key_id = excluded.key_id",
  dropAlias: "DELETE FROM aliases WHERE account = ? AND region = ? AND name = ?",
  dropAliases: "DELETE FROM aliases WHERE key_id = ?",
  addAudit: "INSERT INTO audit (seq, lines, previous, hash) VALUES (?, ?, ?, ?)",
  addNonces: "INSERT INTO nonces (expires_at, lines) VALUES (?, ?)",
  forgetNonces: "DELETE FROM nonces WHERE expires_at <= ?",
  setMeta: "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  scrub: "PRAGMA wal_checkpoint(TRUNCATE)"
} as const

const reading = {
  key: `SELECT ${keyColumns} FROM keys WHERE id = ?`,
  position: "SELECT epoch, head FROM keys WHERE id = ?",
  versions: `SELECT ${versionColumns} FROM versions WHERE key_id = ? ORDER BY ordinal DESC`,
  version: `SELECT ${versionColumns} FROM versions WHERE key_id = ? AND id = ?`,
  keys: `SELECT id FROM keys WHERE ${live} ORDER BY ordinal LIMIT ? OFFSET ?`,
  keyTotal: `SELECT count(*) AS total FROM keys WHERE ${live}`,
  keysInStates:
    `SELECT id FROM keys WHERE ${live} AND state IN (SELECT value FROM json_each(?)) ` +
    "ORDER BY ordinal LIMIT ? OFFSET ?",
  keyTotalInStates: `SELECT count(*) AS total FROM keys WHERE ${live} AND state IN (SELECT value FROM json_each(?))`,
  userKeyCount:
    "SELECT count(*) AS total FROM keys WHERE account = ? AND region = ? AND service = 0 " +
    "AND state IN ('PendingImport', 'Enabled', 'Disabled', 'PendingDeletion')",
  census: "SELECT state, count(*) AS total FROM keys GROUP BY state",
  keyIds: "SELECT id FROM keys WHERE id > ? ORDER BY id LIMIT ?",
  journal: `SELECT ${eventColumns} FROM events WHERE key_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
  due: "SELECT key_id, kind, due_at, epoch FROM deadlines WHERE due_at <= ? ORDER BY due_at, key_id, kind LIMIT ?",
  deadlinesOf: "SELECT kind, due_at, epoch FROM deadlines WHERE key_id = ? ORDER BY kind",
  nextDue: "SELECT key_id, kind, due_at, epoch FROM deadlines ORDER BY due_at, key_id, kind LIMIT 1",
  owed: "SELECT key_id, seq, command FROM commands ORDER BY ordinal",
  alias: "SELECT key_id FROM aliases WHERE account = ? AND region = ? AND name = ?",
  aliasesOf: "SELECT name FROM aliases WHERE key_id = ? ORDER BY name",
  auditSegments: "SELECT seq, lines, previous, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
  auditTail: "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
  nonces: "SELECT expires_at, lines FROM nonces ORDER BY expires_at, ordinal",
  meta: "SELECT value FROM meta WHERE name = ?",
  integrity: "PRAGMA integrity_check",
  foreignKeys: "PRAGMA foreign_key_check"
} as const

export const statementTexts = { ...writing, ...reading } as const

export type StatementName = keyof typeof statementTexts

/** A prepared statement by its name. */
export type Statements = (name: StatementName) => StatementSync

export const prepareStatements = (database: DatabaseSync): Statements => {
  const prepared = new Map<string, StatementSync>()
  for (const [name, sql] of Object.entries(statementTexts)) prepared.set(name, database.prepare(sql))
  return (name) => {
    const statement = prepared.get(name)
    if (statement === undefined) throw new Error(`no statement is called ${name}`)
    return statement
  }
}
