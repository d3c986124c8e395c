/** The laws of a store as tests: run for each implementation. */
import type { Layer } from "effect"
import { storeLaws as lawsOf } from "../../src/conformance/store/index.ts"
import type { Store, StoreUnusable } from "../../src/store/store.ts"
import { asTests } from "../asTests.ts"

/** `makeStore` makes a store that nothing was written to. */
export const storeLaws = (name: string, makeStore: () => Layer.Layer<Store, StoreUnusable>): void =>
  asTests(`the ${name} store`, lawsOf(makeStore))
