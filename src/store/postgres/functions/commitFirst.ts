/** The text of `commit_v1`, which executes a group of plans in one statement, generated from the table of tables. */
import type { TableName } from "../../../records/storedRows.ts"
import { qualified, sqlTables, tableNames, typeOf } from "../tables.ts"
import type { Column, SqlIndex } from "../tables.ts"

/** JSON contains bytes as Base64. */
const jsonType = ({ type }: Column): string => (type === "bytea" ? "text" : type)

const valueOf = ({ name, type }: Column): string => (type === "bytea" ? `decode(w.${name}, 'base64')` : `w.${name}`)

const columnsOf = (table: TableName): ReadonlyArray<Column> => Object.values<Column>(sqlTables[table].columns)

const idColumns = (table: TableName): ReadonlyArray<Column> =>
  sqlTables[table].id.map((name) => ({ name, type: typeOf(table, name) }))

const declared = (columns: ReadonlyArray<Column>): string =>
  columns.map((column) => `, ${column.name} ${jsonType(column)}`).join("")

/** A list of the argument as rows `w`, without those of failed plans. */
const listed = (path: string, columns: string): string =>
  `jsonb_to_recordset(${path}) AS w (plan integer${columns}) WHERE w.plan <> ALL (failed)`

const guarded = (holder: string, name: string, statement: string): string =>
  `IF ${holder} ? '${name}' THEN\n${statement};\nEND IF;`

const sameId = (table: TableName, other: string): string =>
  sqlTables[table].id.map((name) => `t.${name} = ${other}.${name}`).join(" AND ")

/** Records the checks of rows that failed. */
const checkRows = (table: TableName): string =>
  guarded(
    "checks",
    table,
    `SELECT broken || coalesce(jsonb_agg(jsonb_build_array(c.plan, c.n)), '[]') INTO broken
FROM jsonb_to_recordset(checks -> '${table}') AS c (plan integer, n integer, revision text${declared(idColumns(table))})
LEFT JOIN ${qualified(table)} t ON ${sameId(table, "c")}
WHERE (${sqlTables[table].revision}) IS DISTINCT FROM c.revision`
  )

const partitionColumns = (table: TableName, { partition }: SqlIndex): ReadonlyArray<Column> =>
  partition.map((name) => ({ name, type: typeOf(table, name) }))

const partitionIs = ({ partition, only }: SqlIndex, other: string): string =>
  [...partition.map((name) => `t.${name} = ${other}.${name}`), only ?? "true"].join(" AND ")

interface NamedIndex {
  readonly table: TableName
  readonly name: string
  readonly index: SqlIndex
}

const namedIndexes: ReadonlyArray<NamedIndex> = tableNames.flatMap((table) =>
  Object.entries<SqlIndex>(sqlTables[table].indexes).map(([name, index]) => ({
    table,
    name: `${table}.${name}`,
    index
  }))
)

/** Records the full ranges. `rank` counts earlier checks of the same range in the group. */
const checkCount = ({ table, name, index }: NamedIndex): string =>
  guarded(
    "counts",
    name,
    `SELECT broken || coalesce(jsonb_agg(jsonb_build_array(c.plan, c.n)), '[]') INTO broken
FROM jsonb_to_recordset(counts -> '${name}')
AS c (plan integer, n integer, rank bigint, fewer bigint${declared(partitionColumns(table, index))})
WHERE c.rank + (SELECT count(*) FROM (SELECT FROM ${qualified(table)} t
WHERE ${partitionIs(index, "c")} LIMIT c.fewer) AS held) >= c.fewer`
  )

const clear = ({ table, name, index }: NamedIndex): string => {
  const { place } = index
  const bounds = place === undefined ? "" : `, after ${typeOf(table, place)}, until ${typeOf(table, place)}`
  const between =
    place === undefined
      ? ""
      : ` AND (w.after IS NULL OR t.${place} > w.after) AND (w.until IS NULL OR t.${place} <= w.until)`
  return guarded(
    "clears",
    name,
    `DELETE FROM ${qualified(table)} t USING ${listed(`clears -> '${name}'`, declared(partitionColumns(table, index)) + bounds)}
AND ${partitionIs(index, "w")}${between}`
  )
}

const remove = (table: TableName): string =>
  guarded(
    "deletes",
    table,
    `DELETE FROM ${qualified(table)} t USING ${listed(`deletes -> '${table}'`, declared(idColumns(table)))}
AND ${sameId(table, "w")}`
  )

/** The columns that filters of keys test, in addition to the columns of the row. */
const derived: ReadonlyArray<Column> = [
  { name: "spec", type: "text" },
  { name: "usage", type: "text" },
  { name: "protection", type: "text" },
  { name: "creator", type: "text" }
]

const tagsDeclared = ", tags text[]"

