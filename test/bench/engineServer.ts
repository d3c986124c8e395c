/** The service as `keystate serve` runs it, for the benchmark's client. */
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { benchRootKey, storeAt } from "./benchStore.ts"
import { HttpServer } from "../../src/server/httpServer.ts"

const accessKey = { accessKeyId: "bench", secret: Redacted.make("bench-secret") }
const options = optionsOf(storeAt(process.argv[2] ?? ""), { accessKey, hsm: "simulator", ...benchRootKey })
const runtime = ManagedRuntime.make(
  HttpServer.layer({ host: "127.0.0.1", port: 0, region: options.realm.region }).pipe(
    Layer.provideMerge(engineLayer(options))
  )
)
const { url } = await runtime.runPromise(Effect.flatMap(HttpServer, Effect.succeed))
const { KeyMetadata } = await runtime.runPromise(Effect.flatMap(Kms, (kms) => kms.createKey()))
process.send?.({ port: Number(new URL(url).port), keyId: KeyMetadata.KeyId })
process.on("message", (asked) => {
  if (asked !== "cpuMicros") return
  const { system, user } = process.cpuUsage()
  process.send?.({ cpuMicros: system + user })
})
process.on("disconnect", () => process.exit(0))
