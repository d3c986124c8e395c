/** Reads a machine's clock together with a counter of elapsed time, and the newest time in the data. */
import { Clock, Effect } from "effect"
import { Proofs } from "../proof/proofs.ts"
import { DamagedLine, entryOf } from "../records/auditLine.ts"
import { Store } from "../store/store.ts"
import type { StoreUnusable } from "../store/store.ts"
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

/**
 * The uptime of an engine that uses the store's clock counts a suspension once the store has confirmed it. The engine's
 * reading of that clock stands still during a suspension, until the store answers. If the counter went on, the clock would
 * seem to go back.
 */
const confirmedUptime = (
  { steadyMillis, wall }: Pick<Looks, "steadyMillis" | "wall">,
  { asleepMillis, boot, millis }: Uptime["Service"],
  { onAnswer }: Proofs["Service"]
): Uptime["Service"] => {
  let counted = asleepMillis()
  let last = { now: wall(), at: steadyMillis() }
  onAnswer(({ now }) => {
    const at = steadyMillis()
    // An answer that the store gave before the suspension tells of none.
    const told = now - last.now - (at - last.at)
    counted += Math.max(0, Math.min(told, asleepMillis() - counted))
    last = { now, at }
  })
  return {
    boot,
    millis: () => Math.round(millis() - (asleepMillis() - counted)),
    asleepMillis: () => counted
  }
}

/** Engines that share a store use the store's clock in place of the machine's: it is the same for all of them. */
export const makeLooks: Effect.Effect<Looks, StoreUnusable, Proofs | Uptime> = Effect.gen(function* () {
  const clock = yield* Clock.Clock
  const proofs = yield* Proofs
  const { storeTime } = proofs
  const wall = storeTime ?? ((): number => clock.currentTimeMillisUnsafe())
  const uptime = yield* Uptime
  const steadyMillis = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  const counted = storeTime === undefined ? uptime : confirmedUptime({ steadyMillis, wall }, uptime, proofs)
  // The machine may have been suspended since the first answer.
  if (proofs.ask !== undefined) yield* orUnusable(proofs.ask({ rows: [] }))
  return {
    uptime: counted,
    wall,
    steadyMillis,
    look: (): Look => ({ wall: wall(), elapsed: steadyMillis() + counted.asleepMillis() })
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
