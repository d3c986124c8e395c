/** The store in memory keeps the laws of a store, and of one that several engines in a process use. */
import { Effect, Layer } from "effect"
import { sharedStoreLaws } from "../../src/conformance/store/index.ts"
import { Driver } from "../../src/store/driver.ts"
import { memoryDriverLayer, sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { asTests } from "../asTests.ts"
import { storeLaws } from "./storeLaws.ts"

// Fresh for each law: layers are shared otherwise.
storeLaws("memory", () => Layer.fresh(memoryDriverLayer))

asTests(
  "the memory store with two handles",
  sharedStoreLaws(() => Effect.map(sharedMemoryDriver, (driver) => () => Layer.succeed(Driver, driver)))
)
