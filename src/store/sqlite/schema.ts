/** The tables, as a list of forward migrations: the store's schema version is the number of applied ones. */

/** Marks the file as a Keystate database in its header (SQLite file format 1.3, application id): "Keys". */
export const applicationId = 0x4b_65_79_73

/**
 * Columns that are derived from a snapshot for searching are checked against it by the table. Rows name their key by
 * its ordinal: with small index entries, many commits share few pages. Rows with secrets are in rowid tables that only
 * grow: rebalancing a tree with random insertions leaves parts of erased rows on its pages.
 */
const first = `
CREATE TABLE keys (
  ordinal INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  service INTEGER NOT NULL CHECK (service IS snapshot ->> '$.context.serviceKey'),
  metadata TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  epoch INTEGER NOT NULL CHECK (epoch IS snapshot ->> '$.context.epoch'),
  state TEXT NOT NULL CHECK (state IS snapshot ->> '$.value.lifecycle'),
  head TEXT NOT NULL
) STRICT;
CREATE INDEX keys_by_state ON keys (state, account, region, service);
CREATE INDEX keys_in_realm ON keys (account, region, ordinal, state) WHERE state <> 'Deleted';

CREATE TABLE events (
  ordinal INTEGER PRIMARY KEY,
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  seq INTEGER NOT NULL,
  type TEXT GENERATED ALWAYS AS (coalesce(payload ->> '$.event.type', payload ->> '$.type')) VIRTUAL,
  at INTEGER NOT NULL,
  principal TEXT NOT NULL,
  request_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (key, seq)
) STRICT;

CREATE TABLE versions (
  ordinal INTEGER PRIMARY KEY,
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  sealed BLOB,
  public_key BLOB,
  UNIQUE (key, id)
) STRICT;

CREATE TABLE deadlines (
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  kind TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (key, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX deadlines_by_instant ON deadlines (due_at, key, kind, epoch);

CREATE TABLE commands (
  ordinal INTEGER PRIMARY KEY,
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  seq INTEGER NOT NULL,
  command TEXT NOT NULL,
  UNIQUE (key, seq, command)
) STRICT;

CREATE TABLE aliases (
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  PRIMARY KEY (account, region, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_by_key ON aliases (key, name);

CREATE TABLE tags (
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (key, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE nonces (
  ordinal INTEGER PRIMARY KEY,
  expires_at INTEGER NOT NULL,
  lines TEXT NOT NULL
) STRICT;
CREATE INDEX nonces_by_expiry ON nonces (expires_at);

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY,
  lines TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
) STRICT;

CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`

/**
 * Aliases are listed in the order of creation, so they need an ordinal. Tags are part of a key's metadata and journal,
 * and need no table. A session's wrapping key is erased with its row (secure_delete). The index of a realm's keys is
 * rewritten when a key is created or deleted, but no longer when it changes its state.
 */
const second = `
DROP INDEX keys_in_realm;
CREATE INDEX keys_in_realm ON keys (account, region, ordinal) WHERE state <> 'Deleted';

CREATE TABLE named (
  ordinal INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  UNIQUE (account, region, name)
) STRICT;
INSERT INTO named (account, region, name, key) SELECT account, region, name, key FROM aliases;
DROP TABLE aliases;
ALTER TABLE named RENAME TO aliases;
CREATE INDEX aliases_in_realm ON aliases (account, region, ordinal);
CREATE INDEX aliases_by_key ON aliases (key, ordinal);

DROP TABLE tags;

CREATE TABLE import_sessions (
  ordinal INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  wrapping_spec TEXT NOT NULL,
  wrapping_algorithm TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
CREATE INDEX import_sessions_by_expiry ON import_sessions (expires_at);

CREATE TABLE ram (
  account TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (account, kind, name)
) STRICT, WITHOUT ROWID;
`

/** Uses granted to versions with a limit: a block is stored before any use of it. */
const third = `
CREATE TABLE invocations (
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  version TEXT NOT NULL,
  reserved INTEGER NOT NULL,
  PRIMARY KEY (key, version)
) STRICT, WITHOUT ROWID;
`

/**
 * No table changes. From now on a line of the audit log may refer to an earlier one of its segment (auditLine.ts).
 * Programs that know three schemas cannot read such a line, so they must refuse the store.
 */
const fourth = ""

/**
 * The index of events begins with their number, so that events of keys that change together are close to each other.
 * With the key first, each change rewrote a separate page, more than all its other rows (docs/decisions/0008).
 */
