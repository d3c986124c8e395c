/** How a provider answers: with what it was asked for, or with one of four failures that tell nothing more. */
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

/** Uses a secret, and zeroes it whatever happens. */
export const wiping = <A>(secret: Uint8Array, use: () => A): A => {
  try {
    return use()
  } finally {
    secret.fill(0)
  }
}
