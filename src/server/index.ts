/** A server in the process of a test or a program: on a port, or as a function from `Request` to `Response`. */
import { Context, Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { AccessKeys } from "../authorization/accessKeys.ts"
import type { StartError } from "../index.ts"
import type { Kms } from "../kms.ts"
import { engineLayer } from "../main.ts"
import type { EngineOptions } from "../main.ts"
import { Metrics } from "../monitoring/metrics.ts"
import { promiseKms } from "../promise.ts"
import type { PromiseKms } from "../promise.ts"
import { fetchHandler } from "./fetchHandler.ts"
import type { FetchHandler } from "./fetchHandler.ts"
import { HttpServer } from "./httpServer.ts"
import type { CannotListen } from "./httpServer.ts"
import { Pipeline } from "./pipeline.ts"
import { engineOptionsOf, securedBy, splitOptions } from "./serverOptions.ts"
import type { FetchOptions, ServerOptions } from "./serverOptions.ts"
import type { TlsUnusable } from "./tls/identity.ts"

export type { FetchConnection, FetchHandler } from "./fetchHandler.ts"
export { CannotListen } from "./httpServer.ts"
export type { FetchOptions, RootAccessKey, ServerOptions, TlsOptions } from "./serverOptions.ts"
export { TlsUnusable } from "./tls/identity.ts"

/** A listening server, as a service of Effect. It stops when the scope of its layer closes. */
export class KmsServer extends Context.Service<
  KmsServer,
  {
    /** `http://127.0.0.1:52413`: what clients take as their endpoint. */
    readonly url: string
    readonly port: number
    readonly accessKeyId: string
    readonly accessKeySecret: Redacted.Redacted<string>
    /** The certificate that clients must trust, as PEM; undefined unless `tls` is `"self-signed"`. */
    readonly authority: string | undefined
    /** The port for monitoring; undefined unless `monitoringPort` is given. */
    readonly monitoringUrl: string | undefined
  }
>()("keystate/server/KmsServer") {
  /** A server and its service. Wrong options throw a TypeError. */
  static readonly layer = (
    options: ServerOptions = {}
  ): Layer.Layer<KmsServer | Kms, StartError | CannotListen | TlsUnusable> =>
    Layer.suspend(() => {
      const split = splitOptions(options)
      return listeningLayer(split).pipe(Layer.provideMerge(engineLayer(split.engine)))
    })
}

const listeningLayer = ({ listen, tls }: ReturnType<typeof splitOptions>) =>
  Layer.unwrap(
    Effect.map(securedBy(tls, listen), (secured) => {
      const secure = secured === undefined ? {} : { tls: { source: { identity: secured.identity } } }
      const described = Effect.gen(function* () {
        const { monitoringUrl, url } = yield* HttpServer
        const { root } = yield* AccessKeys
        return {
          url,
          port: Number(new URL(url).port),
          accessKeyId: root.accessKeyId,
          accessKeySecret: root.secret,
          authority: secured?.authority,
          monitoringUrl
        }
      })
      return Layer.effect(KmsServer, described).pipe(Layer.provide(HttpServer.layer({ ...listen, ...secure })))
    })
  )

/** A handler of the wire protocol, as a service of Effect. */
export class KmsFetch extends Context.Service<
  KmsFetch,
  {
    readonly fetch: FetchHandler
    readonly accessKeyId: string
    readonly accessKeySecret: Redacted.Redacted<string>
  }
>()("keystate/server/KmsFetch") {
  /** A handler and its service. Wrong options throw a TypeError. */
  static readonly layer = (options: FetchOptions = {}): Layer.Layer<KmsFetch | Kms, StartError> =>
    Layer.suspend(() => {
      const engine = engineOptionsOf(options)
      return answeringLayer(engine).pipe(Layer.provideMerge(engineLayer(engine)))
    })
}

const answeringLayer = ({ realm: { region } }: EngineOptions) =>
  Layer.effect(
    KmsFetch,
    Effect.gen(function* () {
      const { root } = yield* AccessKeys
      return { fetch: yield* fetchHandler, accessKeyId: root.accessKeyId, accessKeySecret: root.secret }
    })
  ).pipe(Layer.provide(Pipeline.layer(region)), Layer.provide(Metrics.layer))

/** What `startServer` and `createFetch` have in common. */
interface Running extends AsyncDisposable {
  /** The access key of the root of the account. */
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** The same service without the wire protocol, for example to move its clock. */
  readonly kms: PromiseKms
  /** Answers the requests that are under way, and stops. All acknowledged changes are already durable. */
  readonly close: () => Promise<void>
}

/** A listening server. */
export interface RunningServer extends Running {
  /** `http://127.0.0.1:52413`: what clients take as their endpoint. */
  readonly url: string
  readonly port: number
  /** The certificate that clients must trust, as PEM; undefined unless `tls` is `"self-signed"`. */
  readonly authority: string | undefined
  /** The port for monitoring; undefined unless `monitoringPort` is given. */
  readonly monitoringUrl: string | undefined
}

/** A service that answers requests of the Fetch API. */
export interface RunningFetch extends Running {
  /** Answers one request of the wire protocol. A framework can mount it; its path must be `/`. */
  readonly fetch: FetchHandler
}

interface Keyed {
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted<string>
}

/** Starts the layer. If that fails, what was already open is closed, so that it does not keep the process alive. */
const started = async <I, S extends Keyed, E>(
  layer: Layer.Layer<I | Kms, E>,
  service: Effect.Effect<S, never, I | Kms>
): Promise<Omit<S, keyof Keyed> & Running> => {
  const runtime = ManagedRuntime.make(layer)
  try {
    const { accessKeyId, accessKeySecret, ...rest } = await runtime.runPromise(service)
    const kms = await promiseKms(runtime)
    const { close } = kms
    const common = { accessKeyId, accessKeySecret: Redacted.value(accessKeySecret), kms, close }
    return { ...rest, ...common, [Symbol.asyncDispose]: close }
  } catch (failure) {
    await runtime.dispose()
    throw failure
  }
}

/**
 * Starts a server in this process, by default in memory and on a free port. The process stays alive until `close`. A port
 * that is in use rejects with `CannotListen`, and an unusable certificate with `TlsUnusable`.
 */
export const startServer = (options: ServerOptions = {}): Promise<RunningServer> =>
  started(KmsServer.layer(options), Effect.service(KmsServer))

/** Starts a service that answers requests without a socket, by default in memory. */
export const createFetch = (options: FetchOptions = {}): Promise<RunningFetch> =>
  started(KmsFetch.layer(options), Effect.service(KmsFetch))
