/** Laws for authors of a store: the laws that our stores obey. */
import { Context, Effect, Layer } from "effect"
import type { Scope } from "effect"
import type { Driver, StoreUnusable } from "../../store/driver.ts"
import { storeLayer } from "../../store/makeStore.ts"
import { Store } from "../../store/store.ts"
import { lawsIn } from "../partLaws.ts"
import type { Law } from "../partLaws.ts"
import { accessLaws } from "./laws/access.ts"
import { aliasLaws } from "./laws/aliases.ts"
import { clockLaws } from "./laws/clock.ts"
import { failureLaws } from "./laws/failures.ts"
import { handleLaws } from "./laws/handles.ts"
import { historyLaws } from "./laws/history.ts"
import { keyLaws } from "./laws/keys.ts"
import { listLaws } from "./laws/lists.ts"
import { materialLaws } from "./laws/material.ts"
import { sharingLaws } from "./laws/proof.ts"
import type { MakeDriver, StoreSwitches } from "./switches.ts"

export { checkLaws, outcomesText } from "../partLaws.ts"
export type { CheckOptions, Law, LawOutcome } from "../partLaws.ts"
export type { FailingStore, MakeDriver, Place, StoreSwitches } from "./switches.ts"

const parts = {
  keys: keyLaws,
  material: materialLaws,
  clock: clockLaws,
  aliases: aliasLaws,
  lists: listLaws,
  history: historyLaws,
  access: accessLaws
} as const

/**
 * The laws of every store. `makeDriver` makes an empty store for each law. With `switches`, the laws also close and
 * reopen stores, and make them fail.
 */
export const storeLaws = (makeDriver: MakeDriver, switches: StoreSwitches = {}): ReadonlyArray<Law> => [
  ...Object.entries(parts).flatMap(([title, state]) =>
    lawsIn(title, ({ it }) =>
      state((sentence, body) =>
        it.effect(sentence, () =>
          Effect.scoped(Effect.provide(body, Layer.provideMerge(storeLayer, makeDriver()), { local: true }))
        )
      )
    )
  ),
  ...lawsIn("failures", ({ it }) =>
    failureLaws((sentence, body) => it.effect(sentence, () => body), makeDriver, switches)
  )
]

const opened = (
  driver: Layer.Layer<Driver, StoreUnusable>
): Effect.Effect<Store["Service"], StoreUnusable, Scope.Scope> =>
  Effect.map(Layer.build(Layer.fresh(Layer.provide(storeLayer, driver))), (context) => Context.get(context, Store))

/**
 * Additional laws of a store that several processes use at once. `makeHandles` makes an empty store for each law, and
 * returns a function that opens a handle on it.
 */
export const sharedStoreLaws = (makeHandles: () => Effect.Effect<MakeDriver>): ReadonlyArray<Law> =>
  Object.entries({ handles: handleLaws, proof: sharingLaws }).flatMap(([title, state]) =>
    lawsIn(title, ({ it }) =>
      state((sentence, body) =>
        it.effect(sentence, () =>
          Effect.scoped(
            Effect.gen(function* () {
              const open = yield* makeHandles()
              const one = yield* opened(open())
              const two = yield* opened(open())
              yield* body(one, two)
            })
          )
        )
      )
    )
  )
