/** The numbers of keys and aliases, which triggers keep exact: tables, functions and triggers of the third schema. */
import { blockBits } from "../tables.ts"

const numbersOf = (name: string, columns: string, places: string): string =>
  `CREATE TABLE keystate.${name} (${columns}, number bigint NOT NULL, PRIMARY KEY (${places})) WITH (fillfactor = 50)`

const realm = 'account text COLLATE "C" NOT NULL, region text COLLATE "C" NOT NULL'

/** Adds what changed to the numbers. The order keeps two transactions from waiting for each other. */
const addTo = (table: string, places: string, moved: string): string =>
  `INSERT INTO keystate.${table} AS c (${places}, number)
SELECT ${places}, sum(n) FROM (${moved}) AS moved GROUP BY ${places} HAVING sum(n) <> 0 ORDER BY ${places}
ON CONFLICT (${places}) DO UPDATE SET number = c.number + excluded.number;`

interface Counted {
  readonly table: "key_counts" | "key_blocks" | "alias_blocks"
  readonly places: string
  /** The rows of `from` that count, each `n` times. */
  readonly rows: (from: string, n: 1 | -1) => string
}

const block = `ordinal >> ${blockBits} AS block`

const ofKeys: ReadonlyArray<Counted> = [
  {
    table: "key_counts",
    places: "account, region, state, service",
    rows: (from, n) => `SELECT account, region, state, service, ${n} AS n FROM ${from}`
  },
  {
    table: "key_blocks",
    places: "account, region, block",
    rows: (from, n) => `SELECT account, region, ${block}, ${n} AS n FROM ${from} WHERE state <> 'Deleted'`
  }
]

const ofAliases: ReadonlyArray<Counted> = [
  {
    table: "alias_blocks",
    places: "account, region, block",
    rows: (from, n) => `SELECT account, region, ${block}, ${n} AS n FROM ${from}`
  }
]

type Act = "INSERT" | "UPDATE" | "DELETE"

const added = ["added", 1] as const
const removed = ["removed", -1] as const

const sources: { readonly [act in Act]: ReadonlyArray<readonly [from: string, n: 1 | -1]> } = {
  INSERT: [added],
  UPDATE: [removed, added],
  DELETE: [removed]
}

const tables: { readonly [act in Act]: string } = {
  INSERT: "NEW TABLE AS added",
  UPDATE: "OLD TABLE AS removed NEW TABLE AS added",
  DELETE: "OLD TABLE AS removed"
}

/**
 * A trigger runs once for each statement, so a group of commits writes each number once. It first locks the end of the
 * audit log, as every commit does later. So the numbers are never locked in two orders.
 */
const counting = (table: "keys" | "aliases", act: Act, counted: ReadonlyArray<Counted>): ReadonlyArray<string> => {
  const name = `count_${table}_${act.toLowerCase()}_v1`
  const statements = counted.map(({ places, rows, table: numbers }) =>
    addTo(numbers, places, sources[act].map(([from, n]) => rows(from, n)).join(" UNION ALL "))
  )
  return [
    `CREATE FUNCTION keystate.${name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
PERFORM FROM keystate.audit_tail FOR UPDATE;
${statements.join("\n")}
RETURN NULL;
END $$`,
    `CREATE TRIGGER ${name} AFTER ${act} ON keystate.${table} REFERENCING ${tables[act]}
FOR EACH STATEMENT EXECUTE FUNCTION keystate.${name}()`
  ]
}

/** The rows that are there already. The triggers exist by then, so no other transaction can change the tables. */
const fillFrom = (table: "keys" | "aliases", { places, rows, table: numbers }: Counted): string =>
  `INSERT INTO keystate.${numbers} (${places}, number)
SELECT ${places}, sum(n) FROM (${rows(`keystate.${table}`, 1)}) AS present GROUP BY ${places}`

export const countsThird: ReadonlyArray<string> = [
  numbersOf(
    "key_counts",
    `${realm}, state text COLLATE "C" NOT NULL, service boolean NOT NULL`,
    "account, region, state, service"
  ),
  numbersOf("key_blocks", `${realm}, block bigint NOT NULL`, "account, region, block"),
  numbersOf("alias_blocks", `${realm}, block bigint NOT NULL`, "account, region, block"),
  ...counting("keys", "INSERT", ofKeys),
  ...counting("keys", "UPDATE", ofKeys),
  ...counting("keys", "DELETE", ofKeys),
  ...counting("aliases", "INSERT", ofAliases),
  ...counting("aliases", "DELETE", ofAliases),
  ...ofKeys.map((counted) => fillFrom("keys", counted)),
  ...ofAliases.map((counted) => fillFrom("aliases", counted))
]
