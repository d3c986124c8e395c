/** How long the machine has run: a counter that cannot be set and counts while the machine is suspended. */
import { readFileSync } from "node:fs"
import { uptime } from "node:os"
import { hrtime } from "node:process"
import { Context, Layer } from "effect"

export class Uptime extends Context.Service<
  Uptime,
  {
    /** Names this run of the machine; undefined where the system has no name for it. */
    readonly boot: string | undefined
    /** Whole milliseconds since the machine started, those in which it was suspended included. */
    readonly millis: () => number
    /** Milliseconds in which the machine was suspended, from an origin of its own: only differences mean something. */
    readonly asleepMillis: () => number
  }
>()("keystate/timers/Uptime") {
  /** The machine's own. On Linux `uptime` counts suspension and `hrtime` does not (clock_gettime(2)). */
  static readonly layerMachine = Layer.sync(Uptime, () => ({
    boot: bootName(),
    millis: uptimeMillis,
    asleepMillis: () => uptimeMillis() - Number(hrtime.bigint()) / 1e6
  }))

  /** A machine that tells nothing: every run stands alone, and suspension looks like a jump. */
  static readonly layerNone = Layer.succeed(Uptime, { boot: undefined, millis: () => 0, asleepMillis: () => 0 })
}

/** Whole milliseconds: a product of hundredths of a second and 1000 need not be one. */
const uptimeMillis = (): number => Math.round(uptime() * 1000)

const bootIdFile = "/proc/sys/kernel/random/boot_id"

const bootName = (): string | undefined => {
  try {
    return readFileSync(bootIdFile, "utf8").trim()
  } catch {
    return undefined
  }
}
