/** `keystate demo`: a server in memory on a virtual clock, with sample keys in several states. */
import { Console, Effect, Option } from "effect"
import { Command } from "effect/cli"
import { defaultSettings } from "../../domain/settings.ts"
import { Kms } from "../../kms.ts"
import { HttpServer } from "../../server/httpServer.ts"
import { invocation } from "../invocation.ts"
import { connectionsPerAddressDefault } from "../../domain/limits.ts"
import { serveFlags, serveWith } from "./serve.ts"
import type { ServeSettings } from "./serve.ts"

const samples = Effect.gen(function* () {
  const kms = yield* Kms
  const { url } = yield* HttpServer
  const make = (description: string, more: object = {}) =>
    Effect.map(kms.createKey({ Description: description, ...more }), ({ KeyMetadata }) => KeyMetadata.KeyId)
  const enabled = yield* make("orders: in use")
  const rotating = yield* make("invoices: a new version every 30 days", {
    EnableAutomaticRotation: true,
    RotationInterval: "30d"
  })
  const disabled = yield* make("archive: disabled")
  yield* kms.disableKey({ KeyId: disabled })
  const leaving = yield* make("legacy: scheduled for deletion in 7 days")
  yield* kms.scheduleKeyDeletion({ KeyId: leaving, PendingWindowInDays: 7 })
  const external = yield* make("partner: waits for imported material", { Origin: "EXTERNAL" })
  yield* Console.log(
    [
      "",
      "  Sample keys:",
      `    ${enabled}  Enabled`,
      `    ${rotating}  Enabled, rotates every 30 days`,
      `    ${disabled}  Disabled`,
      `    ${leaving}  PendingDeletion`,
      `    ${external}  PendingImport`,
      "",
      `  Move the clock: ${invocation} clock advance 8d --endpoint ${url}`
    ].join("\n")
  )
})

const demoSettings = (host: string, port: number): ServeSettings => ({
  data: "",
  store: "memory",
  storePasswordFile: Option.none(),
  storeTls: "verify-full",
  storeCaFile: Option.none(),
  region: "cn-hangzhou",
  account: "1000000000000001",
  clock: "virtual",
  stsClock: "real",
  crypto: "native",
  hsm: "simulator",
  hsmToken: Option.none(),
  hsmPinFile: Option.none(),
  hsmMechanisms: [],
  audit: "batched",
  deletionWindowMax: defaultSettings.deletionWindowMax,
  rootKey: "file",
  rootKeyFile: Option.none(),
  passphraseFile: Option.none(),
  host,
  port,
  node: Option.none(),
  tls: "off",
  tlsCert: Option.none(),
  tlsKey: Option.none(),
  tlsClientCa: Option.none(),
  tlsPort: Option.none(),
  tlsDirectory: Option.none(),
  json: false,
  seed: Option.none(),
  allowedHosts: [],
  trustedProxies: [],
  connectionsPerAddress: connectionsPerAddressDefault
})

export const demo = Command.make("demo", { port: serveFlags.port, host: serveFlags.host }, ({ host, port }) =>
  serveWith(demoSettings(host, port), samples)
).pipe(Command.withDescription("Run a server with sample keys in memory and a clock you can advance"))
