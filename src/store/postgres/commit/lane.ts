/** A stream of commits on one connection, one group at a time. Each group has a number that determines its outcome. */
import { Clock, Effect } from "effect"
import { textOf } from "../columns.ts"
import { codes } from "../failures.ts"
import type { Session, SqlFailure } from "../session.ts"
import type { Slot } from "../slot.ts"

/** Failed checks: the number of a plan in its group, and of a check in the plan. */
export type Conflicts = ReadonlyArray<readonly [plan: number, check: number]>

/** The outcome of a group. */
export type Written =
  | { readonly _tag: "Done"; readonly conflicts: Conflicts }
  /** Nothing was executed, and nothing will be. */
  | { readonly _tag: "Undone"; readonly failure: SqlFailure }
  | { readonly _tag: "Unknown"; readonly failure: SqlFailure }

export interface Lane {
  /** Sends a group. `text` is the result of `encodeGroup`. */
  readonly write: (text: string) => Effect.Effect<Written>
}

/** The time limit of each part of a commit, in milliseconds. */
export interface Times {
  readonly statement: number
  /** For finding the outcome of a commit after its connection broke. */
  readonly settling: number
}

/** Writers that were silent for this long have ended. */
const register = `WITH over AS (DELETE FROM keystate.writers WHERE seen < now() - interval '7 days')
INSERT INTO keystate.writers (id, turn) VALUES (gen_random_uuid()::text, 0) RETURNING id`

const commit = "SELECT keystate.commit_v1($1, $2::bigint, $3, $4::jsonb)::text AS conflicts"
const settle = "SELECT keystate.settle_v1($1, $2::bigint, $3)::text AS conflicts"

const pause = 25

const isPair = (pair: unknown): pair is readonly [number, number] =>
  Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "number")

const conflictsIn = (text: string): Conflicts => {
  const pairs: unknown = JSON.parse(text)
  return Array.isArray(pairs) ? pairs.filter(isPair) : []
}

const isTurnOver = (failure: SqlFailure): boolean => failure._tag === "Refused" && failure.code === codes.turnOver

export const makeLane = (slot: Slot, times: Times): Lane => {
  let writer: { readonly id: string; turn: number } | undefined

  const registered = (session: Session): Effect.Effect<{ readonly id: string; turn: number }, SqlFailure> =>
    writer === undefined
      ? Effect.map(
          session.run(register, []),
          ([row]) => (writer = { id: row === undefined ? "" : textOf(row, "id"), turn: 0 })
        )
      : Effect.succeed(writer)

  /** Asks until there is an answer or the time is over. */
  const settled = (sent: { readonly id: string; readonly turn: number }, failure: SqlFailure): Effect.Effect<Written> =>
    Effect.gen(function* () {
      const until = (yield* Clock.currentTimeMillis) + times.settling
      for (;;) {
        const left = until - (yield* Clock.currentTimeMillis)
        if (left <= 0) return { _tag: "Unknown", failure } as const
        const wait = String(Math.ceil(left))
        const asked = yield* Effect.result(
          slot.use((session) => session.run(settle, [sent.id, String(sent.turn), wait]), left)
        )
        if (asked._tag === "Success") {
          const found = asked.success[0]?.["conflicts"]
          return typeof found === "string"
            ? ({ _tag: "Done", conflicts: conflictsIn(found) } as const)
            : ({ _tag: "Undone", failure } as const)
        }
        yield* Effect.sleep(pause)
      }
    })

  const write: Lane["write"] = (text) =>
    Effect.gen(function* () {
      let sent: { readonly id: string; readonly turn: number } | undefined
      const send = (session: Session) =>
        Effect.flatMap(registered(session), (current) => {
          current.turn++
          sent = { id: current.id, turn: current.turn }
          return session.run(commit, [current.id, String(current.turn), String(times.statement), text])
        })
      const result = yield* Effect.result(slot.use(send, times.statement))
      if (result._tag === "Success") {
        const [row] = result.success
        return { _tag: "Done", conflicts: row === undefined ? [] : conflictsIn(textOf(row, "conflicts")) } as const
      }
      const { failure } = result
      if (isTurnOver(failure)) writer = undefined
      if (sent === undefined || failure._tag === "Refused") return { _tag: "Undone", failure } as const
      const written = yield* settled(sent, failure)
      // An unknown outcome stays with the old name, because its turn may still be executed.
      if (written._tag === "Unknown") writer = undefined
      return written
    })
  return { write }
}