const put = (table: TableName): string => {
  const columns = table === "keys" ? [...columnsOf(table), ...derived] : columnsOf(table)
  const tags = table === "keys"
  const names = [...columns.map(({ name }) => name), ...(tags ? ["tags"] : [])]
  const values = [...columns.map(valueOf), ...(tags ? ["w.tags"] : [])]
  const { id, isGrowing } = sqlTables[table]
  const set = names.filter((name) => !id.includes(name)).map((name) => `${name} = excluded.${name}`)
  const onConflict = `\nON CONFLICT (${id.join(", ")}) DO ${set.length === 0 ? "NOTHING" : `UPDATE SET ${set.join(", ")}`}`
  // A deadline that is put again loses its claim.
  const release = table === "deadlines" ? ", claimed_until = 0" : ""
  return guarded(
    "puts",
    table,
    `INSERT INTO ${qualified(table)} (${names.join(", ")}) SELECT ${values.join(", ")}
FROM ${listed(`puts -> '${table}'`, declared(columns) + (tags ? tagsDeclared : ""))}${isGrowing === true ? "" : onConflict + release}`
  )
}

/** An existing key: its position in the order of creation is not drawn again. */
const changeKeys = guarded(
  "plans",
  "changed",
  `UPDATE keystate.keys t SET state = w.state, epoch = w.epoch, head = w.head, metadata = w.metadata,
snapshot = w.snapshot, tags = w.tags
FROM ${listed(
    "plans -> 'changed'",
    ", id text, state text, epoch bigint, head text, metadata text, snapshot text, tags text[]"
  )} AND t.id = w.id`
)

const eraseVersions = guarded(
  "plans",
  "erases",
  `UPDATE keystate.versions t SET sealed = NULL, public_key = NULL
FROM ${listed("plans -> 'erases'", ", key text")} AND t.key = w.key`
)

/** The hash of `segmentAfter`: SHA-256 over the previous hash and the text of the lines. */
const addLines = `IF plans ? 'lines' THEN
SELECT '[' || string_agg(w.line, ',' ORDER BY w.n) || ']' INTO body
FROM ${listed("plans -> 'lines'", ", n integer, line text")};
IF body IS NOT NULL THEN
SELECT * INTO tail FROM keystate.audit_tail FOR UPDATE;
next := encode(sha256(convert_to(tail.hash || body, 'UTF8')), 'hex');
INSERT INTO keystate.audit (seq, lines, previous, hash) VALUES (tail.seq + 1, body, tail.hash, next);
UPDATE keystate.audit_tail SET seq = tail.seq + 1, hash = next;
END IF;
END IF;`

const within = (holder: string, statements: ReadonlyArray<string>): string =>
  `IF plans ? '${holder}' THEN\n${holder} := plans -> '${holder}';\n${statements.join("\n")}\nEND IF;`

const puttable = tableNames.filter((table) => table !== "audit")
const clearable = namedIndexes.filter(({ table }) => table !== "audit" && table !== "keys")

/**
 * Every commit takes locks in one order: keys by id, then names by hash, then the end of the audit log. No lock
 * outlives the statement. Checks are read while the locks are held. The turn is taken last: if it was settled in the
 * meantime, the whole transaction is rolled back. Returns the failed checks as pairs of plan and check.
 * `synchronous_commit` is raised for this transaction alone. It overrides the settings of the session, the pooler and
 * the role.
 */
export const commitFunction = `CREATE FUNCTION keystate.commit_v1(writer text, turn_ bigint, wait_ms text, plans jsonb)
RETURNS jsonb LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
broken jsonb := '[]';
failed integer[] := '{}';
checks jsonb; counts jsonb; clears jsonb; deletes jsonb; puts jsonb;
body text; next text; tail record;
BEGIN
IF current_setting('fsync') <> 'on' THEN
RAISE EXCEPTION 'fsync is off, so that a crash would lose changes' USING ERRCODE = 'KS002';
END IF;
IF current_setting('synchronous_commit') IN ('off', 'local') THEN
PERFORM set_config('synchronous_commit', 'on', true);
END IF;
PERFORM set_config('lock_timeout', wait_ms, true);
IF plans ? 'keys' THEN
PERFORM FROM keystate.keys WHERE id = ANY (ARRAY(SELECT jsonb_array_elements_text(plans -> 'keys'))) ORDER BY id FOR UPDATE;
END IF;
IF plans ? 'names' THEN
PERFORM pg_advisory_xact_lock(h) FROM (SELECT DISTINCT hashtextextended(name, 0) AS h
FROM jsonb_array_elements_text(plans -> 'names') AS name ORDER BY h) AS hashed;
END IF;
${within("checks", tableNames.map(checkRows))}
${within("counts", namedIndexes.map(checkCount))}
IF broken <> '[]' THEN
failed := ARRAY(SELECT DISTINCT (pair ->> 0)::integer FROM jsonb_array_elements(broken) AS pair);
END IF;
${within("clears", clearable.map(clear))}
${within("deletes", puttable.map(remove))}
${eraseVersions}
${changeKeys}
${within("puts", puttable.map(put))}
${addLines}
UPDATE keystate.writers w SET turn = turn_, conflicts = broken, seen = now() WHERE w.id = writer AND w.turn < turn_;
IF NOT FOUND THEN
RAISE EXCEPTION 'this turn is over' USING ERRCODE = 'KS001';
END IF;
RETURN broken;
END $$`
