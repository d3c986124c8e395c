/** The elapsed time of this machine, by both of its clocks. */
import { Clock, Effect } from "effect"
import type { EnvelopeClock } from "./dataKeys.ts"

/** The two clocks of the machine, in milliseconds. */
export interface MachineClocks {
  /** Stands still while the machine is suspended. */
  readonly steady: () => number
  /** Can be set. */
  readonly wall: () => number
}

/**
 * The larger of what both clocks count: a suspended machine and a wall clock that jumps ahead end a key early, never late.
 */
export const elapsedBy = ({ steady, wall }: MachineClocks): (() => number) => {
  let elapsed = 0
  let seen = { steady: steady(), wall: wall() }
  return () => {
    const now = { steady: steady(), wall: wall() }
    elapsed += Math.max(0, now.steady - seen.steady, now.wall - seen.wall)
    seen = now
    return elapsed
  }
}

const wallOf = (clock: Clock.Clock) => (): number => clock.currentTimeMillisUnsafe()

/** A clock whose timers do not keep the process alive. */
export const systemClock = (): EnvelopeClock => ({
  now: elapsedBy({ steady: () => performance.now(), wall: wallOf(Effect.runSync(Clock.Clock)) }),
  after: (millis, run) => {
    const timer = setTimeout(run, millis)
    timer.unref()
    return () => clearTimeout(timer)
  }
})
