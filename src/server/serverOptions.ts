/** The options of a server in the user's own process. */
import { Clock, Effect, Redacted } from "effect"
import type { GivenAccessKey } from "../authorization/accessKeys.ts"
import { connectionsPerAddressDefault } from "../domain/limits.ts"
import { optionsOf } from "../index.ts"
import type { KmsOptions } from "../index.ts"
import type { EngineOptions } from "../main.ts"
import { assertOptions } from "../options.ts"
import { Randomness } from "../platform/services.ts"
import type { ListenOptions } from "./httpServer.ts"
import { checkedSettings } from "./listenSettings.ts"
import { TlsUnusable, checkIdentity } from "./tls/identity.ts"
import type { TlsIdentity } from "./tls/identity.ts"
import { makeSelfSigned, namesOf } from "./tls/selfSigned.ts"

/** The access key of the root of the account. */
export interface RootAccessKey {
  readonly accessKeyId: string
  /** The access key secret. */
  readonly secret: string | Redacted.Redacted<string>
}

/** Options of the service and of its account; `startServer` has more. */
export type FetchOptions = Omit<KmsOptions, "accessKey"> & {
  /** `"memory"` by default, or a directory, or a store of your own. */
  readonly store?: EngineOptions["store"]
  /** The access key of the root. By default the store makes one. */
  readonly accessKey?: RootAccessKey
}

/** A certificate and its private key as PEM text. */
export interface TlsOptions {
  /** The certificate of the server, then those of the chain to its authority. */
  readonly certificate: string
  readonly key: string
  /** Accept only clients with a certificate that this authority signed. */
  readonly clientAuthority?: string
}

/** Options of `startServer`; all have a default. */
export type ServerOptions = Omit<FetchOptions, "host"> & {
  /** The address to listen on; 127.0.0.1 by default. */
  readonly host?: string
  /** The port to listen on. By default, and with 0, a free one. */
  readonly port?: number
  /**
   * HTTPS in place of HTTP. `"self-signed"` makes an authority and a certificate in memory; `authority` of the server is
   * what clients must trust.
   */
  readonly tls?: "self-signed" | TlsOptions
  /** Further host names under which other machines may open the console and `/metrics`. */
  readonly allowedHosts?: ReadonlyArray<string>
  /** Addresses or blocks of proxies whose X-Forwarded-For names the client. */
  readonly trustedProxies?: ReadonlyArray<string>
  /** The open connections allowed for each client address. */
  readonly connectionsPerAddress?: number
  /** A port for `/livez`, `/readyz` and `/metrics` alone. By default they are on the other port. */
  readonly monitoringPort?: number
}

/** The options that only a listening server has. */
const listening = ["host", "port", "tls", "allowedHosts", "trustedProxies", "connectionsPerAddress", "monitoringPort"]

const givenAccessKey = (given: RootAccessKey | undefined): GivenAccessKey | undefined => {
  if (given === undefined) return undefined
  const { accessKeyId, secret } = given
  if (typeof accessKeyId !== "string" || accessKeyId === "" || secret === undefined || secret === "") {
    throw new TypeError("The option accessKey must be an accessKeyId and its secret.")
  }
  return { accessKeyId, secret: typeof secret === "string" ? Redacted.make(secret) : secret }
}

/** Throws a TypeError for an option that is wrong. */
export const engineOptionsOf = ({ accessKey, store = "memory", ...options }: FetchOptions): EngineOptions =>
  optionsOf(store, { ...options, accessKey: givenAccessKey(accessKey) })

interface Split {
  readonly engine: EngineOptions
  readonly listen: ListenOptions
  readonly tls: ServerOptions["tls"]
}

/** The options of the engine and those of the listening server. Throws a TypeError for an option that is wrong. */
export const splitOptions = (options: ServerOptions): Split => {
  assertOptions(options, listening)
  const { allowedHosts = [], host = "127.0.0.1", monitoringPort, port = 0, tls, trustedProxies = [], ...rest } = options
  const { connectionsPerAddress = connectionsPerAddressDefault, ...service } = rest
  const written = { port, monitoringPort, connectionsPerAddress, allowedHosts, trustedProxies }
  const checked = checkedSettings(written, (setting) => `The option ${setting}`)
  if (typeof checked === "string") throw new TypeError(checked)
  if (typeof tls === "string" && tls !== "self-signed") {
    throw new TypeError('The option tls must be "self-signed", or a certificate and its key.')
  }
  const engine = engineOptionsOf(service)
  return { engine, listen: { ...checked, host, region: engine.realm.region }, tls }
}

interface Secured {
  readonly identity: TlsIdentity
  /** The certificate of the authority that was made here. */
  readonly authority?: string
}

const serialBytes = 16

/** The identity that the option `tls` names or asks for; undefined for plain HTTP. */
export const securedBy = (
  tls: ServerOptions["tls"],
  { allowedHosts = [], host }: ListenOptions
): Effect.Effect<Secured | undefined, TlsUnusable, Randomness> =>
  Effect.gen(function* () {
    if (tls === undefined) return undefined
    if (tls === "self-signed") {
      const { bytes } = yield* Randomness
      const nowMillis = yield* Clock.currentTimeMillis
      const serials = { serial: bytes(serialBytes), serverSerial: bytes(serialBytes) }
      return makeSelfSigned(namesOf(host, allowedHosts), { ...serials, nowMillis })
    }
    const { certificate, clientAuthority, key } = tls
    const identity: TlsIdentity = { certificate, key, clientAuthority }
    yield* Effect.try({
      try: () =>
        checkIdentity(identity, {
          certificate: "tls.certificate",
          key: "tls.key",
          clientAuthority: clientAuthority === undefined ? undefined : "tls.clientAuthority"
        }),
      catch: (failure) => {
        if (failure instanceof TlsUnusable) return failure
        throw failure
      }
    })
    return { identity }
  })
