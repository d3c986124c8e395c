/** Converts a failure of the store for a caller of the API, for a start, and for work that is retried. */
import { Effect } from "effect"
import { refuse } from "../domain/errors.ts"
import type { KmsError } from "../domain/errors.ts"
import { StoreDamaged, StoreUnavailable, StoreUnusable } from "./store.ts"
import type { StoreFailure } from "./store.ts"

/** The API error of a store failure. */
export type StoreRefusal = KmsError<"ServiceUnavailableTemporary"> | KmsError<"InternalFailure">

const advice = ({ outcome }: StoreUnavailable): string =>
  outcome === "Unknown"
    ? "It is not known whether the change was made; check the key before you try again."
    : "Nothing was changed; try again later."

export const refusalOf = (failure: StoreFailure): StoreRefusal =>
  failure._tag === "StoreUnavailable"
    ? refuse("ServiceUnavailableTemporary", { hint: `${failure.message} ${advice(failure)}` })
    : refuse("InternalFailure", {
        hint: `A stored row is damaged: ${failure.message}. Run \`keystate verify\`, and restore a backup.`
      })

const isStoreFailure = (failure: unknown): failure is StoreFailure =>
  failure instanceof StoreUnavailable || failure instanceof StoreDamaged

/** For a caller of the API: 503 with the cause, or 500 for a damaged row. */
export const orRefused = <A, E, R>(
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, StoreRefusal | Exclude<E, StoreFailure>, R> =>
  Effect.mapError(work, (failure) =>
    isStoreFailure(failure) ? refusalOf(failure) : (failure as Exclude<E, StoreFailure>)
  )

/** For a start that needs the store: it cannot be used. */
export const orUnusable = <A, E, R>(
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, StoreUnusable | Exclude<E, StoreFailure>, R> =>
  Effect.mapError(work, (failure) =>
    isStoreFailure(failure) ? new StoreUnusable({ message: failure.message }) : (failure as Exclude<E, StoreFailure>)
  )

/** For work that is retried anyway: logs a warning. */
export const orLater = <R>(what: string, work: Effect.Effect<void, StoreFailure, R>): Effect.Effect<void, never, R> =>
  Effect.catch(work, ({ message }) => Effect.logWarning(`${what} failed and is written later: ${message}`))
