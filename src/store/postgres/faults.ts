/** Finds faults below the port: rows without a parent, and columns that differ from their JSON. */
import { Effect } from "effect"
import type { StoreFailure } from "../driver.ts"
import { textOf } from "./columns.ts"
import { orReadFailure } from "./failures.ts"
import { countedIn } from "./reads.ts"
import type { Ask } from "./reads.ts"
import { blockBits } from "./tables.ts"

const strays = ["versions", "events", "deadlines", "owed", "aliases", "import_sessions", "invocations"].map(
  (table) =>
    `SELECT 'a row of ${table} belongs to key ' || t.key || ', which is not there' AS sentence FROM keystate.${table} t ` +
    "WHERE NOT EXISTS (SELECT FROM keystate.keys k WHERE k.id = t.key)"
)

const questions: ReadonlyArray<string> = [
  ...strays,
  "SELECT 'the columns of key ' || id || ' are not what its snapshot says' AS sentence FROM keystate.keys " +
    "WHERE service::text IS DISTINCT FROM snapshot::json #>> '{context,serviceKey}' " +
    "OR epoch::text IS DISTINCT FROM snapshot::json #>> '{context,epoch}' " +
    "OR state IS DISTINCT FROM snapshot::json #>> '{value,lifecycle}'",
  "SELECT 'event ' || max(seq) || ' of key ' || id || ' is none of its epochs' AS sentence FROM keystate.events " +
    "JOIN keystate.keys ON id = key WHERE seq > epoch OR seq < 1 GROUP BY id",
  "SELECT 'the end of the audit log is not its last segment' AS sentence FROM keystate.audit_tail e " +
    "WHERE e.seq IS DISTINCT FROM coalesce((SELECT max(seq) FROM keystate.audit), 0) " +
    "OR e.hash IS DISTINCT FROM coalesce((SELECT a.hash FROM keystate.audit a WHERE a.seq = e.seq), repeat('0', 64))"
]

const miscounted = (what: string, numbers: string, places: string, rows: string): string =>
  `SELECT 'the stored number of ${what} in region ' || region || ' is not their number' AS sentence FROM ` +
  `(SELECT ${places}, number FROM keystate.${numbers} UNION ALL ` +
  `SELECT ${places}, -count(*) FROM (${rows}) AS present GROUP BY ${places}) AS both_sides ` +
  `GROUP BY ${places} HAVING sum(number) <> 0`

const block = `ordinal >> ${blockBits} AS block`

/** The schema before has no stored numbers. */
const questionsOfNumbers: ReadonlyArray<string> = [
  miscounted("keys of a state", "key_counts", "account, region, state, service", "SELECT * FROM keystate.keys"),
  miscounted(
    "listed keys",
    "key_blocks",
    "account, region, block",
    `SELECT account, region, ${block} FROM keystate.keys WHERE state <> 'Deleted'`
  ),
  miscounted(
    "aliases",
    "alias_blocks",
    "account, region, block",
    `SELECT account, region, ${block} FROM keystate.aliases`
  )
]

/** One sentence for each fault. */
export const faultsOf = (ask: Ask): Effect.Effect<ReadonlyArray<string>, StoreFailure> =>
  Effect.gen(function* () {
    const isCounted = yield* countedIn(ask)
    const asked = isCounted ? [...questions, ...questionsOfNumbers] : questions
    const answers = yield* Effect.forEach(asked, (text) => orReadFailure(ask(text, [])))
    return answers.flat().map((row) => textOf(row, "sentence"))
  })
