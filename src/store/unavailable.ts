/** What a store that cannot write means to those who asked it. */
import { Effect } from "effect"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { StoreUnavailable, StoreUnusable } from "./store.ts"

export const refusalOf = ({ message }: StoreUnavailable): AnyKmsError =>
  refuse("ServiceUnavailableTemporary", { hint: `${message} Nothing was changed; try again later.` })

const isUnavailable = (failure: unknown): failure is StoreUnavailable => failure instanceof StoreUnavailable

/** To a caller of the API: 503 with the cause. */
export const orRefused = <A, E, R>(
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, AnyKmsError | Exclude<E, StoreUnavailable>, R> =>
  Effect.mapError(work, (failure) =>
    isUnavailable(failure) ? refusalOf(failure) : (failure as Exclude<E, StoreUnavailable>)
  )

/** To a start that cannot do without the write. */
export const orUnusable = <A, E, R>(
  work: Effect.Effect<A, E, R>
): Effect.Effect<A, StoreUnusable | Exclude<E, StoreUnavailable>, R> =>
  Effect.mapError(work, (failure) =>
    isUnavailable(failure) ? new StoreUnusable({ message: failure.message }) : (failure as Exclude<E, StoreUnavailable>)
  )

/** To what is tried again anyway: a warning. */
export const orLater = <R>(
  what: string,
  work: Effect.Effect<void, StoreUnavailable, R>
): Effect.Effect<void, never, R> =>
  Effect.catchTag(work, "StoreUnavailable", ({ message }) => Effect.logWarning(`${what} is written later: ${message}`))
