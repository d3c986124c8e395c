/** Counts the sealed messages of each version in a token, in blocks that are durable before their use. */
import { Effect, Semaphore } from "effect"
import { runNow } from "../../../platform/runNow.ts"
import { exhausted } from "../../outcomes.ts"
import type { CryptoFailed, MaterialRow } from "../../provider.ts"

/**
 * With random 96-bit IVs a key seals up to 2^32 messages (SP 800-38D, section 8.3). Tokens seal under the key itself,
 * so the limit applies here; a tenth is a safety margin.
 */
export const invocationsMaxDefault = Math.floor(0.9 * 2 ** 32)

/**
 * The first block is small and each further one twice as large. So a restart discards at most about as many counts as
 * were used before.
 */
const blockMin = 2 ** 10
const blockMax = 2 ** 20

/** Reserves up to `count` more messages of a version, fewer near `limit`. Durable when it returns. */
export type Reserve = (request: {
  readonly row: MaterialRow
  readonly count: number
  readonly limit: number
}) => Effect.Effect<number, CryptoFailed>

export interface Invocations {
  /** Counts one message when this is called; fails at the limit. */
  readonly take: (row: MaterialRow) => Effect.Effect<void, CryptoFailed>
}

export const makeInvocations = (reserve: Reserve, limit: number): Invocations => {
  const counts = new Map<string, { left: number; block: number; readonly turn: Semaphore.Semaphore }>()
  return {
    take: (row) =>
      runNow(() => {
        const known = counts.get(row.keyVersionId)
        const count = known ?? { left: 0, block: blockMin, turn: Semaphore.makeUnsafe(1) }
        if (known === undefined) counts.set(row.keyVersionId, count)
        const takeOne = (): boolean => count.left-- > 0 || ((count.left = 0), false)
        if (takeOne()) return Effect.void
        return Effect.gen(function* () {
          // Another waiting call may have reserved counts for all.
          if (takeOne()) return undefined
          count.left = yield* reserve({ row, count: count.block, limit })
          count.block = Math.min(2 * count.block, blockMax)
          return takeOne() ? undefined : yield* exhausted
        }).pipe(count.turn.withPermit)
      })
  }
}
