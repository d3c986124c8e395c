/** The tables, as an ordered list of forward migrations: the store's schema version is how many were applied. */

/** Marks the file as ours in its header (SQLite file format 1.3, application id): "Keys". */
export const applicationId = 0x4b_65_79_73

/**
 * What can be derived from a snapshot is a generated column, never a second copy. Rows that hold secrets live in rowid
 * tables that only grow: rebalancing a tree filled at random leaves scraps of erased rows on its pages.
 */
const first = `
CREATE TABLE keys (
  ordinal INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  metadata TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  head TEXT NOT NULL,
  epoch INTEGER NOT NULL GENERATED ALWAYS AS (snapshot ->> '$.context.epoch') VIRTUAL,
  state TEXT NOT NULL GENERATED ALWAYS AS (snapshot ->> '$.value.lifecycle') VIRTUAL,
  service INTEGER NOT NULL GENERATED ALWAYS AS (snapshot ->> '$.context.serviceKey') VIRTUAL
) STRICT;
CREATE INDEX keys_by_state ON keys (state, account, region, service);
CREATE INDEX keys_in_realm ON keys (account, region, ordinal, state) WHERE state <> 'Deleted';

CREATE TABLE events (
  key_id TEXT NOT NULL REFERENCES keys (id),
  seq INTEGER NOT NULL,
  type TEXT GENERATED ALWAYS AS (coalesce(payload ->> '$.event.type', payload ->> '$.type')) VIRTUAL,
  at INTEGER NOT NULL,
  principal TEXT NOT NULL,
  request_id TEXT NOT NULL,
  payload TEXT NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (key_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE versions (
  ordinal INTEGER PRIMARY KEY,
  key_id TEXT NOT NULL REFERENCES keys (id),
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  sealed BLOB,
  public_key BLOB,
  UNIQUE (key_id, id)
) STRICT;

CREATE TABLE deadlines (
  key_id TEXT NOT NULL REFERENCES keys (id),
  kind TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  PRIMARY KEY (key_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX deadlines_by_instant ON deadlines (due_at, key_id, kind, epoch);

CREATE TABLE commands (
  ordinal INTEGER PRIMARY KEY,
  key_id TEXT NOT NULL REFERENCES keys (id),
  seq INTEGER NOT NULL,
  command TEXT NOT NULL,
  UNIQUE (key_id, seq, command)
) STRICT;

CREATE TABLE aliases (
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  key_id TEXT NOT NULL REFERENCES keys (id),
  PRIMARY KEY (account, region, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_by_key ON aliases (key_id, name);

CREATE TABLE tags (
  key_id TEXT NOT NULL REFERENCES keys (id),
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (key_id, name)
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

/** Never edited once released, only added to. */
export const migrations: ReadonlyArray<string> = [first]
