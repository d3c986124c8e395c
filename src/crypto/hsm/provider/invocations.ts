/** How many messages each version in a token has sealed: counted ahead, in blocks that are durable before they are used. */
import { Effect, Semaphore } from "effect"
import { runNow } from "../../../platform/runNow.ts"
import { exhausted } from "../../outcomes.ts"
import type { CryptoFailed, MaterialRow } from "../../provider.ts"

/**
 * With random 96-bit IVs a key seals up to 2^32 messages (SP 800-38D, section 8.3). Tokens seal under the key itself, so
 * the limit binds here; a tenth is left for what nobody thought of.
 */
export const invocationsMaxDefault = Math.floor(0.9 * 2 ** 32)

/**
 * The first block is small and each further one twice as large: what a restart throws away of the last block is never
 * much more than what was used of those before.
 */
const blockMin = 2 ** 10
const blockMax = 2 ** 20

/** Grants up to `count` more of a version, fewer where `limit` would be passed. Durable when it returns. */
export type Reserve = (request: {
  readonly row: MaterialRow
  readonly count: number
  readonly limit: number
}) => Effect.Effect<number, CryptoFailed>

export interface Invocations {
  /** One message more, counted when this is called; fails once there may be no more. */
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
          // Somebody who was waiting before may have filled the count for all.
          if (takeOne()) return undefined
          count.left = yield* reserve({ row, count: count.block, limit })
          count.block = Math.min(2 * count.block, blockMax)
          return takeOne() ? undefined : yield* exhausted
        }).pipe(count.turn.withPermit)
      })
  }
}
