/** What the author of a store gives to the laws. */
import type { Layer } from "effect"
import type { Driver, StoreUnusable } from "../../store/driver.ts"

/** Makes the store under test. The laws call it more than once. */
export type MakeDriver = () => Layer.Layer<Driver, StoreUnusable>

/** Opens the store of one place: the same rows each time. */
export type Place = MakeDriver

/** A store that nothing was written to, and a switch for what is below it. */
export interface FailingStore {
  readonly driver: Layer.Layer<Driver, StoreUnusable>
  /** From now on nothing can be written, as with a full disk or a database that cannot be reached. Reads may fail too. */
  readonly fail: () => void
  /** From now on everything can be written and read again. */
  readonly mend: () => void
}

/** What only some authors can provide. Each makes more laws. */
export interface StoreSwitches {
  /** A new place for a store. Without it, no law closes a store and opens it again. */
  readonly makePlace?: () => Place
  /** Without it, no law checks what a failure leaves behind. */
  readonly makeFailing?: () => FailingStore
}
