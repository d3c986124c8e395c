/** The lifecycle of an import session: a wrapping pair and its token, from issue to expiry. */
import { setup } from "xstate"
import type { SnapshotFrom } from "xstate"

/** User guide 4.3: a token lives 24 hours and may be used repeatedly within them. */
export const importTokenMillis = 24 * 3_600_000

/**
 * The number of wrong uses after which a token is blocked. An attacker with unlimited padding checks could recover the
 * material that another person wrapped.
 */
export const importFailuresMax = 16

export interface ImportSessionContext {
  readonly expiresAt: number
  readonly failures: number
}

export type ImportSessionEvent =
  /** The key accepted the unwrapped material. */
  | { readonly type: "MaterialTaken" }
  /** The encrypted material does not unwrap, has the wrong length, or is not the key's material. */
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
  // Must not fail and must be cheap, as in every machine: steps call it without input.
  context: ({ input }) => ({ ...input }),
  initial: "Issued",
  states: {
    Issued: {
      description: "The token may be used, any number of times.",
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
      description: "The token had too many wrong uses. It refuses all material, right or wrong.",
      on: { TokenExpired: { guard: "isPast", target: "Expired" } }
    },
    Expired: {
      description: "The 24 hours have passed and the wrapping key is erased.",
      type: "final"
    }
  }
})

export type ImportSessionSnapshot = SnapshotFrom<typeof importSessionMachine>
export type ImportSessionState = "Issued" | "Blocked" | "Expired"

/** The state of a stored session at a given time. */
export const importSessionState = (stored: ImportSessionContext, at: number): ImportSessionState => {
  const resting = importSessionMachine.resolveState({
    value: stored.failures >= importFailuresMax ? "Blocked" : "Issued",
    context: stored
  })
  return resting.can({ type: "TokenExpired", at }) ? "Expired" : resting.value
}
