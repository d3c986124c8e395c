/** A service that imports material and is killed at a durable write. */
import { Effect, Layer } from "effect"
import { Failpoints } from "../../src/platform/services.ts"
import { createKms } from "../../src/promise.ts"

const [directory = "", failpoint = "", request = "{}"] = process.argv.slice(2)
let isArmed = false

const reachSync = (name: string): void => {
  if (isArmed && name === failpoint) process.kill(process.pid, "SIGKILL")
}
const failpoints = Layer.succeed(Failpoints, { reach: (name) => Effect.sync(() => reachSync(name)), reachSync })

const kms = await createKms({ store: { directory }, clock: "virtual", failpoints })
isArmed = true
await kms.importKeyMaterial(JSON.parse(request))
