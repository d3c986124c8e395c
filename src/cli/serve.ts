/** `keystate serve`: the service over HTTP until it is stopped. */
import { Config, Console, Effect, Layer, Option, Redacted } from "effect"
import { Command, Flag } from "effect/cli"
import type { AnyKmsError } from "../domain/errors.ts"
import { Admission } from "../admission.ts"
import { AccessKeys } from "../authorization/accessKeys.ts"
import type { Kms } from "../kms.ts"
import { engineLayer } from "../main.ts"
import { HttpServer } from "../server/httpServer.ts"
import { engineFlags, engineOptions, named, text, userError } from "./settings.ts"
import type { EngineSettings } from "./settings.ts"
import { invocation } from "./invocation.ts"
import { readSeedFile } from "./seedFile.ts"

export interface ServeSettings extends EngineSettings {
  readonly host: string
  readonly port: number
  readonly json: boolean
  readonly seed: Option.Option<string>
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

/** Runs a server; `ready` is called once it answers. */
export const serveWith = (settings: ServeSettings, ready: Effect.Effect<void, AnyKmsError, Kms | HttpServer>) =>
  Effect.gen(function* () {
    if (!isPort(settings.port)) return yield* userError(`--port takes 0 to 65535, not ${settings.port}.`)
    const fixtures = Option.isSome(settings.seed) ? yield* readSeedFile(settings.seed.value) : undefined
    const given = yield* engineOptions(settings, process.env)
    const store = given.store === "memory" ? given.store : { ...given.store, create: true }
    const options = { ...given, store, fixtures }
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
    const layer = HttpServer.layer({ host: settings.host, port: settings.port, region: options.realm.region }).pipe(
      Layer.provideMerge(engineLayer(options))
    )
    return yield* running.pipe(
      Effect.provide(layer),
      Effect.catchTag("StoreUnusable", (error) => Effect.fail(userError(error.message))),
      Effect.catchTag("SeedRefused", (error) => Effect.fail(userError(error.message))),
      Effect.catchTag("CannotListen", (error) => Effect.fail(userError(error.message)))
    )
  })

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
