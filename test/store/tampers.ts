/** A store with rows of every kind, changes of its file, and the expected findings of verification. */
import { Effect } from "effect"
import { genesis } from "../../src/records/hashChain.ts"
import { Store } from "../../src/store/store.ts"
import {
  born,
  day,
  keyIdOf,
  life,
  otherRealm,
  scheduled,
  start,
  told,
  versionIdOf
} from "../../src/conformance/store/changes.ts"
import { commitAll, deletedLife, disabled, external, imported } from "../../src/conformance/store/laws/law.ts"

const asymmetric = { kind: "asymmetric", spec: "EC_P256", usage: "SIGN/VERIFY" } as const
export const interval = 30 * day

/** Rows of every kind: keys 1 to 6, and calls that changed nothing. */
export const populate = Effect.gen(function* () {
  const store = yield* Store
  const birth = born({ n: 1 })
  const bound = { aliases: [{ aliasName: "alias/orders", from: null, to: keyIdOf(1) }] }
  const named = told(birth, { type: "CreateAlias", at: start + 1 }, bound)
  yield* commitAll([birth, named, told(named, disabled(start + 2))])
  yield* commitAll(deletedLife(2))
  yield* commitAll([born({ n: 3, input: asymmetric })])
  yield* store.appendAudit([JSON.stringify({ keyId: keyIdOf(3), outcome: "Success", before: null, after: null })])
  yield* commitAll(life({ n: 4, input: external }, imported(start + 1, start + 9 * day), scheduled(start + 2, 30)))
  const rotating = born({ n: 5, input: { rotationIntervalMillis: interval } })
  const dueAt = start + interval
  const rotated = { type: "RotationDue", at: dueAt, dueAt, epoch: 1, versionId: versionIdOf(5001) } as const
  yield* commitAll([rotating, told(rotating, rotated)])
  yield* commitAll([born({ n: 6, realm: otherRealm })])
})

/** SQL for the ordinal of the n-th key. */
export const key = (n: number): string => `(SELECT ordinal FROM keys WHERE id = '${keyIdOf(n)}')`

