/** The laws of a store as tests, for each implementation. */
import type { Layer } from "effect"
import { storeLaws as lawsOf } from "../../src/conformance/store/index.ts"
import type { StoreSwitches } from "../../src/conformance/store/index.ts"
import type { Driver, StoreUnusable } from "../../src/store/driver.ts"
import { asTests } from "../asTests.ts"

/** `makeDriver` returns a new, empty store. */
export const storeLaws = (
  name: string,
  makeDriver: () => Layer.Layer<Driver, StoreUnusable>,
  switches?: StoreSwitches
): void => asTests(`the ${name} store`, lawsOf(makeDriver, switches))
