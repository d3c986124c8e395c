/** Runs a server, or one worker of it, until it is stopped. */
import { Effect, Layer, Option } from "effect"
import type { AnyKmsError } from "../../domain/errors.ts"
import { Admission } from "../../admission.ts"
import type { CliError } from "effect/cli"
import { AccessKeys } from "../../authorization/accessKeys.ts"
import type { Kms } from "../../kms.ts"
import { engineLayer } from "../../main.ts"
import type { RegionId } from "../../domain/ids.ts"
import { HttpServer } from "../../server/httpServer.ts"
import type { ListenOptions } from "../../server/httpServer.ts"
import { checkedSettings } from "../../server/listenSettings.ts"
import { note, print } from "../output/print.ts"
import { Style } from "../output/style.ts"
import { userError } from "../output/userError.ts"
import { engineOptions, listed } from "../settings/engineOptions.ts"
import { nodeNameOf } from "../settings/nodeName.ts"
import { banner, readyData, where } from "./banner.ts"
import { readSeedFile } from "./seedFile.ts"
import type { ServeSettings } from "./serveFlags.ts"
import { version } from "../../domain/version.ts"
import { serverLog } from "./serverLog.ts"
import { reloadSignals, stopSignals } from "./signals.ts"
import { servedTls } from "./tls.ts"
import type { ServedTls } from "./tls.ts"
import { Workers } from "../../monitoring/workers.ts"
import type { Membership } from "./workers/membership.ts"

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")

const collectorOf = ({ otlp }: ServeSettings): Effect.Effect<string | undefined, CliError.UserError> => {
  const url = Option.getOrUndefined(otlp)
  return url === undefined || /^https?:$/.test(URL.parse(url)?.protocol ?? "")
    ? Effect.succeed(url)
    : Effect.fail(userError(`--otlp takes the URL of a collector, such as http://127.0.0.1:4318, not "${url}".`))
}

const flagOf = {
  port: "--port",
  monitoringPort: "--monitoring-port",
  connectionsPerAddress: "--connections-per-address",
  trustedProxies: "--trusted-proxy"
} as const

const listenOptions = Effect.fnUntraced(function* (settings: ServeSettings, region: RegionId) {
  const { connectionsPerAddress, host, port } = settings
  const checked = checkedSettings(
    {
      port,
      monitoringPort: Option.getOrUndefined(settings.monitoringPort),
      connectionsPerAddress,
      allowedHosts: listed(settings.allowedHosts),
      trustedProxies: listed(settings.trustedProxies)
    },
    (setting) => flagOf[setting]
  )
  if (typeof checked === "string") return yield* userError(checked)
  const telemetry = { otlp: yield* collectorOf(settings), accessLog: settings.accessLog }
  const options: ListenOptions = { ...checked, host, region, telemetry }
  return options
})

/** The contents of the start line. */
const logged = (settings: ServeSettings, url: string, workers: number): Readonly<Record<string, string | number>> => ({
  url,
  version,
  region: settings.region,
  store: where(settings, false),
  ...(workers === 1 ? {} : { workers })
})

interface Announced {
  readonly settings: ServeSettings
  readonly tls: ServedTls | undefined
  /** Whether the operator supplied the root's access key. */
  readonly isKeyGiven: boolean
  readonly workers: number
}

const warnIfOpen = ({ settings: { host }, tls }: Announced): Effect.Effect<void> => {
  const isPlain = tls === undefined || tls.port !== undefined
  return isPlain && !isLoopback(host)
    ? note(`other machines can reach ${host}, and requests are not encrypted.`)
    : Effect.void
}

/** Tells the operator that the server is ready. */
const announce = (announced: Announced) =>
  Effect.gen(function* () {
    const { isKeyGiven, settings, tls, workers } = announced
    const server = yield* HttpServer
    const keys = yield* AccessKeys
    const { isNew } = yield* Admission
    yield* Effect.annotateLogs(Effect.logInfo("started"), logged(settings, server.url, workers))
    const { format = settings.json ? "jsonl" : "table" } = yield* Style
    // Without writes there is no sign-in token; an access key can sign in later. JSON output omits the token.
    const consoleUrl =
      format === "table" ? yield* Effect.orElseSucceed(server.consoleUrl, () => server.console) : undefined
    yield* print("serve", {
      value: readyData(settings, { ...server, isNew, tls }, keys),
      normally: settings.json ? "jsonl" : "table",
      table: () => [banner(settings, { ...server, consoleUrl, isNew, tls }, keys, isKeyGiven)]
    })
    if (keys.rootIsUnseen) yield* keys.rootSeen
  })

const nodeName = (settings: ServeSettings, membership: Membership | undefined) =>
  Effect.map(nodeNameOf(settings), (name) =>
    name === undefined || membership === undefined ? name : `${name}-${membership.number}`
  )

/** A worker leaves these lines to the process that started it. */
const logUnlessWorker = (membership: Membership | undefined, line: string): Effect.Effect<void> =>
  membership === undefined ? Effect.logInfo(line) : Effect.void

/** Runs a server or a worker of it. Calls `ready` once it accepts requests. */
export const serveWith = (
  settings: ServeSettings,
  ready: Effect.Effect<void, AnyKmsError, Kms | HttpServer>,
  membership?: Membership
) =>
  Effect.gen(function* () {
    const engine = yield* engineOptions(settings, process.env, settings)
    const listening = yield* listenOptions(settings, engine.realm.region)
    const fixtures = Option.isSome(settings.seed) ? yield* readSeedFile(settings.seed.value) : undefined
    const options = { ...engine, fixtures, node: yield* nodeName(settings, membership) }
    const named = { host: settings.host, allowedHosts: listening.allowedHosts ?? [], data: settings.data }
    const tls = yield* servedTls(settings, named, yield* reloadSignals(settings))
    const announced: Omit<Announced, "workers"> = { settings, tls, isKeyGiven: options.accessKey !== undefined }
    if (membership === undefined) yield* warnIfOpen({ ...announced, workers: 1 })
    let hasStarted = false
    const running = Effect.gen(function* () {
      yield* ready
      hasStarted = true
      if (membership === undefined) yield* announce({ ...announced, workers: 1 })
      else {
        const workers = yield* membership.turnToAnnounce
        yield* warnIfOpen({ ...announced, workers })
        yield* announce({ ...announced, workers })
        yield* membership.announced
      }
      return yield* Effect.onInterrupt(Effect.never, () => logUnlessWorker(membership, "stopping"))
    })
    yield* Effect.addFinalizer(() => (hasStarted ? logUnlessWorker(membership, "stopped") : Effect.void))
    const { isHurried } = membership ?? (yield* stopSignals)
    const secured = tls === undefined ? listening : { ...listening, tls }
    const layer = HttpServer.layer({ ...secured, isHurried }).pipe(
      Layer.provideMerge(engineLayer(options)),
      Layer.provide(Layer.succeed(Workers, membership?.others))
    )
    return yield* running.pipe(
      Effect.provide(layer),
      Effect.catchTag("StoreUnusable", (error) => Effect.fail(userError(error.message))),
      Effect.catchTag("SeedRefused", (error) => Effect.fail(userError(error.message))),
      Effect.catchTag("CannotListen", (error) => Effect.fail(userError(error.message)))
    )
  }).pipe(
    membership === undefined ? (effect) => effect : Effect.annotateLogs({ worker: membership.number }),
    Effect.scoped,
    Effect.provide(serverLog(settings))
  )
