/** The laws of stores for the store in memory, also with several engines in a process. */
import { Effect, Layer } from "effect"
import { sharedStoreLaws } from "../../src/conformance/store/index.ts"
import { Driver } from "../../src/store/driver.ts"
import { memoryDriverLayer, sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { asTests } from "../asTests.ts"
import { storeLaws } from "./storeLaws.ts"

// New for each law: layers are shared otherwise.
storeLaws("memory", () => Layer.fresh(memoryDriverLayer))

asTests(
  "the memory store with two handles",
  sharedStoreLaws(() => Effect.map(sharedMemoryDriver, (driver) => () => Layer.succeed(Driver, driver)))
)
