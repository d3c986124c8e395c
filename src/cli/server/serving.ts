/** A server that runs until it is stopped, and what it prints when it is ready. */
import { Console, Effect, Layer, Option, Redacted } from "effect"
import type { AnyKmsError } from "../../domain/errors.ts"
import { Admission } from "../../admission.ts"
import type { CliError } from "effect/cli"
import { AccessKeys } from "../../authorization/accessKeys.ts"
import type { Kms } from "../../kms.ts"
import { engineLayer } from "../../main.ts"
import { parseBlock } from "../../domain/address.ts"
import type { AddressBlock } from "../../domain/address.ts"
import type { RegionId } from "../../domain/ids.ts"
import { connectionsMax } from "../../domain/limits.ts"
import { hostName } from "../../wire/addresses.ts"
import { HttpServer } from "../../server/httpServer.ts"
import type { ListenOptions } from "../../server/httpServer.ts"
import { userError } from "../output/userError.ts"
import { engineOptions, listed } from "../settings/engineOptions.ts"
import { invocation } from "../invocation.ts"
import { withoutPassword } from "../../postgres.ts"
import { nodeNameOf } from "../settings/nodeName.ts"
import { storeKind } from "../settings/storeOptions.ts"
import { readSeedFile } from "./seedFile.ts"
import type { ServeSettings } from "./serveFlags.ts"
import { version } from "../../domain/version.ts"
import { serverLog } from "./serverLog.ts"
import { servedTls, trustLines } from "./tls.ts"
import type { ServedTls } from "./tls.ts"

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || host.startsWith("127.")

const isPort = (port: number): boolean => port >= 0 && port <= 65_535

const where = (settings: ServeSettings, isNew: boolean): string => {
  if (settings.store === "memory") return "memory (data is lost when the server stops)"
  if (storeKind(settings.store) === "postgres") return withoutPassword(settings.store)
  return isNew ? `${settings.data} (new store)` : settings.data
}

const secretLine = (keys: AccessKeys["Service"], given: boolean): string => {
  if (given) return "from ALIBABA_CLOUD_ACCESS_KEY_SECRET"
  if (keys.rootIsUnseen) return `${Redacted.value(keys.root.secret)}   (shown only once: save it)`
  return "not shown again: it was printed at the first start"
}

const hsmLines: Readonly<Record<string, string>> = {
  simulator: "simulator: HSM keys are kept in software, for development (--hsm none refuses them)",
  none: "none: HSM keys are refused"
}

const hsmLine = ({ hsm, hsmToken }: ServeSettings): string =>
  hsmLines[hsm] ?? `token ${Option.getOrElse(hsmToken, () => "")} of ${hsm}`

/** Everyone who has the seed file knows its secrets. */
const seedWarning = "NOT FOR PRODUCTION: the seed file holds its secrets"

interface Started {
  readonly url: string
  /** Plain HTTP beside HTTPS. */
  readonly plainUrl: string | undefined
  readonly monitoringUrl: string | undefined
  readonly tls: ServedTls | undefined
  /** Signs in once, as the root. */
  readonly consoleUrl: string | undefined
  /** Whether this start made the store. */
  readonly isNew: boolean
}

const banner = (
  settings: ServeSettings,
  { url, plainUrl, monitoringUrl, consoleUrl, isNew, tls }: Started,
  keys: AccessKeys["Service"],
  given: boolean
): string =>
  [
    "",
    "  Keystate is ready.",
    "",
    `  URL               ${url}`,
    ...(plainUrl === undefined ? [] : [`  Plain HTTP        ${plainUrl}`]),
    ...(monitoringUrl === undefined ? [] : [`  Monitoring        ${monitoringUrl}`]),
    `  Console           ${consoleUrl ?? "not built: npm run console:build"}`,
    `  Region            ${settings.region}`,
    `  Data              ${where(settings, isNew)}`,
    `  Clock             ${settings.clock}`,
    `  HSM               ${hsmLine(settings)}`,
    ...(Option.isSome(settings.seed) ? [`  Seed              ${settings.seed.value} (${seedWarning})`] : []),
    `  AccessKeyId       ${keys.root.accessKeyId}`,
    `  AccessKeySecret   ${secretLine(keys, given)}`,
    ...(tls?.selfSigned === undefined ? [] : trustLines(tls.selfSigned)),
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
  {
    url,
    plainUrl,
    monitoringUrl,
    console,
    isNew,
    tls
  }: Pick<HttpServer["Service"], "url" | "plainUrl" | "monitoringUrl" | "console"> & Pick<Started, "isNew" | "tls">,
  keys: AccessKeys["Service"]
): string => {
  const kind = storeKind(settings.store)
  return JSON.stringify({
    url,
    plainUrl: plainUrl ?? null,
    monitoringUrl: monitoringUrl ?? null,
    ca: tls?.selfSigned?.authorityPath ?? null,
    // Without a token: lines like this one are kept in logs.
    console: console ?? null,
    region: settings.region,
    account: settings.account,
    store: kind ?? null,
    data: kind === "sqlite" ? settings.data : null,
    database: kind === "postgres" ? withoutPassword(settings.store) : null,
    // Of several servers that make a store together each may show the secret.
    newStore: kind === "postgres" ? keys.rootIsUnseen : isNew,
    clock: settings.clock,
    hsm: settings.hsm,
    seed: Option.getOrNull(settings.seed),
    accessKeyId: keys.root.accessKeyId,
    // A script that started a fresh server has no other way to learn it; later starts never repeat it.
    accessKeySecret: keys.rootIsUnseen ? Redacted.value(keys.root.secret) : null
  })
}

