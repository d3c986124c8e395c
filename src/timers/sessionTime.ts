/** Which clock temporary credentials expire by: real time, or the lifecycle clock where a test has to move it. */
import { Clock, Context, Effect, Layer } from "effect"
import { LifecycleClock } from "./clock.ts"

export type SessionClock = "real" | "lifecycle"

export interface SessionTimes {
  /** The clock that new credentials expire by. Each token names its own, so that a changed setting spares issued ones. */
  readonly issuedBy: SessionClock
  readonly lifecycleNow: () => number
}

/** Real time, unless the composition root says otherwise. */
export const SessionTime: Context.Reference<SessionTimes> = Context.Reference("keystate/timers/SessionTime", {
  defaultValue: (): SessionTimes => ({ issuedBy: "real", lifecycleNow: () => Number.POSITIVE_INFINITY })
})

export const sessionTimeLayer = (issuedBy: SessionClock): Layer.Layer<never, never, LifecycleClock> =>
  Layer.effect(
    SessionTime,
    Effect.map(LifecycleClock, (clock) => ({ issuedBy, lifecycleNow: clock.now }))
  )

/** The present of new credentials, and what their token says of its clock. */
export const issuedBy = ({ issuedBy, lifecycleNow }: SessionTimes) =>
  issuedBy === "lifecycle"
    ? Effect.succeed({ now: lifecycleNow(), clock: { clock: "lifecycle" as const } })
    : Effect.map(Clock.currentTimeMillis, (now) => ({ now, clock: {} }))