/** Each fault: the change of the file, its key (null if none), and the finding. */
export const tampers: ReadonlyArray<readonly [sql: string, n: number | null, finding: string]> = [
  [
    `UPDATE keys SET snapshot = json_set(snapshot, '$.context.deletionProtection', json('true')) WHERE ordinal = ${key(1)}`,
    1,
    "snapshot: it is not what the journal leads to"
  ],
  [
    `UPDATE keys SET snapshot = json_set(snapshot, '$.value.lifecycle', 'Enabled'), state = 'Enabled' WHERE ordinal = ${key(1)}`,
    1,
    "snapshot: it is not what the journal leads to"
  ],
  [
    `UPDATE keys SET snapshot = json_set(snapshot, '$.context.epoch', 9), epoch = 9 WHERE ordinal = ${key(1)}`,
    1,
    "snapshot: its epoch is not the number of the newest event"
  ],
  [
    `UPDATE keys SET snapshot = json_set(snapshot, '$.context.deletion', null) WHERE ordinal = ${key(4)}`,
    4,
    "invariant deletion-deadline-iff-pending does not hold"
  ],
  [`UPDATE keys SET state = 'Deleted' WHERE ordinal = ${key(1)}`, null, "are not what its snapshot says"],
  [
    `UPDATE keys SET snapshot = json_set(snapshot, '$.extra', 1) WHERE ordinal = ${key(1)}`,
    1,
    `the snapshot of key ${keyIdOf(1)} does not decode`
  ],
  [
    `UPDATE keys SET metadata = json_set(metadata, '$.description', 'mine') WHERE ordinal = ${key(1)}`,
    1,
    "metadata: it is not what the journal leads to"
  ],
  [`UPDATE keys SET account = '42' WHERE ordinal = ${key(1)}`, 1, "realm: it is not the one the key was made in"],
  [
    `UPDATE keys SET head = '${genesis}' WHERE ordinal = ${key(1)}`,
    1,
    "journal: its newest event is not the key's head"
  ],
  [`DELETE FROM events WHERE key = ${key(1)} AND seq = 1`, 1, "journal: event 2 comes after event 0"],
  [`DELETE FROM events WHERE key = ${key(1)} AND seq = 2`, 1, "journal: event 3 comes after event 1"],
  [`DELETE FROM events WHERE key = ${key(1)} AND seq = 3`, 1, "journal: its newest event is not the key's head"],
  [
    `UPDATE events SET principal = 'someone' WHERE key = ${key(1)} AND seq = 2`,
    1,
    "journal: event 2 is not the text that was hashed"
  ],
  [
    `INSERT INTO events (key, seq, at, principal, request_id, payload, previous, hash)
     SELECT key, seq + 5, at, principal, request_id, payload, previous, hash FROM events WHERE key = ${key(1)} AND seq = 3`,
    null,
    `event 8 of key ${keyIdOf(1)} is none of its epochs`
  ],
  [
    `UPDATE events SET at = at + 1 WHERE key = ${key(1)} AND seq = 2`,
    1,
    "journal: event 2 is not the text that was hashed"
  ],
  [
    `UPDATE events SET payload = json_set(payload, '$.event.type', 'EnableKey') WHERE key = ${key(1)} AND seq = 3`,
    1,
    "journal: event 3 is not the text that was hashed"
  ],
  [
    `UPDATE events SET payload = '{"type":"Event"}' WHERE key = ${key(1)} AND seq = 3`,
    1,
    `event 3 of key ${keyIdOf(1)} does not decode`
  ],
  [
    `UPDATE events SET previous = '${genesis}' WHERE key = ${key(1)} AND seq = 2`,
    1,
    "journal: event 2 does not follow the hash before it"
  ],
  [
    `INSERT INTO deadlines (key, kind, due_at, epoch) VALUES (${key(1)}, 'DeletionDue', 1, 1)`,
    1,
    "deadlines: they are not those the snapshot owes"
  ],
  [
    `UPDATE deadlines SET due_at = due_at - 1 WHERE key = ${key(4)}`,
    4,
    "deadlines: they are not those the snapshot owes"
  ],
  [`DELETE FROM deadlines WHERE key = ${key(5)}`, 5, "deadlines: they are not those the snapshot owes"],
  [
    `UPDATE versions SET sealed = NULL WHERE key = ${key(1)}`,
    1,
    "versions: material is not present exactly where the key has it"
  ],
  [
    `UPDATE versions SET sealed = x'00' WHERE key = ${key(2)}`,
    2,
    "versions: material is not present exactly where the key has it"
  ],
  [
    `UPDATE versions SET public_key = NULL WHERE key = ${key(3)}`,
    3,
    "versions: public keys are not exactly where the key is asymmetric"
  ],
  [`UPDATE versions SET created_at = 0 WHERE key = ${key(5)}`, 5, "versions: they are not those the journal made"],
  [
    `DELETE FROM versions WHERE key = ${key(5)} AND id = '${versionIdOf(5000)}'`,
    5,
    "versions: there are not as many as the key counts"
  ],
  [
    `INSERT INTO versions (key, id, created_at, sealed) VALUES (${key(1)}, '${versionIdOf(9)}', 0, x'00')`,
    1,
    "versions: there are not as many as the key counts"
  ],
  [
    `INSERT INTO commands (key, seq, command) VALUES (${key(1)}, 3, '{"_tag":"EraseMaterial"}')`,
    1,
    "commands: one is owed that no event asked for"
  ],
  [`UPDATE commands SET command = '{}'`, null, "does not decode"],
  [`UPDATE aliases SET key = ${key(2)}`, 2, "aliases: a deleted key has some"],
  [`UPDATE aliases SET key = ${key(6)}`, 6, "aliases: alias/orders is not in the key's realm"],
  [
    `UPDATE audit SET lines = json_set(lines, '$[0]', 'nothing happened') WHERE seq = 2`,
    null,
    "audit: segment 2 is not the text that was hashed"
  ],
  [`UPDATE audit SET lines = '[' WHERE seq = 2`, null, "audit segment 2 does not decode"],
  [`DELETE FROM audit WHERE seq = 2`, null, "audit: segment 3 comes after segment 1"],
  [`DELETE FROM audit WHERE seq = 1`, null, "audit: segment 2 does not follow the hash before it"],
  [
    `DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)`,
    6,
    "audit: it does not record each of the key's events once"
  ],
  [`DELETE FROM keys WHERE id = '${keyIdOf(3)}'`, null, "a row of events belongs to a row of keys that is not there"],
  [
    `DELETE FROM events WHERE key = ${key(3)}; DELETE FROM versions WHERE key = ${key(3)}; DELETE FROM keys WHERE id = '${keyIdOf(3)}'`,
    3,
    "audit: it records a key that does not exist"
  ],
  [
    `UPDATE key_counts SET number = number + 1 WHERE state = 'Enabled'`,
    null,
    "the stored number of keys in state Enabled"
  ],
  [`UPDATE key_blocks SET number = number + 1`, null, "the stored number of keys in region"],
  [
    `INSERT INTO alias_blocks VALUES ('1', 'cn-beijing', 7, 1)`,
    null,
    "the stored number of aliases in region cn-beijing"
  ],
  [`INSERT INTO deadlines (key, kind, due_at, epoch) VALUES (99, 'DeletionDue', 1, 1)`, null, "a row of deadlines"]
]
