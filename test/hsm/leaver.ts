/** A program that ends while one of its threads is in the module. Arguments: see faultyModule.ts, then the wait in ms. */
import { once } from "node:events"
import { Effect } from "effect"
import { callTimeoutsDefault, makePool } from "../../src/crypto/hsm/pool/pool.ts"

const [, , module = "", label = "", pinFile = "", waits = ""] = process.argv
const timeouts = { ...callTimeoutsDefault, callMillis: Number(waits) }
const call = Effect.flatMap(makePool({ module, label, pinFile }, timeouts), (pool) =>
  Effect.ignore(pool.call("list", { labelPrefix: "" }))
)
void Effect.runPromise(Effect.scoped(call))
await once(process.stdin, "data")
process.exit(3)
