/** Laws for whoever writes a store: the same that ours keep. */
import { Effect, Layer } from "effect"
import type { Driver, StoreUnusable } from "../../store/driver.ts"
import { storeLayer } from "../../store/makeStore.ts"
import { lawsIn } from "../book.ts"
import type { Law } from "../book.ts"
import { accessLaws } from "./laws/access.ts"
import { aliasLaws } from "./laws/aliases.ts"
import { clockLaws } from "./laws/clock.ts"
import { historyLaws } from "./laws/history.ts"
import { keyLaws } from "./laws/keys.ts"
import { listLaws } from "./laws/lists.ts"
import { materialLaws } from "./laws/material.ts"

export { checkLaws, outcomesText } from "../book.ts"
export type { CheckOptions, Law, LawOutcome } from "../book.ts"

const parts = {
  keys: keyLaws,
  material: materialLaws,
  clock: clockLaws,
  aliases: aliasLaws,
  lists: listLaws,
  history: historyLaws,
  access: accessLaws
} as const

/** What every store promises. `makeDriver` makes one that nothing was written to, anew for each law. */
export const storeLaws = (makeDriver: () => Layer.Layer<Driver, StoreUnusable>): ReadonlyArray<Law> =>
  Object.entries(parts).flatMap(([title, state]) =>
    lawsIn(title, ({ it }) =>
      state((sentence, body) =>
        it.effect(sentence, () =>
          Effect.scoped(Effect.provide(body, Layer.provideMerge(storeLayer, makeDriver()), { local: true }))
        )
      )
    )
  )
