/** A machine whose clock, uptime and boots are controlled by a test, and a service on it. */
import { Clock, Effect, Layer, ManagedRuntime } from "effect"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { Driver } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { Store } from "../../src/store/store.ts"
import { Timers } from "../../src/timers/timers.ts"
import { Uptime } from "../../src/timers/uptime.ts"

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
export const year = 365 * day

export interface Machine {
  /** Time passes, also on the machine's clock. */
  readonly pass: (millis: number) => void
  /** The machine is suspended: clock and uptime continue, the monotonic clock stands still. */
  readonly suspend: (millis: number) => void
  /** The machine is paused like a virtual machine: only the clock continues. */
  readonly set: (millis: number) => void
  /** The machine is off for some time, and boots again. */
  readonly reboot: (millis: number) => void
  readonly wall: () => number
  readonly clock: Clock.Clock
  readonly uptime: Layer.Layer<Uptime>
}

export const machineAt = (startAt: number, name = "boot"): Machine => {
  const at = { wall: startAt, steady: 1000.25, uptime: 5000.7, boot: 1 }
  const nanos = (): bigint => BigInt(Math.round(at.steady * 1e6))
  return {
    pass: (millis) => {
      at.wall += millis
      at.steady += millis
      at.uptime += millis
    },
    suspend: (millis) => {
      at.wall += millis
      at.uptime += millis
    },
    set: (millis) => {
      at.wall += millis
    },
    reboot: (millis) => {
      at.wall += millis
      at.steady = 0
      at.uptime = 0
      at.boot++
    },
    wall: () => at.wall,
    clock: {
      currentTimeMillisUnsafe: () => at.wall,
      currentTimeMillis: Effect.sync(() => at.wall),
      currentTimeNanosUnsafe: () => BigInt(at.wall) * 1_000_000n,
      currentTimeNanos: Effect.sync(() => BigInt(at.wall) * 1_000_000n),
      monotonicTimeNanosUnsafe: nanos,
      monotonicTimeNanos: Effect.sync(nanos),
      // Sleeping timers wait for the test to advance the machine, which wakes them.
      sleep: (duration) => Effect.sleep(duration).pipe(Effect.provideService(Clock.Clock, realClock))
    },
    uptime: Layer.sync(Uptime, () => ({
      boot: `${name} ${at.boot}`,
      millis: () => at.uptime,
      asleepMillis: () => at.uptime - at.steady
    }))
  }
}

const realClock = Effect.runSync(Clock.clockWith(Effect.succeed))

const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(7) } as const

/**
 * A service on the machine, in a directory or on a store that other machines use too. `settle` waits until the timers have
 * performed all due deadlines.
 */
export const serviceOn = async (machine: Machine, place: string | StoreDriver) => {
  const options =
    typeof place === "string"
      ? optionsOf({ directory: place }, { clock: "real" })
      : optionsOf(Layer.succeed(Driver, place), { clock: "real", rootKey })
  const engine = engineLayer({ ...options, uptime: machine.uptime })
  const runtime = ManagedRuntime.make(engine.pipe(Layer.provideMerge(Layer.succeed(Clock.Clock, machine.clock))))
  const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
  const store = await runtime.runPromise(Effect.flatMap(Store, Effect.succeed))
  const timers = await runtime.runPromise(Effect.flatMap(Timers, Effect.succeed))
  return {
    kms,
    store,
    run: <A>(effect: Effect.Effect<A, unknown>): Promise<A> => runtime.runPromise(Effect.orDie(effect)),
    settle: async (): Promise<void> => {
      do {
        timers.armed(Number.NEGATIVE_INFINITY)
        await new Promise((resume) => setTimeout(resume, 2))
      } while ((await runtime.runPromise(timers.overdue)) > 0)
    },
    close: () => runtime.dispose()
  }
}

export type Service = Awaited<ReturnType<typeof serviceOn>>
