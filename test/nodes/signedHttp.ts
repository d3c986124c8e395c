/** Signed requests to nodes over HTTP, and their outcomes. */
import { Agent, request } from "node:http"
import { Effect } from "effect"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"
import { versions } from "../histories/door.ts"
import type { Call, Door, Outcome, Signer } from "../histories/door.ts"
import { root } from "./nodeProcess.ts"
import type { NodeProcess } from "./nodeProcess.ts"

/** The outcome of a request. */
export type Sent =
  | { readonly kind: "answered"; readonly status: number; readonly code: string; readonly body: unknown }
  /** The node listens on no port, so the request did not arrive. */
  | { readonly kind: "refused" }
  /** The connection broke, or no answer arrived in time. */
  | { readonly kind: "lost"; readonly why: string }

/** The signed form of a call, by default with the machine's time. */
export const formOf = (asker: "root" | Signer, { action, api, parameters }: Call, at = Date.now()): string =>
  signV1({
    method: "POST",
    parameters: { Action: action, Version: versions[api], Format: "JSON", ...parameters },
    ...(asker === "root" ? root : asker),
    nonce: crypto.randomUUID(),
    timestamp: formatInstant(at)
  })

const codeIn = (status: number, body: unknown): string => {
  if (status === 200) return "Success"
  const code: unknown = typeof body === "object" && body !== null ? Reflect.get(body, "Code") : undefined
  return typeof code === "string" ? code : `status ${status}`
}

const answered = (status: number, text: string): Sent => {
  const body: unknown = JSON.parse(text)
  return { kind: "answered", status, code: codeIn(status, body), body }
}

/** One request at a time uses a connection. */
const agent = new Agent({ keepAlive: true })

/** Closes idle connections, which would keep the process of a command alive. */
export const closeConnections = (): void => agent.destroy()

export const post = (url: string, form: string, withinMillis: number): Promise<Sent> =>
  new Promise((resolve) => {
    const asked = request(url, {
      method: "POST",
      agent,
      signal: AbortSignal.timeout(Math.ceil(withinMillis)),
      headers: { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(form) }
    })
    const lose = (error: NodeJS.ErrnoException): void =>
      resolve(error.code === "ECONNREFUSED" ? { kind: "refused" } : { kind: "lost", why: error.code ?? error.message })
    asked.on("error", lose)
    asked.on("response", (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => (text += chunk))
      response.on("error", lose)
      response.on("end", () => {
        if (response.complete) resolve(answered(response.statusCode ?? 0, text))
      })
    })
    asked.end(form)
  })

/** Codes that prove, for every operation, that the request was not performed. */
const withoutEffect: ReadonlySet<string> = new Set([
  // After a crash of the database, a request from before the crash may have been accepted.
  "InvalidTimeStamp.Expired"
])

const outcomeOf = (sent: Sent): Outcome => {
  if (sent.kind === "refused") return "unsent"
  if (sent.kind === "lost") return "lost"
  const { body, code } = sent
  return withoutEffect.has(code) ? "unsent" : { code, body }
}

/** A node as registers call it. A client waits `patience` milliseconds. */
export const doorTo = (node: NodeProcess, patience: () => number): Door => ({
  name: node.name,
  ask: (asker, call) =>
    Effect.promise(async () =>
      node.isRunning() ? outcomeOf(await post(node.url(), formOf(asker, call), patience())) : "unsent"
    )
})
