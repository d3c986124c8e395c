/** A slot for one connection, which is opened when needed and reopened after it broke. */
import { Effect, Exit, Scope, Semaphore } from "effect"
import { Lost } from "./session.ts"
import type { Session, SqlFailure } from "./session.ts"

export interface Slot {
  /**
   * Runs work on the connection, within a time limit. Work that exceeds it fails as `Lost`, and the connection is
   * dropped because its state is unknown.
   */
  readonly use: <A>(
    work: (session: Session) => Effect.Effect<A, SqlFailure>,
    withinMillis: number
  ) => Effect.Effect<A, SqlFailure>
  /** The number of callers that wait for an answer. */
  readonly load: () => number
}

interface Held {
  readonly session: Session
  readonly scope: Scope.Closeable
}

const overdue = (millis: number): Lost => new Lost({ message: `the database did not answer within ${millis} ms` })

/** The connections live in the scope of the slot. `open` returns a checked connection. */
export const makeSlot = (
  open: Effect.Effect<Session, SqlFailure, Scope.Scope>
): Effect.Effect<Slot, never, Scope.Scope> =>
  Effect.gen(function* () {
    const home = yield* Effect.scope
    const turn = yield* Semaphore.make(1)
    let held: Held | undefined
    let load = 0
    /** Counts failed attempts to connect: a caller that waited for one does not start another. */
    let failed: { readonly count: number; readonly failure: SqlFailure | undefined } = { count: 0, failure: undefined }

    const drop = (broken: Held): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (held === broken) held = undefined
        return Scope.close(broken.scope, Exit.void)
      })

    const connect = Effect.gen(function* () {
      const scope = yield* Scope.fork(home)
      const session = yield* open.pipe(
        Scope.provide(scope),
        Effect.onError(() => Scope.close(scope, Exit.void))
      )
      held = { session, scope }
      return held
    }).pipe(
      Effect.tapError((failure) =>
        Effect.sync(() => {
          failed = { count: failed.count + 1, failure }
        })
      )
    )

    const connected = Effect.suspend(() => {
      if (held !== undefined && !held.session.isClosed()) return Effect.succeed(held)
      const { count } = failed
      return turn.withPermit(
        Effect.suspend((): Effect.Effect<Held, SqlFailure> => {
          if (held !== undefined && !held.session.isClosed()) return Effect.succeed(held)
          if (failed.count > count && failed.failure !== undefined) return Effect.fail(failed.failure)
          const before = held
          return before === undefined ? connect : Effect.andThen(drop(before), connect)
        })
      )
    })

    const use: Slot["use"] = (work, withinMillis) =>
      Effect.suspend(() => {
        load++
        let used: Held | undefined
        const onConnection = Effect.flatMap(connected, (found) => {
          used = found
          return work(found.session)
        })
        return onConnection.pipe(
          Effect.timeoutOrElse({ duration: withinMillis, orElse: () => Effect.fail(overdue(withinMillis)) }),
          Effect.tapError((failure) => (failure._tag === "Lost" && used !== undefined ? drop(used) : Effect.void)),
          Effect.ensuring(
            Effect.sync(() => {
              load--
            })
          )
        )
      })
    return { use, load: () => load }
  })
