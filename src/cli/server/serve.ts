/** `keystate serve`: the service over HTTP until it is stopped. */
import { Config, Console, Effect, Layer, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import type { AnyKmsError } from "../../domain/errors.ts"
import { Admission } from "../../admission.ts"
import { AccessKeys } from "../../authorization/accessKeys.ts"
import type { Kms } from "../../kms.ts"
import { engineLayer } from "../../main.ts"
import { parseBlock } from "../../domain/address.ts"
import type { AddressBlock } from "../../domain/address.ts"
import type { RegionId } from "../../domain/ids.ts"
import { connectionsMax, connectionsPerAddressDefault } from "../../domain/limits.ts"
import { hostName } from "../../wire/addresses.ts"
import { HttpServer } from "../../server/httpServer.ts"
import type { ListenOptions } from "../../server/httpServer.ts"
import { engineFlags, engineOptions, named, text, userError } from "../settings/settings.ts"
import type { EngineSettings } from "../settings/settings.ts"
import { invocation } from "../invocation.ts"
import { readSeedFile } from "./seedFile.ts"

export interface ServeSettings extends EngineSettings {
  readonly host: string
  readonly port: number
  readonly json: boolean
  readonly seed: Option.Option<string>
  readonly allowedHosts: ReadonlyArray<string>
  readonly trustedProxies: ReadonlyArray<string>
  readonly connectionsPerAddress: number
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")

const isPort = (port: number): boolean => port >= 0 && port <= 65_535

const where = (settings: ServeSettings, isNew: boolean): string => {
  if (settings.store === "memory") return "memory (forgotten when the server stops)"
  return isNew ? `${settings.data} (a new store, made at this start)` : settings.data
}

const secretLine = (keys: AccessKeys["Service"], given: boolean): string => {
  if (given) return "taken from ALIBABA_CLOUD_ACCESS_KEY_SECRET"
  if (keys.rootIsUnseen) return `${Redacted.value(keys.root.secret)}   (shown once: keep it)`
  return "shown at the first start; it is not shown again"
}

const hsmLines: Readonly<Record<string, string>> = {
  simulator: "simulator: keys of level HSM are guarded by software, for development (--hsm none refuses them)",
  none: "none: keys of level HSM are refused"
}

const hsmLine = ({ hsm, hsmToken }: ServeSettings): string =>
  hsmLines[hsm] ?? `token ${Option.getOrElse(hsmToken, () => "")} of ${hsm}`

/** What a seed plants is known to whoever has the file. */
const seedWarning = "NOT FOR PRODUCTION: its secrets are known outside"

interface Started {
  readonly url: string
  /** Signs in once, as the root. */
  readonly consoleUrl: string | undefined
  /** Whether this start made the store. */
  readonly isNew: boolean
}

const banner = (
  settings: ServeSettings,
  { url, consoleUrl, isNew }: Started,
  keys: AccessKeys["Service"],
  given: boolean
): string =>
  [
    "",
    "  Keystate is ready.",
    "",
    `  URL               ${url}`,
    `  Console           ${consoleUrl ?? "not built: npm run console:build"}`,
    `  Region            ${settings.region}`,
    `  Data              ${where(settings, isNew)}`,
    `  Clock             ${settings.clock}`,
    `  HSM               ${hsmLine(settings)}`,
    ...(Option.isSome(settings.seed) ? [`  Seed              ${settings.seed.value} (${seedWarning})`] : []),
    `  AccessKeyId       ${keys.root.accessKeyId}`,
    `  AccessKeySecret   ${secretLine(keys, given)}`,
    "",
    "  Try next, in another terminal, with the access key in its environment:",
    "",
    `    export ALIBABA_CLOUD_ACCESS_KEY_ID=${keys.root.accessKeyId} ALIBABA_CLOUD_ACCESS_KEY_SECRET=…`,
    `    ${invocation} kms CreateKey --Description "my first key" --endpoint ${url}`,
    `    ${invocation} kms ListKeys --endpoint ${url}`,
    `    ${invocation} diagram cmk`,
    "",
    "  Stop with Ctrl-C.",
    ""
  ].join("\n")

const machineLine = (
  settings: ServeSettings,
  { url, console, isNew }: Pick<HttpServer["Service"], "url" | "console"> & Pick<Started, "isNew">,
  keys: AccessKeys["Service"]
): string =>
  JSON.stringify({
    url,
    // Without a token: lines like this one are kept in logs.
    console: console ?? null,
    region: settings.region,
    account: settings.account,
    store: settings.store,
    data: settings.store === "memory" ? null : settings.data,
    newStore: isNew,
    clock: settings.clock,
    hsm: settings.hsm,
    seed: Option.getOrNull(settings.seed),
    accessKeyId: keys.root.accessKeyId,
    // A script that started a fresh server has no other way to learn it; later starts never repeat it.
    accessKeySecret: keys.rootIsUnseen ? Redacted.value(keys.root.secret) : null
  })

/** A setting of several values; the environment and the file hold them in one text, with commas between them. */
const listed = (given: ReadonlyArray<string>): ReadonlyArray<string> =>
  given.flatMap((text) => text.split(",").map((part) => part.trim())).filter((part) => part !== "")

const listenOptions = Effect.fnUntraced(function* (settings: ServeSettings, region: RegionId) {
  const { connectionsPerAddress, host, port } = settings
  if (!isPort(port)) return yield* userError(`--port takes 0 to 65535, not ${port}.`)
  if (connectionsPerAddress < 1 || connectionsPerAddress > connectionsMax) {
    return yield* userError(`--connections-per-address takes 1 to ${connectionsMax}, not ${connectionsPerAddress}.`)
  }
  const trustedProxies: Array<AddressBlock> = []
  for (const written of listed(settings.trustedProxies)) {
    const block = parseBlock(written)
    if (block === undefined) {
      return yield* userError(`--trusted-proxy takes an address or a block such as 10.0.0.0/8, not "${written}".`)
    }
    trustedProxies.push(block)
  }
  const allowedHosts = listed(settings.allowedHosts).map(hostName)
  const options: ListenOptions = { host, port, region, allowedHosts, trustedProxies, connectionsPerAddress }
  return options
})

/** npm passes on the signal that the terminal has sent already: signals so close together count as one. */
const repeatedMillis = 500

/** The second signal to stop says that the server shall not wait for its clients. */
const stopSignals = Effect.acquireRelease(
  Effect.sync(() => {
    let firstAt: number | undefined
    let isRepeated = false
    const onSignal = (): void => {
      isRepeated ||= firstAt !== undefined && performance.now() - firstAt > repeatedMillis
      firstAt ??= performance.now()
    }
    process.on("SIGTERM", onSignal).on("SIGINT", onSignal)
    return { isHurried: () => isRepeated, onSignal }
  }),
  ({ onSignal }) => Effect.sync(() => process.off("SIGTERM", onSignal).off("SIGINT", onSignal))
)

/** Runs a server; `ready` is called once it answers. */
export const serveWith = (settings: ServeSettings, ready: Effect.Effect<void, AnyKmsError, Kms | HttpServer>) =>
  Effect.gen(function* () {
    const engine = yield* engineOptions(settings, process.env)
    const listening = yield* listenOptions(settings, engine.realm.region)
    const fixtures = Option.isSome(settings.seed) ? yield* readSeedFile(settings.seed.value) : undefined
    const store = engine.store === "memory" ? engine.store : { ...engine.store, create: true }
    const options = { ...engine, store, fixtures }
    if (!isLoopback(settings.host)) {
      yield* Console.error(
        `keystate: ${settings.host} is reachable from other machines, and requests are not encrypted.`
      )
    }
    const running = Effect.gen(function* () {
      const server = yield* HttpServer
      const keys = yield* AccessKeys
      const { isNew } = yield* Admission
      const given = options.accessKey !== undefined
      yield* ready
      yield* Console.log(
        settings.json
          ? machineLine(settings, { ...server, isNew }, keys)
          : banner(settings, { url: server.url, consoleUrl: server.consoleUrl(), isNew }, keys, given)
      )
      if (keys.rootIsUnseen) yield* keys.rootSeen
      return yield* Effect.never
    })
    const { isHurried } = yield* stopSignals
    const layer = HttpServer.layer({ ...listening, isHurried }).pipe(Layer.provideMerge(engineLayer(options)))
    return yield* running.pipe(
      Effect.provide(layer),
      Effect.catchTag("StoreUnusable", (error) => Effect.fail(userError(error.message))),
      Effect.catchTag("SeedRefused", (error) => Effect.fail(userError(error.message))),
      Effect.catchTag("CannotListen", (error) => Effect.fail(userError(error.message)))
    )
  }).pipe(Effect.scoped)

const none: ReadonlyArray<string> = []

export const serveFlags = {
  ...engineFlags,
  host: text("host", "host", "Address to listen on").pipe(Flag.withDefault("127.0.0.1")),
  port: Flag.Int("port").pipe(
    Flag.withFallbackConfig(Config.Int(named("port"))),
    Flag.withDescription("Port to listen on; 0 picks a free one"),
    Flag.withDefault(8787)
  ),
  seed: text(
    "seed",
    "seed",
    "JSON or TOML file of keys to start with, for tests and development; never for production"
  ).pipe(Flag.optional),
  allowedHosts: Flag.String("allowed-host").pipe(
    Flag.atLeast(1),
    Flag.withFallbackConfig(Config.map(Config.String(named("allowedHosts")), (text) => [text])),
    Flag.withDescription("Name under which /metrics and the console may be asked from other machines; once for each"),
    Flag.withDefault(none)
  ),
  trustedProxies: Flag.String("trusted-proxy").pipe(
    Flag.atLeast(1),
    Flag.withFallbackConfig(Config.map(Config.String(named("trustedProxies")), (text) => [text])),
    Flag.withDescription("Address or block of a proxy whose X-Forwarded-For names the client; once for each"),
    Flag.withDefault(none)
  ),
  connectionsPerAddress: Flag.Int("connections-per-address").pipe(
    Flag.withFallbackConfig(Config.Int(named("connectionsPerAddress"))),
    Flag.withDescription("Connections that one address may hold at once"),
    Flag.withDefault(connectionsPerAddressDefault)
  ),
  json: Flag.Boolean("json").pipe(
    Flag.withFallbackConfig(Config.Boolean(named("json"))),
    Flag.withDescription("Print one line of JSON when ready"),
    Flag.withDefault(false)
  )
} as const

export const serve = Command.make("serve", serveFlags, (settings) => serveWith(settings, Effect.void)).pipe(
  Command.withDescription("Run the key management service over HTTP"),
  Command.withExamples([
    { command: "keystate serve", description: "Keys in ./.keystate, on http://127.0.0.1:8787" },
    {
      command: "keystate serve --store memory --clock virtual",
      description: "For tests: nothing kept, time in your hand"
    }
  ])
)
