/** A start that waits for its database: for a limited time, and only for problems that may pass. */
import { Clock, Effect } from "effect"
import { withoutPassword } from "./address.ts"
import { passesWithTime, unavailable } from "./failures.ts"
import { timesOf } from "./opening.ts"
import type { PostgresOptions } from "./opening.ts"
import { Lost } from "./session.ts"
import type { SqlFailure } from "./session.ts"

/** The time limit of a connection and an answer from a slow server. */
const slowMillis = 10_000
/** The interval between attempts. */
const pauseMillis = 250

export interface Waiting {
  /** The time limit of the next connection, in milliseconds: longer while the service starts. */
  readonly connectMillis: () => number
  /** Repeats until it succeeds, the time is over, or the failure cannot pass. */
  readonly eventually: <A>(work: (withinMillis: number) => Effect.Effect<A, SqlFailure>) => Effect.Effect<A, SqlFailure>
  readonly isWaiting: boolean
  /** From here on each connection has the time limit of a call. */
  readonly end: () => void
}

const secondsOf = (millis: number): number => Math.ceil(millis / 1000)

const waited = ({ message }: SqlFailure, millis: number): Lost =>
  new Lost({ message: `${message} (waited ${secondsOf(millis)} seconds)` })

/** Logs each reason of the wait once. */
const teller = (url: string) => {
  const told = new Set<string>()
  return (failure: SqlFailure, left: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const { message } = unavailable(failure)
      if (told.has(message)) return Effect.void
      told.add(message)
      const seconds = secondsOf(left)
      return Effect.logWarning(`Waiting up to ${seconds} seconds for ${withoutPassword(url)}. ${message}`)
    })
}

/** Without `startMillis` there is one attempt, with the time limit of a call. */
export const waitingFor = (options: PostgresOptions): Effect.Effect<Waiting> =>
  Effect.map(Clock.Clock, (clock) => {
    const { startMillis = 0, timeoutMillis = 2000, url } = options
    const times = timesOf(timeoutMillis)
    const tell = teller(url)
    const millis = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
    const end = millis() + startMillis
    let isStarting = startMillis > 0
    const left = (): number => (isStarting ? Math.max(0, end - millis()) : 0)
    /** Not longer than the remaining wait, and not shorter than the limit of a call. */
    const atLeast = (least: number): number => Math.max(least, Math.min(slowMillis, left()))
    const eventually: Waiting["eventually"] = (work) =>
      Effect.catch(
        Effect.suspend(() => work(atLeast(times.read))),
        (failure) => {
          const rest = left()
          if (!isStarting || !passesWithTime(failure)) return Effect.fail(failure)
          if (rest === 0) return Effect.fail(waited(failure, startMillis))
          return Effect.andThen(tell(failure, rest), Effect.sleep(pauseMillis)).pipe(
            Effect.andThen(Effect.suspend(() => eventually(work)))
          )
        }
      )
    return {
      connectMillis: () => atLeast(times.connect),
      eventually,
      isWaiting: isStarting,
      end: () => {
        isStarting = false
      }
    }
  })
