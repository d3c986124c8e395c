/** The writer: waiting plans become one statement, and each gets its own outcome. */
import { Clock, Effect, Latch } from "effect"
import type { Scope } from "effect"
import type { Plan } from "../../../plan/plan.ts"
import { StoreConflict, StoreUnavailable } from "../../driver.ts"
import type { StoreFailure } from "../../driver.ts"
import { isOfStatement, isPassing, unavailable } from "../failures.ts"
import type { SqlFailure } from "../session.ts"
import { encodeGroup } from "./encode.ts"
import { footprintOf } from "./footprint.ts"
import type { Conflicts, Lane, Written } from "./lane.ts"
import { makeQueue } from "./queue.ts"
import type { Queue, Waiting } from "./queue.ts"

export interface Writer {
  readonly commit: (plan: Plan) => Effect.Effect<void, StoreConflict | StoreFailure>
  /** Why the last group could not be written; undefined after a success. */
  readonly shortage: () => StoreUnavailable | undefined
}

/**
 * How often and how long a group is sent again after a deadlock, or after its connection broke before it was executed.
 */
const attemptsMax = 3
const repeatMillis = 500
/** When the database is unreachable, plans that waited longer than this are no longer sent. */
const patienceMillis = 200

const conflictOf = ({ plan }: Waiting, check: number): StoreConflict => {
  const broken = plan.checks[check]
  if (broken === undefined) throw new Error("the database names a check that the plan does not have")
  return "table" in broken
    ? new StoreConflict({ on: broken.table, id: broken.id })
    : new StoreConflict({ on: "quota", id: broken.of.partition })
}

/** Each plan gets its first failed check. */
const answerAll = (group: ReadonlyArray<Waiting>, conflicts: Conflicts): void => {
  const first = new Map<number, number>()
  for (const [plan, check] of conflicts) first.set(plan, Math.min(check, first.get(plan) ?? check))
  for (const [number, waiting] of group.entries()) {
    const check = first.get(number)
    waiting.answer(check === undefined ? Effect.void : Effect.fail(conflictOf(waiting, check)))
  }
}

const encoded = (group: ReadonlyArray<Waiting>): string | Error => {
  try {
    return encodeGroup(group)
  } catch (fault) {
    return fault instanceof Error ? fault : new Error(String(fault))
  }
}

/** Shared by the lanes of a writer. */
interface Desk {
  readonly now: () => number
  readonly queue: Queue
  /** Why the last group could not be written; undefined after a success. */
  shortage: StoreUnavailable | undefined
}

/** A group in progress. */
interface Sending {
  readonly desk: Desk
  readonly lane: Lane
  readonly group: ReadonlyArray<Waiting>
  /** The number of the attempt, and the time of the first attempt. */
  readonly attempt: number
  readonly since: number
}

/** Plans that have waited long are not sent to an unreachable database. */
const answerFailure = ({ desk, group }: Sending, failure: StoreUnavailable): void => {
  desk.shortage = failure
  for (const { answer } of group) answer(Effect.fail(failure))
  const before = desk.now() - patienceMillis
  const { reason, message } = failure
  const unsent = new StoreUnavailable({ reason, message })
  for (const { answer } of desk.queue.drop(({ since }) => since < before)) answer(Effect.fail(unsent))
}

/** A plan that only a bug can have made ends in a defect, and does not affect other plans. */
const sendAlone = (sending: Sending, fault: Error): Effect.Effect<void> => {
  const { group } = sending
  const [only] = group
  if (group.length === 1) return Effect.sync(() => only?.answer(Effect.die(fault)))
  return Effect.forEach(group, (each) => send({ ...sending, group: [each] }), { discard: true })
}

const again = (sending: Sending, failure: SqlFailure): Effect.Effect<void> => {
  if (isOfStatement(failure)) return sendAlone(sending, new Error(`the database refuses a plan: ${failure.message}`))
  const { attempt, desk, since } = sending
  const isInTime = attempt < attemptsMax && desk.now() - since < repeatMillis
  return isInTime && (isPassing(failure) || failure._tag === "Lost")
    ? send({ ...sending, attempt: attempt + 1 })
    : Effect.sync(() => answerFailure(sending, unavailable(failure)))
}

const settle = (sending: Sending, written: Written): Effect.Effect<void> => {
  switch (written._tag) {
    case "Done":
      return Effect.sync(() => {
        sending.desk.shortage = undefined
        answerAll(sending.group, written.conflicts)
      })
    case "Undone":
      return again(sending, written.failure)
    case "Unknown":
      return Effect.sync(() => answerFailure(sending, unavailable(written.failure, "Unknown")))
    default:
      return written satisfies never
  }
}

const send = (sending: Sending): Effect.Effect<void> =>
  Effect.suspend(() => {
    const text = encoded(sending.group)
    if (text instanceof Error) return sendAlone(sending, text)
    return Effect.flatMap(sending.lane.write(text), (written) => settle(sending, written))
  })

/** Sends groups until no plan waits. */
const drain = (desk: Desk, lane: Lane, released: () => void): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (;;) {
      const group = desk.queue.take()
      if (group.length === 0) return
      yield* send({ desk, lane, group, attempt: 1, since: desk.now() }).pipe(
        Effect.catchDefect((fault) =>
          Effect.sync(() => {
            for (const { answer } of group) answer(Effect.die(fault))
          })
        )
      )
      desk.queue.release(group)
      released()
    }
  })

export const makeWriter = (lanes: ReadonlyArray<Lane>): Effect.Effect<Writer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const ready = yield* Latch.make(false)
    const desk: Desk = { now: () => clock.currentTimeMillisUnsafe(), queue: makeQueue(), shortage: undefined }
    let closed: StoreUnavailable | undefined

    const loop = (lane: Lane): Effect.Effect<never> =>
      Effect.gen(function* () {
        for (;;) {
          yield* ready.await
          ready.closeUnsafe()
          // Lets every ready fiber run first, because it may join the group.
          yield* Effect.yieldNowWith(1)
          // When a group is done, plans that shared a name with it may be sent on any lane.
          yield* Effect.uninterruptible(drain(desk, lane, () => ready.openUnsafe()))
        }
      })

    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = new StoreUnavailable({ reason: "Closed", message: "The store is closed." })
        for (const { answer } of desk.queue.drop(() => true)) answer(Effect.fail(closed))
      })
    )
    for (const lane of lanes) yield* Effect.forkScoped(loop(lane))

    const commit: Writer["commit"] = (plan) =>
      Effect.callback<void, StoreConflict | StoreFailure>((resume) => {
        if (closed !== undefined) return resume(Effect.fail(closed))
        desk.queue.add({ plan, footprint: footprintOf(plan), since: desk.now(), answer: resume })
        ready.openUnsafe()
      }).pipe(Effect.uninterruptible)
    return { commit, shortage: () => desk.shortage }
  })
