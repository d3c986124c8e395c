/** A real server with its console on a free port, and a browser's side of it without a browser. */
import { execFileSync } from "node:child_process"
import { request } from "node:http"
import { fileURLToPath } from "node:url"
import { Clock, Effect, ManagedRuntime, Layer, Redacted } from "effect"
import { optionsOf } from "../../src/index.ts"
import type { KmsOptions } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import type { EngineOptions } from "../../src/main.ts"
import { Kms } from "../../src/kms.ts"
import { HttpServer } from "../../src/server/httpServer.ts"
import { Store } from "../../src/store/store.ts"
import type { Machine } from "../timers/machine.ts"

export const accessKeyId = "testid"
export const secret = "testsecret"

const build = fileURLToPath(new URL("../../src/development/buildConsoleIfStale.ts", import.meta.url))

let isBuilt = false

/** Once for each test file, because the check starts a process. */
const buildOnce = (): void => {
  if (!isBuilt) execFileSync(process.execPath, [build], { stdio: "ignore" })
  isBuilt = true
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly text: string
}

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

/** Uses node:http, because fetch does not let a program set Host or Origin, and normalizes paths. */
export const send = (
  url: string,
  path: string,
  { method = "GET", headers = {}, body }: RequestOptions = {}
): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const sent = request({ hostname, port, path, method, headers }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => (text += chunk))
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.on("error", reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })

export const own = { "x-keystate-console": "1" } as const

/** A reply's member by its path. */
export const at = (value: unknown, ...path: ReadonlyArray<string | number>): unknown => {
  let found = value
  for (const name of path) found = typeof found === "object" && found !== null ? Reflect.get(found, name) : undefined
  return found
}

export interface Page {
  readonly cookie: string
  readonly get: (path: string) => Promise<unknown>
  readonly post: (path: string, body: object) => Promise<unknown>
  readonly call: (operation: string, parameters?: object) => Promise<unknown>
  /** An operation of RAM. */
  readonly ram: (operation: string, parameters?: object) => Promise<unknown>
}

interface ConsoleOptions extends KmsOptions {
  readonly host?: string
  /** The secret of the root's access key. */
  readonly rootSecret?: string
  /** In memory if not given. */
  readonly store?: EngineOptions["store"]
  /** The machine whose clock and uptime the server reads; the real one by default. */
  readonly machine?: Pick<Machine, "clock" | "uptime">
}

export const startConsole = async ({
  host = "127.0.0.1",
  store: given = "memory",
  rootSecret = secret,
  machine,
  ...options
}: ConsoleOptions = {}) => {
  buildOnce()
  const known = optionsOf(given, { ...options, accessKey: { accessKeyId, secret: Redacted.make(rootSecret) } })
  const engine = { ...known, uptime: machine?.uptime }
  const layer = HttpServer.layer({ host, port: 0, region: engine.realm.region }).pipe(
    Layer.provideMerge(engineLayer(engine)),
    Layer.provideMerge(machine === undefined ? Layer.empty : Layer.succeed(Clock.Clock, machine.clock))
  )
  const runtime = ManagedRuntime.make(layer)
  const { consoleUrl, url } = await runtime.runPromise(Effect.flatMap(HttpServer, Effect.succeed))
  const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
  const store = await runtime.runPromise(Effect.flatMap(Store, Effect.succeed))
  const token = async (): Promise<string> =>
    /#token=(.+)$/.exec((await runtime.runPromise(consoleUrl)) ?? "")?.[1] ?? ""

  const signIn = async (body: object = { accessKeyId, accessKeySecret: secret }): Promise<Answered> =>
    send(url, "/console/api/session", { method: "POST", headers: own, body })

  const page = async (body?: object): Promise<Page> => {
    const { headers } = await signIn(body)
    const [set = ""] = headers["set-cookie"] ?? []
    return pageWith(set.split(";")[0] ?? "")
  }
  /** A page of a browser that has this cookie. Its name holds the port of the server that set it. */
  const pageWith = (given: string): Page => {
    const cookie = given.replace(/^keystate_\d+/, `keystate_${new URL(url).port}`)
    const get = async (path: string): Promise<unknown> =>
      JSON.parse((await send(url, `/console/api${path}`, { headers: { ...own, cookie } })).text)
    const post = async (path: string, body: object): Promise<unknown> =>
      JSON.parse((await send(url, `/console/api${path}`, { method: "POST", headers: { ...own, cookie }, body })).text)
    const asking =
      (api: string) =>
      async (operation: string, parameters: object = {}): Promise<unknown> =>
        post("/call", { api, operation, parameters })
    return { cookie, get, post, call: asking("kms"), ram: asking("ram") }
  }
  const stop = (): Promise<void> => runtime.dispose()
  return {
    url,
    kms,
    store,
    token,
    signIn,
    page,
    pageWith,
    stop,
    run: <A, E>(effect: Effect.Effect<A, E>) => runtime.runPromise(effect),
    [Symbol.asyncDispose]: stop
  }
}

export type RunningConsole = Awaited<ReturnType<typeof startConsole>>
