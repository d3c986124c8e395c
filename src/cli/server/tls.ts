/** The flags of `serve` for HTTPS, and what they come to. */
import { randomBytes } from "node:crypto"
import { resolve } from "node:path"
import { Clock, Effect, Option } from "effect"
import type { CliError } from "effect/cli"
import type { Command } from "effect/cli"
import { TlsUnusable } from "../../server/tls/identity.ts"
import { watchedFiles } from "../../server/tls/reload.ts"
import type { TlsSource } from "../../server/tls/reload.ts"
import { namesOf, openSelfSigned } from "../../server/tls/selfSigned.ts"
import type { SelfSigned } from "../../server/tls/selfSigned.ts"
import { userError } from "../output/userError.ts"
import { choice, optionalText, optionalWhole } from "../settings/flags.ts"

export const tlsFlags = {
  tls: choice(
    {
      flag: "tls",
      setting: "tls",
      about: "self-signed: HTTPS with a certificate made here, for development. Give --tls-cert for your own"
    },
    ["off", "self-signed"]
  ),
  tlsCert: optionalText({
    flag: "tls-cert",
    setting: "tlsCert",
    about: "HTTPS with the certificate chain in this PEM file, which is read again when it changes and on SIGHUP"
  }),
  tlsKey: optionalText({ flag: "tls-key", setting: "tlsKey", about: "Private key of --tls-cert, in a PEM file" }),
  tlsClientCa: optionalText({
    flag: "tls-client-ca",
    setting: "tlsClientCa",
    about: "Accept only clients with a certificate that an authority in this PEM file signed"
  }),
  tlsPort: optionalWhole({
    flag: "tls-port",
    setting: "tlsPort",
    about: "Port for HTTPS, with plain HTTP on --port (default: HTTPS on --port, and no plain HTTP)"
  }),
  tlsDirectory: optionalText({
    flag: "tls-directory",
    setting: "tlsDirectory",
    about: "Where --tls self-signed keeps its certificates (default: the data directory's name with -tls)"
  })
} as const

export type TlsSettings = Command.Command.Config.Infer<typeof tlsFlags>

export interface ServedTls {
  readonly source: TlsSource
  readonly port?: number
  /** Set for a certificate that was made here. */
  readonly selfSigned?: SelfSigned
}

interface Named {
  readonly host: string
  readonly allowedHosts: ReadonlyArray<string>
  /** The data directory. */
  readonly data: string
}

const asUserError = <A>(read: () => A): Effect.Effect<A, CliError.UserError> =>
  Effect.try({
    try: read,
    catch: (failure) => {
      if (failure instanceof TlsUnusable) return userError(failure.message)
      throw failure
    }
  })

const ofFiles = Effect.fnUntraced(function* ({ tlsCert, tlsKey, tlsClientCa }: TlsSettings, timesAsked: () => number) {
  if (Option.isNone(tlsCert) || Option.isNone(tlsKey)) {
    return yield* userError("--tls-cert and --tls-key go together: give both, or neither.")
  }
  const files = {
    certificate: tlsCert.value,
    key: tlsKey.value,
    clientAuthority: Option.getOrUndefined(tlsClientCa)
  }
  return { source: yield* asUserError(() => watchedFiles(files, timesAsked)) }
})

const madeHere = Effect.fnUntraced(function* ({ tlsDirectory }: TlsSettings, { allowedHosts, data, host }: Named) {
  const directory = resolve(Option.getOrElse(tlsDirectory, () => `${data.replace(/\/+$/, "")}-tls`))
  const nowMillis = yield* Clock.currentTimeMillis
  const serials = { serial: randomBytes(16), serverSerial: randomBytes(16) }
  const selfSigned = yield* asUserError(() =>
    openSelfSigned(directory, namesOf(host, allowedHosts), { ...serials, nowMillis })
  )
  return { source: { identity: selfSigned.identity }, selfSigned }
})

const isGiven = (value: Option.Option<unknown>): boolean => Option.isSome(value)

/** What is wrong with flags that each are right. */
const faultOf = ({ tls, ...flags }: TlsSettings): string | undefined => {
  const hasFiles = isGiven(flags.tlsCert) || isGiven(flags.tlsKey)
  const isMadeHere = tls === "self-signed"
  const port = Option.getOrElse(flags.tlsPort, () => 0)
  if (isMadeHere && hasFiles) return "--tls self-signed cannot be combined with --tls-cert or --tls-key."
  if (isGiven(flags.tlsClientCa) && !hasFiles) return "--tls-client-ca needs --tls-cert and --tls-key."
  if (isGiven(flags.tlsDirectory) && !isMadeHere) return "--tls-directory needs --tls self-signed."
  if (isGiven(flags.tlsPort) && !isMadeHere && !hasFiles) {
    return "--tls-port needs --tls-cert and --tls-key, or --tls self-signed."
  }
  return port < 0 || port > 65_535 ? `--tls-port takes 0 to 65535, not ${port}.` : undefined
}

/** Undefined if only plain HTTP is served. */
export const servedTls = Effect.fn("serve.servedTls")(function* (
  settings: TlsSettings,
  named: Named,
  timesAsked: () => number
) {
  const { tls, tlsCert, tlsKey, tlsPort } = settings
  const fault = faultOf(settings)
  if (fault !== undefined) return yield* userError(fault)
  const hasFiles = isGiven(tlsCert) || isGiven(tlsKey)
  if (tls === "off" && !hasFiles) return undefined
  const port = Option.getOrUndefined(tlsPort)
  const served: ServedTls = hasFiles ? yield* ofFiles(settings, timesAsked) : yield* madeHere(settings, named)
  return port === undefined ? served : { ...served, port }
})

/** Lines of the banner that say how clients trust a certificate that was made here. */
export const trustLines = ({ authorityPath, fingerprint }: SelfSigned): ReadonlyArray<string> => [
  `  CA                ${authorityPath}`,
  `  CA SHA-256        ${fingerprint}`,
  "",
  "  Clients have to trust the CA:",
  "",
  `    export NODE_EXTRA_CA_CERTS=${authorityPath}     # Node.js, this command`,
  `    export REQUESTS_CA_BUNDLE=${authorityPath}      # Python`,
  `    export SSL_CERT_FILE=${authorityPath}           # Go, OpenSSL, aliyun CLI`,
  `    curl --cacert ${authorityPath} …`,
  "    Java, PHP and browsers: docs/how-to/tls.md"
]
