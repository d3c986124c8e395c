/** A fresh process that opens a store and encrypts with one of its keys: how long that takes, in milliseconds. */
import { Effect, ManagedRuntime } from "effect"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { benchRootKey } from "./benchStore.ts"

const [directory = "", KeyId = ""] = process.argv.slice(2)
const startedAt = performance.now()
const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory }, benchRootKey)))
await runtime.runPromise(Effect.flatMap(Kms, (kms) => kms.encrypt({ KeyId, Plaintext: "YWJj" })))
process.send?.({ millis: performance.now() - startedAt })
await runtime.dispose()
process.disconnect?.()
