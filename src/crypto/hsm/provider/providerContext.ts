/** Shared by the parts of the token's provider. */
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

/** The data of an opened version. It includes no session, because a token may disconnect and return. */
export interface Opened {
  readonly name: ObjectName
  /** For key pairs only. */
  readonly publicHalf: PublicHalf | undefined
  /** The first bytes of every blob of a symmetric version. */
  readonly address: Uint8Array | undefined
}

export interface ProviderContext {
  readonly call: Call
  readonly abilities: Abilities
  /** The tag of the store, part of every label. */
  readonly tag: string
  readonly rootKey: RootKey
  readonly random: HealthyRandomness
  /** For public operations in this process. */
  readonly primitives: Primitives
  readonly invocations: Invocations
  readonly opened: WeakMap<KeyHandle, Opened>
  /** Labels of unwrapped keys that are not in the store yet. */
  readonly unsettled: Set<string>
}

/** Only the input may be reported as wrong; a failed token or a lost object is a fault of the service. */
export const toCryptoFailed = <A>(call: Effect.Effect<A, CallFailed>): Effect.Effect<A, CryptoFailed> =>
  Effect.catch(call, ({ failure, detail }) =>
    failure === "Rejected"
      ? rejected
      : Effect.andThen(
          failure === "Missing" ? Effect.logError(`the token lacks an expected object: ${detail}`) : Effect.void,
          unavailable
        )
  )

export const openedBy = ({ opened }: ProviderContext, handle: KeyHandle): Opened => {
  const found = opened.get(handle)
  if (found === undefined) throw new Error("a handle must be open, and belong to the provider that opened it")
  return found
}
