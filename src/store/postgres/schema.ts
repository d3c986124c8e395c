/** The tables and functions, as an ordered list of forward migrations: the schema version is their number. */
import { countsThird } from "./functions/countThird.ts"
import { functionsFirst } from "./functions/first.ts"

/**
 * JSON is stored as text, because `\u0000` and `\ud800` are legal in our texts and refused by jsonb. Texts that are
 * ordered or compared have the collation "C", because the port orders them by code units. Attributes for filters have
 * their own columns. Rows name their key by its id without foreign keys: a commit holds the lock of its key, and
 * `verify` finds rows without a parent.
 */
const tablesFirst: ReadonlyArray<string> = [
  `CREATE TABLE keystate.keys (
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    id text COLLATE "C" PRIMARY KEY,
    account text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    service boolean NOT NULL,
    state text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    head text COLLATE "C" NOT NULL,
    metadata text NOT NULL,
    snapshot text NOT NULL,
    spec text COLLATE "C" NOT NULL,
    usage text COLLATE "C" NOT NULL,
    protection text COLLATE "C" NOT NULL,
    creator text COLLATE "C" NOT NULL,
    tags text[] NOT NULL
  ) WITH (fillfactor = 80)`,
  `CREATE INDEX keys_in_realm ON keystate.keys (account, region, ordinal) INCLUDE (service) WHERE state <> 'Deleted'`,
  `CREATE INDEX keys_by_state ON keystate.keys (state)`,
  `CREATE TABLE keystate.versions (
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    key text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    sealed bytea,
    public_key bytea,
    PRIMARY KEY (key, id)
  )`,
  `CREATE TABLE keystate.events (
    key text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    principal text NOT NULL,
    request_id text NOT NULL,
    payload text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    PRIMARY KEY (key, seq)
  )`,
  `CREATE TABLE keystate.deadlines (
    key text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    due_at bigint NOT NULL,
    epoch bigint NOT NULL,
    claimed_until bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (key, kind)
  )`,
  `CREATE INDEX deadlines_by_instant ON keystate.deadlines (due_at, key, kind)`,
  `CREATE TABLE keystate.owed (
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    key text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    command text COLLATE "C" NOT NULL,
    PRIMARY KEY (key, seq, command)
  )`,
  `CREATE TABLE keystate.aliases (
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    account text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    PRIMARY KEY (account, region, name)
  )`,
  `CREATE INDEX aliases_in_realm ON keystate.aliases (account, region, ordinal)`,
  `CREATE INDEX aliases_of_key ON keystate.aliases (key, ordinal)`,
  `CREATE TABLE keystate.import_sessions (
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    id text COLLATE "C" PRIMARY KEY,
    key text COLLATE "C" NOT NULL,
    wrapping_spec text NOT NULL,
    wrapping_algorithm text NOT NULL,
    expires_at bigint NOT NULL,
    failures bigint NOT NULL,
    sealed bytea NOT NULL
  )`,
  `CREATE TABLE keystate.invocations (
    key text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    reserved bigint NOT NULL,
    PRIMARY KEY (key, version)
  )`,
  `CREATE TABLE keystate.ram (
    account text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    record text NOT NULL,
    PRIMARY KEY (account, kind, name)
  )`,
  `CREATE TABLE keystate.audit (
    seq bigint PRIMARY KEY,
    lines text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
  )`,
  // The end of the audit log. Every commit that writes to the log locks this one row last.
  `CREATE TABLE keystate.audit_tail (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq bigint NOT NULL,
    hash text NOT NULL
  ) WITH (fillfactor = 10)`,
  `INSERT INTO keystate.audit_tail (seq, hash) VALUES (0, repeat('0', 64))`,
  `CREATE TABLE keystate.nonces (
    ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    expires_at bigint NOT NULL,
    lines text NOT NULL
  )`,
  `CREATE INDEX nonces_by_expiry ON keystate.nonces (expires_at)`,
  `CREATE TABLE keystate.meta (
    name text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
  ) WITH (fillfactor = 50)`,
  // Each stream of commits numbers its turns, so that it can look up the outcome of a turn later.
  `CREATE TABLE keystate.writers (
    id text COLLATE "C" PRIMARY KEY,
    turn bigint NOT NULL,
    conflicts jsonb,
    seen timestamptz NOT NULL DEFAULT now()
  ) WITH (fillfactor = 10)`,
  // Fingerprints of signed requests. A crash empties the table. It removes the row of signature_era too, which shows
  // the loss.
  `CREATE UNLOGGED TABLE keystate.signatures (
    fingerprint text COLLATE "C" PRIMARY KEY,
    expires_at bigint NOT NULL
  )`,
  // Fingerprints with timestamps ahead of the database's clock, which the era does not cover.
  `CREATE TABLE keystate.signatures_ahead (
    fingerprint text COLLATE "C" PRIMARY KEY,
    expires_at bigint NOT NULL
  )`,
  `CREATE UNLOGGED TABLE keystate.signature_era (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    era bigint NOT NULL
  )`,
  `INSERT INTO keystate.signature_era (era) VALUES (0)`
]

const nodesSecond: ReadonlyArray<string> = [
  // Engines that use the store, for operators and for work that must not run beside another engine.
  `CREATE TABLE keystate.nodes (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    since bigint NOT NULL,
    seen bigint NOT NULL,
    version text NOT NULL,
    schema bigint NOT NULL,
    clock_offset bigint NOT NULL,
    hsm text NOT NULL
  ) WITH (fillfactor = 50)`,
  // The lowest schema that a program must know to use this database.
  "ALTER TABLE keystate.schema_version ADD COLUMN readable_by bigint NOT NULL DEFAULT 1"
]

/** The statements of one migration. */
export interface Migration {
  readonly statements: ReadonlyArray<string>
  /**
   * Set if the migration removes something that older programs need: the lowest schema that a program must know from
   * then on. A migration without it only adds, and older programs continue to work. A replaced part is removed one
   * release later.
   */
  readonly readableBy?: number
}

/**
 * The first migration creates schema 1. Released migrations are never edited; new ones are added. This program works on
 * the newest schema and on the previous one, so it does not require what the newest migration adds.
 */
export const migrations: ReadonlyArray<Migration> = [
  { statements: [...tablesFirst, ...functionsFirst] },
  { statements: nodesSecond },
  { statements: countsThird }
]
