/** The certificate that the flags of `serve` select. */
import { randomBytes } from "node:crypto"
import { resolve } from "node:path"
import { Clock, Effect, Option } from "effect"
import type { CliError } from "effect/cli"
import { TlsUnusable } from "../../server/tls/identity.ts"
import { watchedFiles } from "../../server/tls/reload.ts"
import type { TlsSource } from "../../server/tls/reload.ts"
import { namesOf, openSelfSigned } from "../../server/tls/selfSigned.ts"
import type { SelfSigned } from "../../server/tls/selfSigned.ts"
import { userError } from "../output/userError.ts"
import type { TlsSettings } from "./serveFlags.ts"

export interface ServedTls {
  readonly source: TlsSource
  readonly port?: number
  /** Set if this start or an earlier one created the certificate. */
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

/** Refuses flags that are valid alone but not together. */
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

/** Undefined if the server has only plain HTTP. */
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

/** Banner lines that say how clients trust a created certificate. */
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
