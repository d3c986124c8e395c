/** The clock by which temporary credentials expire: real time, or the lifecycle clock for tests that must move it. */
import { Clock, Context, Effect, Layer } from "effect"
import { LifecycleClock } from "./clock.ts"

export type SessionClock = "real" | "lifecycle"

export interface SessionTimes {
  /**
   * The clock of new credentials. Each token names its own clock, so that a changed setting does not affect issued
   * ones.
   */
  readonly issuedBy: SessionClock
  readonly lifecycleNow: () => number
}

/** Real time, unless the composition root selects the other. */
export const SessionTime: Context.Reference<SessionTimes> = Context.Reference("keystate/timers/SessionTime", {
  defaultValue: (): SessionTimes => ({ issuedBy: "real", lifecycleNow: () => Number.POSITIVE_INFINITY })
})

export const sessionTimeLayer = (issuedBy: SessionClock): Layer.Layer<never, never, LifecycleClock> =>
  Layer.effect(
    SessionTime,
    Effect.map(LifecycleClock, (clock) => ({ issuedBy, lifecycleNow: clock.now }))
  )

/** The present time for new credentials, and the name of its clock for their token. */
export const issuedBy = ({ issuedBy, lifecycleNow }: SessionTimes) =>
  issuedBy === "lifecycle"
    ? Effect.succeed({ now: lifecycleNow(), clock: { clock: "lifecycle" as const } })
    : Effect.map(Clock.currentTimeMillis, (now) => ({ now, clock: {} }))
