/** Every statement the store runs, prepared once. */
import { livingStates } from "../../../machines/vocabulary.ts"
import type { DatabaseSync, StatementSync } from "node:sqlite"

const live = "account = ? AND region = ? AND state <> 'Deleted'"
const versionRow = "id AS version_id, created_at, sealed, public_key"
const due = "SELECT keys.id, kind, due_at, deadlines.epoch FROM deadlines JOIN keys ON keys.ordinal = key"
const theKey = "(SELECT ordinal FROM keys WHERE id = ?)"
const aliasRow = "SELECT name, keys.id FROM aliases JOIN keys ON keys.ordinal = key"
const inRealm = "aliases.account = ? AND aliases.region = ?"

/** A key passes where the filter, a JSON object, has no list for a property or has its value in the list. */
const among = (property: string, value: string): string =>
  `(?3 ->> '$.${property}' IS NULL OR ${value} IN (SELECT value FROM json_each(?3, '$.${property}')))`
const passes = [
  among("state", "state"),
  among("spec", "snapshot ->> '$.context.spec'"),
  among("usage", "snapshot ->> '$.context.usage'"),
  among("protection", "snapshot ->> '$.context.protection'"),
  among("creatorType", "iif(service, 'Service', 'User')"),
  among("keyId", "id"),
  among("creator", "metadata ->> '$.creator'"),
  among("instance", "NULL"),
  "(?3 ->> '$.alias' IS NULL OR EXISTS (SELECT 1 FROM aliases WHERE aliases.key = keys.ordinal " +
    "AND aliases.name IN (SELECT value FROM json_each(?3, '$.alias'))))",
  "(coalesce(?3 ->> '$.tagKey', ?3 ->> '$.tagValue') IS NULL OR EXISTS (SELECT 1 FROM json_each(metadata, '$.tags') " +
    `WHERE ${among("tagKey", "json_each.key")} AND ${among("tagValue", "json_each.value")}))`
].join(" AND ")

/** Statements that write know their key by its ordinal, which `position` finds. */
const writing = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  position:
    "SELECT ordinal, epoch, state, head, EXISTS (SELECT 1 FROM deadlines WHERE key = ordinal) AS has_deadlines " +
    "FROM keys WHERE id = ?",
  addKey:
    "INSERT INTO keys (id, account, region, service, metadata, snapshot, epoch, state, head) " +
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  setKey: "UPDATE keys SET metadata = ?, snapshot = ?, epoch = ?, head = ? WHERE ordinal = ?",
  setKeyAndState: "UPDATE keys SET metadata = ?, snapshot = ?, epoch = ?, head = ?, state = ? WHERE ordinal = ?",
  addEvent:
    "INSERT INTO events (key, seq, at, principal, request_id, payload, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  hasVersion: "SELECT 1 FROM versions WHERE key = ? AND id = ?",
  addVersion: "INSERT INTO versions (key, id, created_at, sealed, public_key) VALUES (?, ?, ?, ?, ?)",
  fillVersion: "UPDATE versions SET sealed = ?, public_key = ? WHERE key = ? AND id = ?",
  eraseVersions: "UPDATE versions SET sealed = NULL, public_key = NULL WHERE key = ?",
  dropDeadlines: "DELETE FROM deadlines WHERE key = ?",
  addDeadline: "INSERT INTO deadlines (key, kind, due_at, epoch) VALUES (?, ?, ?, ?)",
  addCommand: "INSERT INTO commands (key, seq, command) VALUES (?, ?, ?)",
  dropCommand: `DELETE FROM commands WHERE key = ${theKey} AND seq = ? AND command = ?`,
  bindAlias:
    "INSERT INTO aliases (account, region, name, key) VALUES (?, ?, ?, ?) " +
    "ON CONFLICT (account, region, name) DO UPDATE SET key = excluded.key",
  addImportSession:
    "INSERT INTO import_sessions (id, key, wrapping_spec, wrapping_algorithm, expires_at, failures, sealed) " +
    `VALUES (?, ${theKey}, ?, ?, ?, ?, ?)`,
  countImportFailure: "UPDATE import_sessions SET failures = failures + 1 WHERE id = ?",
  forgetImportSessions: "DELETE FROM import_sessions WHERE expires_at <= ?",
  reserveInvocations:
    `INSERT INTO invocations (key, version, reserved) VALUES (${theKey}, ?, ?) ` +
    "ON CONFLICT (key, version) DO UPDATE SET reserved = excluded.reserved",
  putRam:
    "INSERT INTO ram (account, kind, name, record) VALUES (?, ?, ?, ?) " +
    "ON CONFLICT (account, kind, name) DO UPDATE SET record = excluded.record",
  dropRam: "DELETE FROM ram WHERE account = ? AND kind = ? AND name = ?",
  dropAlias: "DELETE FROM aliases WHERE account = ? AND region = ? AND name = ?",
  dropAliases: "DELETE FROM aliases WHERE key = ?",
  addAudit: "INSERT INTO audit (seq, lines, previous, hash) VALUES (?, ?, ?, ?)",
  addNonces: "INSERT INTO nonces (expires_at, lines) VALUES (?, ?)",
  forgetNonces: "DELETE FROM nonces WHERE expires_at > ? AND expires_at <= ?",
  setMeta: "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  checkpoint: "PRAGMA wal_checkpoint(PASSIVE)",
  scrub: "PRAGMA wal_checkpoint(TRUNCATE)"
} as const

