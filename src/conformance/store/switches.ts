/** What the author of a store provides to the laws. */
import type { Layer } from "effect"
import type { Driver, StoreUnusable } from "../../store/driver.ts"

/** Makes the store under test. The laws call it more than once. */
export type MakeDriver = () => Layer.Layer<Driver, StoreUnusable>

/** Opens the store at one location: the same rows each time. */
export type Place = MakeDriver

/** An empty store, and a switch for its medium. */
export interface FailingStore {
  readonly driver: Layer.Layer<Driver, StoreUnusable>
  /** From now on writes fail, as with a full disk or an unreachable database. Reads may fail too. */
  readonly fail: () => void
  /** From now on reads and writes succeed again. */
  readonly mend: () => void
}

/** Optional abilities of the author's store. Each one adds laws. */
export interface StoreSwitches {
  /** Makes a new location for a store. Without it, no law closes and reopens a store. */
  readonly makePlace?: () => Place
  /** Without it, no law checks the effects of a failure. */
  readonly makeFailing?: () => FailingStore
}
