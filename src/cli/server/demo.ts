/** `keystate demo`: a server in memory on a virtual clock, with sample keys in several states. */
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { connectionsPerAddressDefault } from "../../domain/limits.ts"
import { defaultSettings } from "../../domain/settings.ts"
import { serveFlags } from "./serveFlags.ts"
import type { ServeSettings } from "./serveFlags.ts"

const demoSettings = (host: string, port: number): ServeSettings => ({
  data: "",
  store: "memory",
  storePasswordFile: Option.none(),
  storeTls: "verify-full",
  storeCaFile: Option.none(),
  storeWait: 0,
  region: "cn-hangzhou",
  account: "1000000000000001",
  clock: "virtual",
  stsClock: "real",
  quotas: [],
  requestQuotas: [],
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
  monitoringPort: Option.none(),
  otlp: Option.none(),
  accessLog: false,
  logFormat: "text",
  logLevel: "warning",
  workers: Option.none(),
  json: false,
  seed: Option.none(),
  allowedHosts: [],
  trustedProxies: [],
  connectionsPerAddress: connectionsPerAddressDefault
})

export const demo = Command.make("demo", { port: serveFlags.port, host: serveFlags.host }, ({ host, port }) =>
  Effect.flatMap(
    Effect.promise(() => Promise.all([import("./serving.ts"), import("./samples.ts")])),
    ([{ serveWith }, { samples }]) => serveWith(demoSettings(host, port), samples)
  )
)
