/** Reads a machine's clock together with a counter of elapsed time, and the newest time in the data. */
import { Clock, Effect } from "effect"
import { Proofs } from "../proof/proofs.ts"
import { DamagedLine, entryOf } from "../records/auditLine.ts"
import { Store } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"
import type { Look, Resumed } from "./trust.ts"
import { Uptime } from "./uptime.ts"

export interface Looks {
  readonly uptime: Uptime["Service"]
  /** Milliseconds since 1970 by the machine's clock. */
  readonly wall: () => number
  /** A counter of elapsed time, milliseconds. */
  readonly steadyMillis: () => number
  readonly look: () => Look
}

/** Engines that share a store use the store's clock in place of the machine's: it is the same for all of them. */
export const makeLooks: Effect.Effect<Looks, never, Proofs | Uptime> = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const { storeTime } = yield* Proofs
  const wall = storeTime ?? ((): number => clock.currentTimeMillisUnsafe())
  const uptime = yield* Uptime
  const steadyMillis = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  return {
    uptime,
    wall,
    steadyMillis,
    look: (): Look => ({ wall: wall(), elapsed: steadyMillis() + uptime.asleepMillis() })
  }
})

/**
 * The newest time in the data. Every change commits its audit line in its own transaction, so this is as durable as the
 * changes themselves, at no extra cost.
 */
export const newestInstant = Effect.gen(function* () {
  const store = yield* Store
  const [last] = yield* store.auditSegmentsBefore({ beforeSeq: Number.MAX_SAFE_INTEGER, limit: 1 })
  return last === undefined ? undefined : entryOf({ seq: last.seq, line: last.lines.length }, last.lines).at
}).pipe(
  // `verify` reports a damaged log.
  Effect.catchTag("StoreDamaged", () => Effect.succeed(undefined)),
  Effect.catchDefect((defect) => (defect instanceof DamagedLine ? Effect.succeed(undefined) : Effect.die(defect))),
  orUnusable
)

/** The first look of a run. */
export const firstLook = ({ look, uptime }: Looks, recorded: number | undefined): Resumed => ({
  ...look(),
  boot: uptime.boot,
  uptime: uptime.millis(),
  recorded
})