const collectorOf = ({ otlp }: ServeSettings): Effect.Effect<string | undefined, CliError.UserError> => {
  const url = Option.getOrUndefined(otlp)
  return url === undefined || /^https?:$/.test(URL.parse(url)?.protocol ?? "")
    ? Effect.succeed(url)
    : Effect.fail(userError(`--otlp takes the URL of a collector, such as http://127.0.0.1:4318, not "${url}".`))
}

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
  const monitoringPort = Option.getOrUndefined(settings.monitoringPort)
  if (monitoringPort !== undefined && !isPort(monitoringPort)) {
    return yield* userError(`--monitoring-port takes 0 to 65535, not ${monitoringPort}.`)
  }
  const options: ListenOptions = {
    host,
    port,
    region,
    allowedHosts,
    trustedProxies,
    connectionsPerAddress,
    monitoringPort,
    telemetry: { otlp: yield* collectorOf(settings), accessLog: settings.accessLog }
  }
  return options
})

/** npm passes on the signal that the terminal has sent already: signals so close together count as one. */
const repeatedMillis = 500

/** How often SIGHUP asked for the certificate to be read again. Only with a certificate from files; else it ends the process. */
const reloadSignals = Effect.fnUntraced(function* (settings: ServeSettings) {
  let times = 0
  if (Option.isNone(settings.tlsCert)) return () => times
  const onSignal = (): void => {
    times++
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("SIGHUP", onSignal)),
    () => Effect.sync(() => process.off("SIGHUP", onSignal))
  )
  return () => times
})

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

/** What the line of a start says. */
const logged = (settings: ServeSettings, url: string): Readonly<Record<string, string>> => ({
  url,
  version,
  region: settings.region,
  store: where(settings, false)
})

/** Runs a server; `ready` is called once it answers. */
export const serveWith = (settings: ServeSettings, ready: Effect.Effect<void, AnyKmsError, Kms | HttpServer>) =>
  Effect.gen(function* () {
    const engine = yield* engineOptions(settings, process.env, settings)
    const listening = yield* listenOptions(settings, engine.realm.region)
    const fixtures = Option.isSome(settings.seed) ? yield* readSeedFile(settings.seed.value) : undefined
    const options = { ...engine, fixtures, node: yield* nodeNameOf(settings) }
    const named = { host: settings.host, allowedHosts: listening.allowedHosts ?? [], data: settings.data }
    const tls = yield* servedTls(settings, named, yield* reloadSignals(settings))
    const isPlain = tls === undefined || tls.port !== undefined
    if (isPlain && !isLoopback(settings.host)) {
      yield* Console.error(`keystate: other machines can reach ${settings.host}, and requests are not encrypted.`)
    }
    const running = Effect.gen(function* () {
      const server = yield* HttpServer
      const keys = yield* AccessKeys
      const { isNew } = yield* Admission
      const given = options.accessKey !== undefined
      yield* ready
      yield* Effect.annotateLogs(Effect.logInfo("started"), logged(settings, server.url))
      if (settings.json) yield* Console.log(machineLine(settings, { ...server, isNew, tls }, keys))
      else {
        // A store that takes no changes now keeps no token either; an access key signs in later.
        const consoleUrl = yield* Effect.orElseSucceed(server.consoleUrl, () => server.console)
        yield* Console.log(banner(settings, { ...server, consoleUrl, isNew, tls }, keys, given))
      }
      if (keys.rootIsUnseen) yield* keys.rootSeen
      return yield* Effect.onInterrupt(Effect.never, () => Effect.logInfo("stopping"))
    })
    yield* Effect.addFinalizer(() => Effect.logInfo("stopped"))
    const { isHurried } = yield* stopSignals
    const secured = tls === undefined ? listening : { ...listening, tls }
    const layer = HttpServer.layer({ ...secured, isHurried }).pipe(Layer.provideMerge(engineLayer(options)))
    return yield* running.pipe(
      Effect.provide(layer),
      Effect.catchTag("StoreUnusable", (error) => Effect.fail(userError(error.message))),
      Effect.catchTag("SeedRefused", (error) => Effect.fail(userError(error.message))),
      Effect.catchTag("CannotListen", (error) => Effect.fail(userError(error.message)))
    )
  }).pipe(Effect.scoped, Effect.provide(serverLog(settings)))
