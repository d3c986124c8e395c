/** A real server on a free port, in this process, and the vendor's unmodified clients for it. */
import Kms from "@alicloud/kms20160120"
import OpenApi from "@alicloud/openapi-client"
import Pop from "@alicloud/pop-core"
import { Config as RpcConfig } from "@alicloud/rpc-client"
import { RuntimeOptions } from "@alicloud/tea-util"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { optionsOf } from "../../src/index.ts"
import type { KmsOptions } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import type { EngineOptions } from "../../src/main.ts"
import { HttpServer } from "../../src/server/httpServer.ts"
import { newSharedStore, startSpreader } from "./spreading.ts"
import { patience, sdkTimeouts } from "../patience.ts"

export const accessKeyId = "testid"
export const secret = "testsecret"

export interface RunningServer extends AsyncDisposable {
  readonly url: string
  readonly sdk: Kms.default
  /** V1: parameters in the query for GET, in a form for POST. */
  readonly pop: (action: string, parameters?: object, method?: "GET" | "POST") => Promise<unknown>
  /** The same for RAM. */
  readonly ram: (action: string, parameters?: object) => Promise<unknown>
  /** V3, ACS3-HMAC-SHA256. */
  readonly v3: (action: string, query?: Readonly<Record<string, string>>) => Promise<unknown>
  readonly stop: () => Promise<void>
}

type ServerOptions = KmsOptions & { readonly store?: EngineOptions["store"] }

interface Started {
  readonly url: string
  readonly stop: () => Promise<void>
}

const startOne = async (options: ServerOptions): Promise<Started> => {
  const accessKey = { accessKeyId, secret: Redacted.make(secret) }
  const engine = optionsOf(options.store ?? "memory", { ...options, accessKey })
  const layer = HttpServer.layer({ host: "127.0.0.1", port: 0, region: engine.realm.region }).pipe(
    Layer.provideMerge(engineLayer(engine))
  )
  const runtime = ManagedRuntime.make(layer)
  const { url } = await runtime.runPromise(Effect.flatMap(HttpServer, Effect.succeed))
  return { url, stop: () => runtime.dispose() }
}

/** Engines that share a store draw their own ids, so they cannot share a seed. */
const isSpread = ({ seed, store }: ServerOptions): boolean =>
  process.env["KEYSTATE_TEST_NODES"] !== undefined && store === undefined && seed === undefined

const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(7) } as const

/** Servers on one store, and requests distributed over them in turn. */
const startSpread = async (options: ServerOptions): Promise<Started> => {
  const store = await newSharedStore()
  const nodes: Array<Started> = []
  // One after the other: the first creates the shared rows.
  for (let count = 0; count < Number(process.env["KEYSTATE_TEST_NODES"]); count++) {
    nodes.push(await startOne({ ...options, store, rootKey }))
  }
  const spreader = await startSpreader(nodes.map(({ url }) => url))
  return {
    url: spreader.url,
    stop: async () => {
      await spreader.close()
      await Promise.all(nodes.map((node) => node.stop()))
    }
  }
}

export const startServer = async (options: ServerOptions = {}): Promise<RunningServer> => {
  const { url, stop } = isSpread(options) ? await startSpread(options) : await startOne(options)
  const common = {
    accessKeyId,
    accessKeySecret: secret,
    endpoint: new URL(url).host,
    regionId: "cn-hangzhou",
    ...sdkTimeouts
  }
  const sdk = new Kms.default(new RpcConfig({ ...common, protocol: "http", type: "access_key" }))
  const pop = new Pop({
    accessKeyId,
    accessKeySecret: secret,
    endpoint: url,
    apiVersion: "2016-01-20",
    opts: { timeout: patience }
  })
  const ram = new Pop({
    accessKeyId,
    accessKeySecret: secret,
    endpoint: url,
    apiVersion: "2015-05-01",
    opts: { timeout: patience }
  })
  const openapi = new OpenApi.default(new OpenApi.Config({ ...common, protocol: "http" }))
  const v3 = async (action: string, query: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    const params = new OpenApi.Params({
      action,
      version: "2016-01-20",
      protocol: "HTTP",
      pathname: "/",
      method: "POST",
      authType: "AK",
      style: "RPC",
      reqBodyType: "json",
      bodyType: "json"
    })
    const reply = await openapi.callApi(params, new OpenApi.OpenApiRequest({ query }), new RuntimeOptions({}))
    return reply["body"]
  }
  return {
    url,
    sdk,
    pop: (action, parameters = {}, method = "GET") => pop.request(action, parameters, { method, formatParams: false }),
    ram: (action, parameters = {}) => ram.request(action, parameters, { method: "POST", formatParams: false }),
    v3,
    stop,
    [Symbol.asyncDispose]: stop
  }
}
