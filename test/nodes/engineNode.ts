/** A node with settings that `keystate serve` does not have, for histories and campaigns. */
// `engineNode.ts <store URL> <root key file> <option…>`: `unproven` makes it the control of a history, which asks for no
// proof. `virtual` gives it a virtual clock. A number is how long it waits for its database, milliseconds. `keys=N` is the
// number of keys in a region.
import { Context, Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { HttpServer } from "../../src/server/httpServer.ts"
import { Driver } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { postgresDriverLayer } from "../../src/store/postgres/postgresDriver.ts"
import { root } from "./nodeProcess.ts"

const [, , url = "", rootKeyFile = "", ...words] = process.argv

/** A store that does not report sharing has one engine, which needs no proof. */
const alone = (driver: StoreDriver): StoreDriver => {
  const { shared: _shared, ...abilities } = driver.abilities ?? {}
  return { ...driver, abilities }
}

const timeoutMillis = words.map(Number).find((word) => word > 0)
const keysPrefix = "keys="
const keysMax = words.find((word) => word.startsWith(keysPrefix))
const opened = Effect.map(Layer.build(postgresDriverLayer({ url, tls: "off", timeoutMillis })), (context) =>
  Context.get(context, Driver)
)
const store = Layer.effect(Driver, words.includes("unproven") ? Effect.map(opened, alone) : opened)

const engine = optionsOf(store, {
  rootKey: { kind: "file", path: rootKeyFile },
  accessKey: { accessKeyId: root.accessKeyId, secret: Redacted.make(root.secret) },
  clock: words.includes("virtual") ? "virtual" : "real",
  quotas: keysMax === undefined ? {} : { keys: Number(keysMax.slice(keysPrefix.length)) }
})
const runtime = ManagedRuntime.make(
  HttpServer.layer({ host: "127.0.0.1", port: 0, region: engine.realm.region }).pipe(
    Layer.provideMerge(engineLayer(engine))
  )
)
const server = await runtime.runPromise(Effect.flatMap(HttpServer, Effect.succeed))
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`)
