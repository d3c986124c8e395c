/** A program that ends itself while one of its threads is in the module; faultyModule.ts says for how long. */
import { once } from "node:events"
import { Effect } from "effect"
import { makePool } from "../../src/crypto/hsm/pool/pool.ts"

const [, , module = "", label = "", pinFile = ""] = process.argv
const call = Effect.flatMap(makePool({ module, label, pinFile }, { callMillis: 2000, makingMillis: 2000 }), (pool) =>
  Effect.ignore(pool.call("list", { labelPrefix: "" }))
)
void Effect.runPromise(Effect.scoped(call))
await once(process.stdin, "data")
process.exit(3)
