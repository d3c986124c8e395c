/** The outcomes of a provider: a value, or one of four failures without details. */
import { Effect } from "effect"
import { CryptoFailed } from "./provider.ts"

export const rejected = Effect.fail(new CryptoFailed({ reason: "Rejected" }))
export const unavailable = Effect.fail(new CryptoFailed({ reason: "Unavailable" }))
export const exhausted = Effect.fail(new CryptoFailed({ reason: "Exhausted" }))
export const unsupportedSpec = Effect.fail(new CryptoFailed({ reason: "UnsupportedSpec" }))

/** The value if there is one. */
export const orElse = <A>(
  value: A | undefined,
  failure: Effect.Effect<never, CryptoFailed>
): Effect.Effect<A, CryptoFailed> => (value === undefined ? failure : Effect.succeed(value))

/** Uses a secret, and wipes it after success and failure. */
export const wiping = <A>(secret: Uint8Array, use: () => A): A => {
  try {
    return use()
  } finally {
    secret.fill(0)
  }
}

/** The same for an effect that uses the secret; also after an interruption. */
export const wipingAfter = <A, E>(secret: Uint8Array, use: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.ensuring(
    use,
    Effect.sync(() => secret.fill(0))
  )
