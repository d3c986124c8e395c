/** The lifecycle clock: real or virtual, its position as durable as the keys. */
import { Context, Effect } from "effect"
import { formatInstant } from "../domain/time.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { Doubt, Mode } from "./trust.ts"

export type { Doubt } from "./trust.ts"

/** Where a virtual clock stands: stopped at an instant, or running a fixed distance from real time. */
export type VirtualPosition =
  | { readonly mode: "frozen"; readonly at: number }
  | { readonly mode: "running"; readonly offsetMillis: number }

/** What a person may say about a real clock in doubt. */
export type Word = "confirm" | "reject"

export type ClockState =
  | {
      readonly kind: "real"
      readonly now: number
      readonly mode: Mode
      /** What the machine's own clock says. */
      readonly machine: number
    }
  | ({
      readonly kind: "virtual"
      readonly now: number
    } & VirtualPosition)

export class LifecycleClock extends Context.Service<
  LifecycleClock,
  {
    /** Effective now in milliseconds. It goes back only when a person says that a real clock's later time was wrong. */
    readonly now: () => number
    /** The latest deadline that an irreversible act may answer now: elapsed time alone has come to it. */
    readonly irreversibleUntil: () => number
    readonly state: () => ClockState
    /** Present on a virtual clock only. The position is durable before it is visible. */
    readonly move: ((position: VirtualPosition) => Effect.Effect<void, ServiceError>) | undefined
    /** Looks at the machine's clock, and makes durable what is trusted, so that the next start goes on from it. */
    readonly mark: Effect.Effect<void>
    /** A jump of a real clock that no person has decided on. A virtual clock is moved by people: it has none. */
    readonly doubt: () => Doubt | undefined
    /** A person decides which time is right; durable when it returns. */
    readonly decide: (word: Word) => Effect.Effect<void, ServiceError>
    /** Called when there is something to mark at once, or when another engine moved the clock. */
    readonly onChange: (wake: () => void) => void
  }
>()("keystate/timers/LifecycleClock") {}

const kindName = "clock.kind"
export const markName = "clock.mark"

/** A data directory belongs to one kind of clock for life: a virtual position means nothing in real time. */
export const claimKind = Effect.fn("LifecycleClock.claimKind")(function* (kind: "real" | "virtual") {
  const store = yield* Store
  const known = yield* orUnusable(store.metaOnce(kindName, kind))
  if (known !== kind) {
    return yield* new StoreUnusable({
      message: `This data directory lives on a ${known} clock; start with --clock ${known}, or choose another directory.`
    })
  }
})

/** What an operator should know of a machine's clock that was rejected and has not been set right. */
export const rejectedSentence = (machine: number): string =>
  `The machine's clock says ${formatInstant(machine)}, which was rejected. Lifecycle time goes on by elapsed time until ` +
  "the machine's clock is set right."

/** What happened, and what an operator can do about it. */
export const sentenceOf = ({ direction, from, to }: Doubt): string => {
  const jump = `The machine's clock jumped ${direction === "Forward" ? "forward" : "back"}`
  const advice =
    direction === "Forward"
      ? `If it is right, run \`keystate clock confirm\`. If it is wrong, set it right and run \`keystate clock reject\`.`
      : `If it is right, run \`keystate clock confirm\`: lifecycle time goes back. If it is wrong, set it right first.`
  return (
    `${jump}, from ${formatInstant(from)} to ${formatInstant(to)}. Until a person decides, lifecycle time goes on by ` +
    `elapsed time, and deletions and the expiry of material wait. ${advice}`
  )
}
