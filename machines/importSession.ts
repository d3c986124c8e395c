/** The life of an import session: a wrapping pair and the token that goes with it, from issue to expiry. */
import { setup } from "xstate"
import type { SnapshotFrom } from "xstate"

/** User guide 4.3: a token lives 24 hours and may be used repeatedly within them. */
export const importTokenMillis = 24 * 3_600_000

/**
 * Wrong uses a token takes. An attacker who could ask without end whether a padding holds would learn the material
 * somebody else wrapped; after this many tries the token says no to everything.
 */
export const importFailuresMax = 16

export interface ImportSessionContext {
  readonly expiresAt: number
  readonly failures: number
}

export type ImportSessionEvent =
  /** Material was unwrapped and taken by the key. */
  | { readonly type: "MaterialTaken" }
  /** What was sent does not unwrap, has the wrong length, or is not the key's material. */
  | { readonly type: "MaterialRefused" }
  | { readonly type: "TokenExpired"; readonly at: number }

const session = setup({
  types: {} as { context: ImportSessionContext; events: ImportSessionEvent; input: ImportSessionContext },
  guards: {
    isLastFailure: ({ context }) => context.failures + 1 >= importFailuresMax,
    isUsedUp: ({ context }) => context.failures >= importFailuresMax,
    isPast: ({ context, event }) => event.type === "TokenExpired" && event.at >= context.expiresAt
  }
})

const countFailure = session.assign({ failures: ({ context }) => context.failures + 1 })

export const importSessionMachine = session.createMachine({
  id: "importSession",
  // Total and cheap, as for every machine: steps call it again without input.
  context: ({ input }) => ({ ...input }),
  initial: "Issued",
  states: {
    Issued: {
      description: "The token may be used, again and again.",
      always: { guard: "isUsedUp", target: "Blocked" },
      on: {
        MaterialTaken: { target: "Issued" },
        MaterialRefused: [
          { guard: "isLastFailure", target: "Blocked", actions: countFailure },
          { target: "Issued", actions: countFailure }
        ],
        TokenExpired: { guard: "isPast", target: "Expired" }
      }
    },
    Blocked: {
      description: "Used wrongly too often: the token refuses everything, right or wrong.",
      on: { TokenExpired: { guard: "isPast", target: "Expired" } }
    },
    Expired: {
      description: "The day is over: the wrapping key is erased.",
      type: "final"
    }
  }
})

export type ImportSessionSnapshot = SnapshotFrom<typeof importSessionMachine>
export type ImportSessionState = "Issued" | "Blocked" | "Expired"

/** The state a stored session is in at an instant. */
export const importSessionState = (stored: ImportSessionContext, at: number): ImportSessionState => {
  const resting = importSessionMachine.resolveState({
    value: stored.failures >= importFailuresMax ? "Blocked" : "Issued",
    context: stored
  })
  return resting.can({ type: "TokenExpired", at }) ? "Expired" : resting.value
}
