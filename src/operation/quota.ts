/** Quotas of an account in a region: what is being made counts as if it were there already. */
import { Effect } from "effect"
import type { ServiceError } from "../domain/errorGroups.ts"
import { refuse } from "../domain/errors.ts"
import type { ErrorOf } from "../domain/errors.ts"
import type { Call, World } from "./operation.ts"

export interface Quota {
  readonly of: "keys" | "aliases"
  readonly maximum: number
  readonly count: Effect.Effect<number, ServiceError>
}

/** How many are being made at this moment, by world and quota. */
const making = new WeakMap<World, Map<string, number>>()

const underWay = (world: World): Map<string, number> => {
  const known = making.get(world)
  if (known !== undefined) return known
  const fresh = new Map<string, number>()
  making.set(world, fresh)
  return fresh
}

/** Makes one more, unless that would be one too many. */
export const withinQuota = <A, E>(
  { realm, world }: Call,
  quota: Quota,
  make: Effect.Effect<A, E>
): Effect.Effect<A, E | ErrorOf<"Rejected.LimitExceeded"> | ServiceError> =>
  Effect.gen(function* () {
    const name = `${quota.of} ${realm.account} ${realm.region}`
    const counts = underWay(world)
    const others = counts.get(name) ?? 0
    counts.set(name, others + 1)
    const leave = Effect.sync(() => counts.set(name, (counts.get(name) ?? 1) - 1))
    return yield* Effect.gen(function* () {
      if ((yield* quota.count) + others < quota.maximum) return yield* make
      return yield* refuse("Rejected.LimitExceeded", {
        hint: `An account has at most ${quota.maximum} ${quota.of} in a region.`
      })
    }).pipe(Effect.ensuring(leave))
  })
