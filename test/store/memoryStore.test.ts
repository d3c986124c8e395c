/** The store in memory keeps the laws of a store. */
import { memoryDriverLayer } from "../../src/store/memory/memoryStore.ts"
import { storeLaws } from "./storeLaws.ts"
import { Layer } from "effect"

// Fresh for each law: layers are shared otherwise.
storeLaws("memory", () => Layer.fresh(memoryDriverLayer))
