/** The laws of a store, whatever it is made of: run for each implementation. */
import { it } from "@effect/vitest"
import { Effect } from "effect"
import type { Layer } from "effect"
import { describe } from "vitest"
import type { Store, StoreUnusable } from "../../src/store/store.ts"
import { accessLaws } from "./laws/access.ts"
import { aliasLaws } from "./laws/aliases.ts"
import { clockLaws } from "./laws/clock.ts"
import { historyLaws } from "./laws/history.ts"
import { keyLaws } from "./laws/keys.ts"
import type { Law } from "./laws/law.ts"
import { listLaws } from "./laws/lists.ts"
import { materialLaws } from "./laws/material.ts"

/** `makeStore` makes a store that nothing was written to. */
export const storeLaws = (name: string, makeStore: () => Layer.Layer<Store, StoreUnusable>): void => {
  describe(`the ${name} store`, () => {
    const law: Law = (sentence, body) => it.effect(sentence, () => body.pipe(Effect.provide(makeStore())))
    for (const state of [keyLaws, materialLaws, clockLaws, aliasLaws, listLaws, historyLaws, accessLaws]) state(law)
  })
}