const fifth = `
CREATE TABLE numbered (
  ordinal INTEGER PRIMARY KEY,
  key INTEGER NOT NULL REFERENCES keys (ordinal),
  seq INTEGER NOT NULL,
  type TEXT GENERATED ALWAYS AS (coalesce(payload ->> '$.event.type', payload ->> '$.type')) VIRTUAL,
  at INTEGER NOT NULL,
  principal TEXT NOT NULL,
  request_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (seq, key)
) STRICT;
INSERT INTO numbered (ordinal, key, seq, at, principal, request_id, payload, previous, hash)
  SELECT ordinal, key, seq, at, principal, request_id, payload, previous, hash FROM events ORDER BY ordinal;
DROP TABLE events;
ALTER TABLE numbered RENAME TO events;
`

const countOne = (row: "NEW" | "OLD", change: 1 | -1): string => `
  INSERT INTO key_counts (account, region, state, service, number)
    VALUES (${row}.account, ${row}.region, ${row}.state, ${row}.service, ${change})
    ON CONFLICT (account, region, state, service) DO UPDATE SET number = number + ${change};`

/** A list finds its offset by the blocks, and then reads at most one block of rows that it skips. */
export const blockBits = 12

const listOne = (row: "NEW" | "OLD", change: 1 | -1): string => `
  INSERT INTO key_blocks (account, region, block, number)
    SELECT ${row}.account, ${row}.region, ${row}.ordinal >> ${blockBits}, ${change} WHERE ${row}.state <> 'Deleted'
    ON CONFLICT (account, region, block) DO UPDATE SET number = number + ${change};`

/**
 * The number of keys of each kind, and of the keys that lists show in each block of ordinals. Counting the rows of a
 * million keys took 126 ms for each answer of `/metrics`. The triggers run in the transaction of the change, so the
 * numbers are exact after a crash too.
 */
const sixth = `
CREATE TABLE key_counts (
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  state TEXT NOT NULL,
  service INTEGER NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (account, region, state, service)
) STRICT, WITHOUT ROWID;
INSERT INTO key_counts (account, region, state, service, number)
  SELECT account, region, state, service, count(*) FROM keys GROUP BY account, region, state, service;
CREATE TABLE key_blocks (
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  block INTEGER NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (account, region, block)
) STRICT, WITHOUT ROWID;
INSERT INTO key_blocks (account, region, block, number)
  SELECT account, region, ordinal >> ${blockBits}, count(*) FROM keys WHERE state <> 'Deleted'
  GROUP BY account, region, ordinal >> ${blockBits};
CREATE TRIGGER key_added AFTER INSERT ON keys BEGIN${countOne("NEW", 1)}${listOne("NEW", 1)}
END;
CREATE TRIGGER key_removed AFTER DELETE ON keys BEGIN${countOne("OLD", -1)}${listOne("OLD", -1)}
END;
CREATE TRIGGER key_changed AFTER UPDATE OF account, region, state, service ON keys BEGIN${countOne("OLD", -1)}${countOne("NEW", 1)}
END;
CREATE TRIGGER key_listed AFTER UPDATE OF account, region, state ON keys
  WHEN (OLD.account, OLD.region, OLD.state = 'Deleted') IS NOT (NEW.account, NEW.region, NEW.state = 'Deleted')
BEGIN${listOne("OLD", -1)}${listOne("NEW", 1)}
END;
`

const nameOne = (row: "NEW" | "OLD", change: 1 | -1): string => `
  INSERT INTO alias_blocks (account, region, block, number)
    VALUES (${row}.account, ${row}.region, ${row}.ordinal >> ${blockBits}, ${change})
    ON CONFLICT (account, region, block) DO UPDATE SET number = number + ${change};`

/**
 * The commit counts changes of state (counts.ts). Triggers for it and the index by state took almost half of the time of
 * a change's statements. An account may have millions of aliases, so they get the blocks that keys have. Triggers count
 * them, because aliases change less often than states.
 */
const seventh = `
DROP TRIGGER key_changed;
DROP TRIGGER key_listed;
DROP INDEX keys_by_state;
CREATE TABLE alias_blocks (
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  block INTEGER NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (account, region, block)
) STRICT, WITHOUT ROWID;
INSERT INTO alias_blocks (account, region, block, number)
  SELECT account, region, ordinal >> ${blockBits}, count(*) FROM aliases GROUP BY 1, 2, 3;
CREATE TRIGGER alias_added AFTER INSERT ON aliases BEGIN${nameOne("NEW", 1)}
END;
CREATE TRIGGER alias_removed AFTER DELETE ON aliases BEGIN${nameOne("OLD", -1)}
END;
`

/** Released migrations are never edited; new ones are added. */
export const migrations: ReadonlyArray<string> = [first, second, third, fourth, fifth, sixth, seventh]
