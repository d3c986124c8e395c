/** Every SQL statement of the store, prepared once. */
import type { DatabaseSync, StatementSync } from "node:sqlite"
import { portStatements } from "./portStatements.ts"
import { blockBits } from "./schema.ts"

const theKey = "(SELECT ordinal FROM keys WHERE id = ?)"

/** Statements that write name their key by its ordinal, which `position` finds. */
const writing = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  position:
    "SELECT ordinal, state, head, EXISTS (SELECT 1 FROM deadlines WHERE key = ordinal) AS has_deadlines " +
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
  moveCount:
    "INSERT INTO key_counts (account, region, state, service, number) VALUES (?, ?, ?, ?, ?) " +
    "ON CONFLICT (account, region, state, service) DO UPDATE SET number = number + excluded.number",
  moveBlock:
    "INSERT INTO key_blocks (account, region, block, number) VALUES (?, ?, ?, ?) " +
    "ON CONFLICT (account, region, block) DO UPDATE SET number = number + excluded.number",
  dropDeadlines: "DELETE FROM deadlines WHERE key = ?",
  putDeadline: "INSERT OR REPLACE INTO deadlines (key, kind, due_at, epoch) VALUES (?, ?, ?, ?)",
  putCommand: "INSERT OR IGNORE INTO commands (key, seq, command) VALUES (?, ?, ?)",
  putAlias:
    "INSERT INTO aliases (account, region, name, key) VALUES (?, ?, ?, ?) " +
    "ON CONFLICT (account, region, name) DO UPDATE SET key = excluded.key",
  aliasKey:
    "SELECT keys.id FROM aliases JOIN keys ON keys.ordinal = aliases.key " +
    "WHERE aliases.account = ? AND aliases.region = ? AND aliases.name = ?",
  putImportSession:
    "INSERT INTO import_sessions (id, key, wrapping_spec, wrapping_algorithm, expires_at, failures, sealed) " +
    `VALUES (?, ${theKey}, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, ` +
    "failures = excluded.failures, sealed = excluded.sealed",
  putInvocations:
    `INSERT INTO invocations (key, version, reserved) VALUES (${theKey}, ?, ?) ` +
    "ON CONFLICT (key, version) DO UPDATE SET reserved = excluded.reserved",
  putRam:
    "INSERT INTO ram (account, kind, name, record) VALUES (?, ?, ?, ?) " +
    "ON CONFLICT (account, kind, name) DO UPDATE SET record = excluded.record",
  addAudit: "INSERT INTO audit (seq, lines, previous, hash) VALUES (?, ?, ?, ?)",
  auditTail: "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1",
  addNonces: "INSERT INTO nonces (expires_at, lines) VALUES (?, ?)",
  setMeta: "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  checkpoint: "PRAGMA wal_checkpoint(PASSIVE)",
  scrub: "PRAGMA wal_checkpoint(TRUNCATE)"
} as const

/** Statements that search for damage. */
const checking = {
  integrity: "PRAGMA integrity_check",
  foreignKeys: "PRAGMA foreign_key_check",
  derived:
    "SELECT id FROM keys WHERE service IS NOT snapshot ->> '$.context.serviceKey' " +
    "OR epoch IS NOT snapshot ->> '$.context.epoch' OR state IS NOT snapshot ->> '$.value.lifecycle'",
  miscounted:
    "SELECT state FROM (SELECT account, region, state, service, number FROM key_counts WHERE number <> 0 " +
    "UNION ALL SELECT account, region, state, service, -count(*) FROM keys GROUP BY account, region, state, service) " +
    "GROUP BY account, region, state, service HAVING sum(number) <> 0",
  mislisted:
    "SELECT account, region FROM (SELECT account, region, block, number FROM key_blocks WHERE number <> 0 " +
    `UNION ALL SELECT account, region, ordinal >> ${blockBits}, -count(*) FROM keys WHERE state <> 'Deleted' ` +
    "GROUP BY 1, 2, 3) GROUP BY account, region, block HAVING sum(number) <> 0",
  misnamed:
    "SELECT account, region FROM (SELECT account, region, block, number FROM alias_blocks WHERE number <> 0 " +
    `UNION ALL SELECT account, region, ordinal >> ${blockBits}, -count(*) FROM aliases GROUP BY 1, 2, 3) ` +
    "GROUP BY account, region, block HAVING sum(number) <> 0",
  strays:
    "SELECT id, max(seq) AS seq FROM events JOIN keys ON keys.ordinal = key WHERE seq > epoch OR seq < 1 GROUP BY key"
} as const

const statementTexts = { ...writing, ...checking } as const

/** Every statement of the store by its name. */
export const allStatements: ReadonlyMap<string, string> = new Map([
  ...Object.entries(statementTexts),
  ...portStatements
])

export type StatementName = keyof typeof statementTexts

/** A prepared statement by its name: one of this file, or one for a table of the port (`tables.ts`). */
export interface Statements {
  (name: StatementName): StatementSync
  readonly ofPort: (name: string) => StatementSync
}

export const prepareStatements = (database: DatabaseSync): Statements => {
  const prepared = new Map<string, StatementSync>()
  for (const [name, sql] of allStatements) {
    prepared.set(name, database.prepare(sql))
  }
  const find = (name: string): StatementSync => {
    const statement = prepared.get(name)
    if (statement === undefined) throw new Error(`no statement is called ${name}`)
    return statement
  }
  return Object.assign((name: StatementName) => find(name), { ofPort: find })
}
