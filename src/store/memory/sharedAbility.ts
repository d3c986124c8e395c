/** The shared ability of a memory store: proofs for several engines, and claims of due deadlines. */
import { Effect } from "effect"
import { idOf } from "../../records/storedRows.ts"
import type { StoredRow } from "../../records/storedRows.ts"
import { nodeForgottenMillis } from "../../domain/limits.ts"
import type { DueClaim, NodeRow, NodesAbility, NonceUse, SharedAbility } from "../driver.ts"
import { textOf } from "./sortedIndex.ts"
import type { Tables } from "./tables.ts"

/** Expired fingerprints are searched for after this many new ones. */
const sweepEvery = 4096

const everything = Number.MAX_SAFE_INTEGER

interface State {
  readonly tables: Tables
  readonly now: () => number
  /** Fingerprints with their expiry. */
  readonly fingerprints: Map<string, number>
  added: number
  /** Claimed deadlines with the end of each claim. */
  readonly claims: Map<string, number>
}

const dropPast = (ends: Map<string, number>, now: number): void => {
  for (const [name, end] of ends) if (end <= now) ends.delete(name)
}

/** Remembers a fingerprint. Returns whether it is new. */
const isFresh = (state: State, { fingerprint, expiresAt }: NonceUse, now: number): boolean => {
  const known = state.fingerprints.get(fingerprint)
  if (known !== undefined && known > now) return false
  state.fingerprints.set(fingerprint, expiresAt)
  state.added++
  if (state.added >= sweepEvery) {
    state.added = 0
    dropPast(state.fingerprints, now)
  }
  return true
}

/** A deadline with other values has another name. */
const claimName = (row: StoredRow<"deadlines">): string => textOf([...idOf("deadlines", row), row.dueAt, row.epoch])

const claimDue = (state: State, { until, limit, forMillis }: DueClaim): ReadonlyArray<StoredRow<"deadlines">> => {
  const { claims, now, tables } = state
  const at = now()
  dropPast(claims, at)
  const due = tables.scan({ table: "deadlines", index: "due", partition: [], until, limit: everything })
  const free = due.filter((row) => !claims.has(claimName(row))).slice(0, limit)
  for (const row of free) claims.set(claimName(row), at + forMillis)
  return free
}

/** A memory has no schema. */
const noSchema = 0

const nodesIn = (nodes: Map<string, NodeRow>, now: () => number): NodesAbility => ({
  announce: (report) =>
    Effect.sync(() => {
      const seen = now()
      for (const [id, node] of nodes) if (node.seen < seen - nodeForgottenMillis) nodes.delete(id)
      nodes.set(report.id, { ...report, schema: noSchema, since: nodes.get(report.id)?.since ?? seen, seen })
      return seen
    }),
  withdraw: (id) => Effect.sync(() => void nodes.delete(id)),
  list: Effect.sync(() => ({
    now: now(),
    nodes: [...nodes.values()].toSorted((left, right) => left.since - right.since || (left.id < right.id ? -1 : 1))
  }))
})

export const makeSharedAbility = (tables: Tables, now: () => number): SharedAbility => {
  const state: State = { tables, now, fingerprints: new Map(), added: 0, claims: new Map() }
  return {
    prove: ({ rows, nonces }) =>
      Effect.sync(() => {
        const at = now()
        return {
          revisions: rows.map(({ table, id }) => tables.rows.revision(table, id)),
          fresh: nonces.map((nonce) => isFresh(state, nonce, at)),
          now: at,
          era: 0
        }
      }),
    claimDue: (claim) => Effect.sync(() => claimDue(state, claim)),
    nodes: nodesIn(new Map(), now)
  }
}
