/** A turn of engines that share a store and start with seeds: each sees the keys that the previous one created. */
import { Effect } from "effect"
import type { Scope } from "effect"
import { Randomness } from "../platform/services.ts"
import type { SharedAbility } from "../store/driver.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { orUnusable } from "../store/unavailable.ts"

const turnName = "seed.turn"
/** A turn ends if it is not renewed for this long by the store's clock: its engine has ended. */
const turnMillis = 30_000
const lookEvery = "100 millis"
const free = ""

/** `renew` is called before each write. It fails if the turn has ended. */
export interface SeedTurn {
  readonly renew: Effect.Effect<void, StoreUnusable>
}

const endOf = (value: string): number => Number(value.split(" ")[1])

const lost = new StoreUnusable({
  message: "Another server took over the seed, because this one did not report for 30 seconds. Start this one again."
})

const sharedTurn = ({
  prove
}: SharedAbility): Effect.Effect<SeedTurn, StoreUnusable, Store | Randomness | Scope.Scope> =>
  Effect.gen(function* () {
    const store = yield* Store
    const { uuid } = yield* Randomness
    const id = uuid()
    const now = Effect.map(prove({ rows: [], nonces: [] }), (answer) => answer.now)
    let mine = free
    const moveTo = (from: string | undefined, to: string) =>
      Effect.tap(store.moveMeta({ name: turnName, from, to }), () =>
        Effect.sync(() => {
          mine = to
        })
      )
    const take = Effect.gen(function* () {
      const held = yield* store.meta(turnName)
      const instant = yield* now
      if (held !== undefined && held !== free && endOf(held) > instant) return false
      yield* moveTo(held, `${id} ${instant + turnMillis}`)
      return true
    }).pipe(Effect.catchTag("StoreConflict", () => Effect.succeed(false)))
    const wait: Effect.Effect<void, StoreUnusable> = Effect.flatMap(orUnusable(take), (isTaken) =>
      isTaken ? Effect.void : Effect.andThen(Effect.sleep(lookEvery), wait)
    )
    yield* Effect.acquireRelease(wait, () => Effect.ignore(Effect.suspend(() => moveTo(mine, free))), {
      interruptible: true
    })
    const renew = Effect.flatMap(now, (instant) => moveTo(mine, `${id} ${instant + turnMillis}`)).pipe(
      Effect.catchTag("StoreConflict", () => Effect.fail(lost)),
      orUnusable
    )
    return { renew }
  })

const alone: SeedTurn = { renew: Effect.void }

/** Waits until no other engine applies a seed. The turn ends with the scope. */
export const seedTurn: Effect.Effect<SeedTurn, StoreUnusable, Store | Randomness | Scope.Scope> = Effect.flatMap(
  Effect.service(Store),
  ({ shared }) => (shared === undefined ? Effect.succeed(alone) : sharedTurn(shared))
)
