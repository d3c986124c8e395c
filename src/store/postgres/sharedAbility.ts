/** The shared ability of a PostgreSQL store: proofs for several engines, and claims of due deadlines. */
import { Effect } from "effect"
import type { Scope } from "effect"
import type { NonceUse, ProofAnswer, ProofQuestion, RowName, SharedAbility, StoreFailure } from "../driver.ts"
import { StoreDamaged } from "../driver.ts"
import type { RowId } from "../../records/storedRows.ts"
import { integerOf, rowOf } from "./columns.ts"
import { makeNodes } from "./nodes.ts"
import { decoded } from "./reads.ts"
import type { Ask } from "./reads.ts"
import type { Columns, Parameter } from "./session.ts"
import { qualified, sqlTables, typeOf } from "./tables.ts"

const prove =
  "SELECT p.* FROM keystate.prove_v1($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], " +
  "$6::text[], $7::text[]::bigint[], $8::text[]::bigint[]) AS p"

const claim =
  "SELECT key, kind, due_at, epoch FROM keystate.claim_v1($1::bigint, $2::bigint, $3::bigint) ORDER BY due_at, key, kind"

const sweep = [
  "DELETE FROM keystate.signatures WHERE expires_at < floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint",
  "DELETE FROM keystate.signatures_ahead WHERE expires_at < floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
]

/** Tables whose revisions the function reads. */
const proven = ["keys", "aliases", "meta"] as const
type Proven = (typeof proven)[number]

const isProven = ({ table }: RowName): boolean => proven.some((name) => name === table)

const idsIn = (rows: ReadonlyArray<RowName>, table: Proven): ReadonlyArray<RowId> =>
  rows.filter((row) => row.table === table).map(({ id }) => id)

const part = (ids: ReadonlyArray<RowId>, place: number): ReadonlyArray<string> => ids.map((id) => String(id[place]))

const listOf = (row: Columns, name: string): ReadonlyArray<unknown> => {
  const value = row[name]
  if (Array.isArray(value)) return value
  throw new StoreDamaged({ message: `column ${name} must hold a list` })
}

const parametersOf = ({ nonces, rows }: ProofQuestion): ReadonlyArray<Parameter> => {
  const aliases = idsIn(rows, "aliases")
  return [
    part(idsIn(rows, "keys"), 0),
    part(aliases, 0),
    part(aliases, 1),
    part(aliases, 2),
    part(idsIn(rows, "meta"), 0),
    nonces.map(({ fingerprint }) => fingerprint),
    nonces.map(({ stampMillis }) => String(stampMillis)),
    nonces.map(({ expiresAt }) => String(expiresAt))
  ]
}

/** The first use of a fingerprint is new, also within one question. */
const freshIn = (nonces: ReadonlyArray<NonceUse>, added: ReadonlyArray<unknown>): ReadonlyArray<boolean> => {
  const left = new Set(added)
  return nonces.map(({ fingerprint }) => left.delete(fingerprint))
}

const answerOf = ({ nonces, rows }: ProofQuestion, row: Columns): ProofAnswer => {
  const found = { keys: listOf(row, "heads"), aliases: listOf(row, "alias_keys"), meta: listOf(row, "meta_values") }
  const next = { keys: 0, aliases: 0, meta: 0 }
  const revision = ({ table }: RowName): string | undefined => {
    if (table !== "keys" && table !== "aliases" && table !== "meta") return undefined
    const value = found[table][next[table]++]
    return typeof value === "string" ? value : undefined
  }
  return {
    revisions: rows.map(revision),
    fresh: freshIn(nonces, listOf(row, "fresh")),
    now: integerOf(row, "instant"),
    era: integerOf(row, "era")
  }
}

/** One statement for rows of any table, for tables that the function does not support. */
const anyRows = (
  rows: ReadonlyArray<RowName>
): { readonly text: string; readonly parameters: ReadonlyArray<Parameter> } => {
  const parameters: Array<Parameter> = []
  const revisions = rows.map(({ table, id }) => {
    const where = sqlTables[table].id.map((column, place) => {
      parameters.push(String(id[place]))
      return `t.${column} = $${parameters.length}::${typeOf(table, column)}`
    })
    return `(SELECT ${sqlTables[table].revision} FROM ${qualified(table)} t WHERE ${where.join(" AND ")})`
  })
  return { text: `SELECT ARRAY[${revisions.join(", ")}]::text[] AS revisions`, parameters }
}

const firstOf = (rows: ReadonlyArray<Columns>): Columns => {
  const [row] = rows
  if (row === undefined) throw new StoreDamaged({ message: "a question has no answer" })
  return row
}

/** How often expired fingerprints are removed. */
const sweepEvery = "30 seconds"

/**
 * `askOnce` sends a question once: a lost question may have used up its fingerprints, and a second one would report
 * them as used. `ask` may send it again. `schema` is the newest one that this program knows.
 */
export const makeShared = (ask: Ask, askOnce: Ask, schema: number): Effect.Effect<SharedAbility, never, Scope.Scope> =>
  Effect.gen(function* () {
    const proveRows = (question: ProofQuestion): Effect.Effect<ProofAnswer, StoreFailure> => {
      const send = question.nonces.length === 0 ? ask : askOnce
      return decoded(send(prove, parametersOf(question)), (rows) => answerOf(question, firstOf(rows)))
    }
    const proveAny = ({ nonces, rows }: ProofQuestion): Effect.Effect<ProofAnswer, StoreFailure> =>
      Effect.flatMap(proveRows({ rows: [], nonces }), (answer) => {
        const { text, parameters } = anyRows(rows)
        return decoded(ask(text, parameters), (found) => ({
          ...answer,
          revisions: listOf(firstOf(found), "revisions").map((value) => (typeof value === "string" ? value : undefined))
        }))
      })
    const sweeping = Effect.ignore(Effect.forEach(sweep, (text) => ask(text, []), { discard: true }))
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(sweepEvery), sweeping)))
    return {
      prove: (question) => (question.rows.every(isProven) ? proveRows(question) : proveAny(question)),
      claimDue: ({ forMillis, limit, until }) =>
        decoded(ask(claim, [String(until), String(limit), String(forMillis)]), (rows) =>
          rows.map((row) => rowOf("deadlines", row))
        ),
      nodes: makeNodes(ask, schema)
    }
  })
