/** The uptime of the machine: a counter that cannot be set and also counts while the machine is suspended. */
import { readFileSync } from "node:fs"
import { uptime } from "node:os"
import { hrtime } from "node:process"
import { Context, Layer } from "effect"

export class Uptime extends Context.Service<
  Uptime,
  {
    /** The id of this boot of the machine; undefined if the system has none. */
    readonly boot: string | undefined
    /** Whole milliseconds since the machine started, including suspension. */
    readonly millis: () => number
    /** Milliseconds of suspension from an arbitrary origin: only differences have a meaning. */
    readonly asleepMillis: () => number
  }
>()("keystate/timers/Uptime") {
  /** The machine's own. On Linux `uptime` counts suspension and `hrtime` does not (clock_gettime(2)). */
  static readonly layerMachine = Layer.sync(Uptime, () => ({
    boot: bootName(),
    millis: uptimeMillis,
    asleepMillis: () => uptimeMillis() - Number(hrtime.bigint()) / 1e6
  }))

  /** A machine that reports nothing: runs share no counter, and suspension looks like a jump. */
  static readonly layerNone = Layer.succeed(Uptime, { boot: undefined, millis: () => 0, asleepMillis: () => 0 })
}

/** Whole milliseconds: a product of hundredths of a second and 1000 may have a fraction. */
const uptimeMillis = (): number => Math.round(uptime() * 1000)

const bootIdFile = "/proc/sys/kernel/random/boot_id"

const bootName = (): string | undefined => {
  try {
    return readFileSync(bootIdFile, "utf8").trim()
  } catch {
    return undefined
  }
}
