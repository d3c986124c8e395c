/** A clock whose sleeps do not keep the process alive, for services that may end with the process. */
import { Clock, Context, Duration, Effect, Layer } from "effect"

/** The longest timer of the host, in milliseconds. */
const timerMillisMax = 2 ** 31 - 1

const idle = (clock: Clock.Clock): Clock.Clock => ({
  currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
  currentTimeMillis: clock.currentTimeMillis,
  currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
  currentTimeNanos: clock.currentTimeNanos,
  monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
  monotonicTimeNanos: clock.monotonicTimeNanos,
  sleep: (duration) => {
    const millis = Duration.toMillis(duration)
    if (millis <= 0 || millis > timerMillisMax) return clock.sleep(duration)
    return Effect.callback((resume) => {
      const timer = setTimeout(() => resume(Effect.void), millis)
      timer.unref()
      return Effect.sync(() => clearTimeout(timer))
    })
  }
})

/** A clock that a test installed stays in place. */
export const idleClockLayer: Layer.Layer<never> = Layer.effect(
  Clock.Clock,
  Effect.map(Clock.Clock, (clock) => (clock === Context.get(Context.empty(), Clock.Clock) ? idle(clock) : clock))
)
