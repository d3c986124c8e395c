/** What the parts of the token's provider share. */
import { Effect } from "effect"
import type { HealthyRandomness } from "../../healthyRandomness.ts"
import { rejected, unavailable } from "../../outcomes.ts"
import type { Primitives } from "../../primitives.ts"
import type { CryptoFailed, KeyHandle } from "../../provider.ts"
import type { RootKey } from "../../seal.ts"
import type { Invocations } from "./invocations.ts"
import type { CallFailed, Call } from "../pool/pool.ts"
import type { Abilities, ObjectName } from "../protocol.ts"
import type { PublicHalf } from "./publicHalf.ts"

/** What is known of a version that was opened. No session is part of it: a token may go and come back meanwhile. */
export interface Opened {
  readonly name: ObjectName
  /** Of a pair. */
  readonly publicHalf: PublicHalf | undefined
  /** How every blob of a symmetric version begins. */
  readonly address: Uint8Array | undefined
}

export interface ProviderContext {
  readonly call: Call
  readonly abilities: Abilities
  /** The store's own word, part of every label. */
  readonly tag: string
  readonly rootKey: RootKey
  readonly random: HealthyRandomness
  /** For what is public, and happens on this side. */
  readonly primitives: Primitives
  readonly invocations: Invocations
  readonly opened: WeakMap<KeyHandle, Opened>
  /** Labels of what was unwrapped and is not in the store yet. */
  readonly unsettled: Set<string>
}

/** Only what was given may be told to be wrong; a token that fails, and an object that is lost, are the service's. */
export const toCryptoFailed = <A>(call: Effect.Effect<A, CallFailed>): Effect.Effect<A, CryptoFailed> =>
  Effect.catch(call, ({ failure, detail }) =>
    failure === "Rejected"
      ? rejected
      : Effect.andThen(
          failure === "Missing" ? Effect.logError(`the token does not have what it should: ${detail}`) : Effect.void,
          unavailable
        )
  )

export const openedBy = ({ opened }: ProviderContext, handle: KeyHandle): Opened => {
  const found = opened.get(handle)
  if (found === undefined) throw new Error("a handle is used by the provider that opened it, until it is closed")
  return found
}
