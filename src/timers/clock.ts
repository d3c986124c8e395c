/** The lifecycle clock: real or virtual, with a position as durable as the keys. */
import { Context, Effect } from "effect"
import { formatInstant } from "../domain/time.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { Doubt, Mode } from "./trust.ts"

export type { Doubt } from "./trust.ts"

/** The position of a virtual clock: stopped at a time, or running at a fixed distance from real time. */
export type VirtualPosition =
  | { readonly mode: "frozen"; readonly at: number }
  | { readonly mode: "running"; readonly offsetMillis: number }

/** The decisions of a person about a real clock in doubt. */
export type Word = "confirm" | "reject"

export type ClockState =
  | {
      readonly kind: "real"
      readonly now: number
      readonly mode: Mode
      /** The time of the machine's own clock. */
      readonly machine: number
    }
  | ({
      readonly kind: "virtual"
      readonly now: number
    } & VirtualPosition)

export class LifecycleClock extends Context.Service<
  LifecycleClock,
  {
    /**
     * The present time in milliseconds. It goes back only if a person decides that a real clock's later time was wrong.
     */
    readonly now: () => number
    /** The latest deadline that an irreversible action may answer now: elapsed time alone has reached it. */
    readonly irreversibleUntil: () => number
    readonly state: () => ClockState
    /** Present on a virtual clock only. The position is durable before it is visible. */
    readonly move: ((position: VirtualPosition) => Effect.Effect<void, ServiceError>) | undefined
    /** Looks at the machine's clock, and makes the trusted time durable, so that the next start continues from it. */
    readonly mark: Effect.Effect<void>
    /** A jump of a real clock without a decision. People move a virtual clock, so it has none. */
    readonly doubt: () => Doubt | undefined
    /** A person decides which time is right. Durable when it returns. */
    readonly decide: (word: Word) => Effect.Effect<void, ServiceError>
    /** Called if something must be marked at once, or if another engine moved the clock. */
    readonly onChange: (wake: () => void) => void
  }
>()("keystate/timers/LifecycleClock") {}

const kindName = "clock.kind"
export const markName = "clock.mark"

/** A data directory keeps its kind of clock forever: a virtual position has no meaning in real time. */
export const claimKind = Effect.fn("LifecycleClock.claimKind")(function* (kind: "real" | "virtual") {
  const store = yield* Store
  const known = yield* orUnusable(store.metaOnce(kindName, kind))
  if (known !== kind) {
    return yield* new StoreUnusable({
      message: `This data directory uses a ${known} clock; start with --clock ${known}, or choose another directory.`
    })
  }
})

/** Tells an operator that the machine's clock was rejected and is still wrong. */
export const rejectedSentence = (machine: number): string =>
  `The machine's clock says ${formatInstant(machine)}, which was rejected. Lifecycle time follows elapsed time until ` +
  "the machine's clock is corrected."

/** Describes the jump, and what an operator can do about it. */
export const sentenceOf = ({ direction, from, to }: Doubt): string => {
  const jump = `The machine's clock jumped ${direction === "Forward" ? "forward" : "back"}`
  const advice =
    direction === "Forward"
      ? `If it is right, run \`keystate clock confirm\`. If it is wrong, correct it and run \`keystate clock reject\`.`
      : `If it is right, run \`keystate clock confirm\`: lifecycle time goes back. If it is wrong, correct it first.`
  return (
    `${jump}, from ${formatInstant(from)} to ${formatInstant(to)}. Until a person decides, lifecycle time follows ` +
    `elapsed time, and deletions and the expiry of material wait. ${advice}`
  )
}