/** Statements that read answer with the key's id. */
const reading = {
  key: "SELECT id, account, region, metadata, snapshot, head FROM keys WHERE id = ?",
  versions: `SELECT ${versionRow} FROM versions WHERE key = ${theKey} ORDER BY ordinal DESC`,
  version: `SELECT ${versionRow} FROM versions WHERE key = ${theKey} AND id = ?`,
  keys: `SELECT id FROM keys WHERE ${live} ORDER BY ordinal LIMIT ? OFFSET ?`,
  keyTotal: `SELECT count(*) AS total FROM keys WHERE ${live}`,
  keysFiltered: `SELECT id FROM keys WHERE ${live} AND ${passes} ORDER BY ordinal LIMIT ? OFFSET ?`,
  keyTotalFiltered: `SELECT count(*) AS total FROM keys WHERE ${live} AND ${passes}`,
  userKeyCount:
    "SELECT count(*) AS total FROM keys WHERE account = ? AND region = ? AND service = 0 " +
    `AND state IN (${livingStates.map((state) => `'${state}'`).join(", ")})`,
  census: "SELECT state, count(*) AS total FROM keys GROUP BY state",
  keyIds: "SELECT id FROM keys WHERE id > ? ORDER BY id LIMIT ?",
  // An event is found by its number, then by its key: see the fifth migration.
  journal:
    "WITH RECURSIVE known (ordinal, epoch) AS (SELECT ordinal, epoch FROM keys WHERE id = ?1), " +
    "wanted (seq) AS (SELECT ?2 + 1 UNION ALL SELECT seq + 1 FROM wanted, known WHERE seq < epoch LIMIT ?3) " +
    "SELECT events.seq, at, principal, request_id, payload, previous, hash FROM known CROSS JOIN wanted " +
    "CROSS JOIN events ON events.seq = wanted.seq AND events.key = known.ordinal ORDER BY wanted.seq",
  due: `${due} WHERE due_at <= ? ORDER BY due_at, key, kind LIMIT ?`,
  nextDue: `${due} ORDER BY due_at, key, kind LIMIT 1`,
  deadlinesOf: `SELECT kind, due_at, epoch FROM deadlines WHERE key = ${theKey} ORDER BY kind`,
  owed: "SELECT keys.id, seq, command FROM commands JOIN keys ON keys.ordinal = commands.key ORDER BY commands.ordinal",
  alias:
    "SELECT keys.id FROM aliases JOIN keys ON keys.ordinal = aliases.key " +
    "WHERE aliases.account = ? AND aliases.region = ? AND aliases.name = ?",
  aliasesOf: `SELECT name FROM aliases WHERE key = ${theKey} ORDER BY ordinal`,
  aliases: `${aliasRow} WHERE ${inRealm} ORDER BY aliases.ordinal LIMIT ? OFFSET ?`,
  aliasTotal: "SELECT count(*) AS total FROM aliases WHERE account = ? AND region = ?",
  aliasesOfKey: `${aliasRow} WHERE ${inRealm} AND key = ${theKey} ORDER BY aliases.ordinal LIMIT ? OFFSET ?`,
  aliasTotalOfKey: `SELECT count(*) AS total FROM aliases WHERE account = ? AND region = ? AND key = ${theKey}`,
  importSession:
    "SELECT keys.id, wrapping_spec, wrapping_algorithm, expires_at, failures, sealed " +
    "FROM import_sessions JOIN keys ON keys.ordinal = key WHERE import_sessions.id = ?",
  importSessions:
    "SELECT import_sessions.id AS session_id, keys.id, wrapping_spec, wrapping_algorithm, expires_at, failures, sealed " +
    "FROM import_sessions JOIN keys ON keys.ordinal = key ORDER BY import_sessions.ordinal",
  invocations: `SELECT reserved FROM invocations WHERE key = ${theKey} AND version = ?`,
  ramRecords: "SELECT account, kind, name, record FROM ram ORDER BY account, kind, name",
  auditSegments: "SELECT seq, lines, previous, hash FROM audit WHERE seq > ? ORDER BY seq LIMIT ?",
  auditSegmentsBefore: "SELECT seq, lines, previous, hash FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?",
  auditTail: "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
  nonces: "SELECT expires_at, lines FROM nonces ORDER BY expires_at, ordinal",
  meta: "SELECT value FROM meta WHERE name = ?",
  integrity: "PRAGMA integrity_check",
  foreignKeys: "PRAGMA foreign_key_check",
  derived:
    "SELECT id FROM keys WHERE service IS NOT snapshot ->> '$.context.serviceKey' " +
    "OR epoch IS NOT snapshot ->> '$.context.epoch' OR state IS NOT snapshot ->> '$.value.lifecycle'",
  strays:
    "SELECT id, max(seq) AS seq FROM events JOIN keys ON keys.ordinal = key WHERE seq > epoch OR seq < 1 GROUP BY key"
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
