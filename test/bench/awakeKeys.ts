/** A process that encrypts once with each of many keys of a store: the keys in memory then, and its resident size. */
import { readFileSync } from "node:fs"
import { Effect, ManagedRuntime } from "effect"
import { KeyDirectory } from "../../src/actor/keyDirectory.ts"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { benchRootKey } from "./benchStore.ts"

const [directory = "", sampleFile = ""] = process.argv.slice(2)
const keyIds: ReadonlyArray<string> = JSON.parse(readFileSync(sampleFile, "utf8"))
const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory }, benchRootKey)))
const awake = await runtime.runPromise(
  Effect.gen(function* () {
    const kms = yield* Kms
    yield* Effect.forEach(keyIds, (KeyId) => kms.encrypt({ KeyId, Plaintext: "YWJj" }), { discard: true })
    return (yield* KeyDirectory).size()
  })
)
process.send?.({ awake, residentMegabytes: process.memoryUsage().rss / 1e6 })
await runtime.dispose()
process.disconnect?.()
