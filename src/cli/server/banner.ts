/** The text that a server prints when it is ready. */
import { Option, Redacted } from "effect"
import type { AccessKeys } from "../../authorization/accessKeys.ts"
import { withoutPassword } from "../../postgres.ts"
import type { HttpServer } from "../../server/httpServer.ts"
import { invocation } from "../invocation.ts"
import type { Shapes } from "../output/shapes.ts"
import { storeKind } from "../settings/storeOptions.ts"
import type { ServeSettings } from "./serveFlags.ts"
import { trustLines } from "./tls.ts"
import type { ServedTls } from "./tls.ts"

export const where = (settings: ServeSettings, isNew: boolean): string => {
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

/** Anyone with the seed file knows its secrets. */
const seedWarning = "NOT FOR PRODUCTION: the seed file holds its secrets"

interface Started {
  readonly url: string
  /** Plain HTTP beside HTTPS. */
  readonly plainUrl: string | undefined
  readonly monitoringUrl: string | undefined
  readonly tls: ServedTls | undefined
  /** A single-use sign-in as the root. */
  readonly consoleUrl: string | undefined
  /** Whether this start created the store. */
  readonly isNew: boolean
}

export const banner = (
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

export const readyData = (
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
): Shapes["serve"] => {
  const kind = storeKind(settings.store)
  return {
    url,
    plainUrl: plainUrl ?? null,
    monitoringUrl: monitoringUrl ?? null,
    ca: tls?.selfSigned?.authorityPath ?? null,
    // Omits the token, because logs keep such lines.
    console: console ?? null,
    region: settings.region,
    account: settings.account,
    store: kind ?? null,
    data: kind === "sqlite" ? settings.data : null,
    database: kind === "postgres" ? withoutPassword(settings.store) : null,
    // If several servers create a store together, each may show the secret.
    newStore: kind === "postgres" ? keys.rootIsUnseen : isNew,
    clock: settings.clock,
    hsm: settings.hsm,
    seed: Option.getOrNull(settings.seed),
    accessKeyId: keys.root.accessKeyId,
    // A script has no other way to learn the secret of a new server. Later starts do not repeat it.
    accessKeySecret: keys.rootIsUnseen ? Redacted.value(keys.root.secret) : null
  }
}
