/** What the adapters of other APIs share: JSON over HTTP, ciphertext that names its key, and contexts as bytes. */
import type { Answer, NativeCall } from "./adapter.ts"

export type Parameters = Readonly<Record<string, unknown>>

/** A parameter as text; empty if it is absent. */
export const textIn = (asked: Parameters, name: string): string => {
  const value = asked[name]
  if (typeof value === "string") return value
  return typeof value === "number" || typeof value === "boolean" ? String(value) : ""
}

export type Method = "GET" | "POST" | "PATCH" | "DELETE"

/** One HTTP request with a JSON body. */
export interface JsonRequest {
  readonly method: Method
  readonly path: string
  readonly body?: object
}

/** The reply to it. `body` is undefined if the reply is no JSON. */
export interface JsonReply {
  readonly status: number
  readonly isOk: boolean
  readonly body: unknown
  readonly text: string
}

export type AskJson = (request: JsonRequest) => Promise<JsonReply>

const parsed = (text: string): unknown => {
  if (text === "") return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Sends requests to one service, with the same headers each time. */
export const jsonOver =
  (endpoint: string, headers: Readonly<Record<string, string>>, timeoutMillis: number): AskJson =>
  async ({ method, path, body }) => {
    const reply = await fetch(`${endpoint.replace(/\/$/, "")}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMillis)
    })
    const text = await reply.text()
    return { status: reply.status, isOk: reply.ok, body: parsed(text), text }
  }

/** Performs a call of the suite with an `ask` that adds each request and reply to the answer. */
export const withNativeCalls = async (ask: AskJson, perform: (ask: AskJson) => Promise<Answer>): Promise<Answer> => {
  const native: Array<NativeCall> = []
  const answer = await perform(async (request) => {
    const reply = await ask(request)
    const { status, body = reply.text } = reply
    native.push({ call: `${request.method} ${request.path}`, request: request.body ?? {}, reply: { status, body } })
    return reply
  })
  return { ...answer, native }
}

/** A call that was accepted. */
export const accepted = (response: object): Answer => ({ ok: true, response })

/** The answer to a reply that is no JSON: a fault of the service. */
export const unreadable = ({ text }: JsonReply): Answer => ({
  ok: false,
  code: "Unreadable",
  httpStatus: 502,
  message: text.slice(0, 80)
})

/** Bytes of a service, with the key and the version that the service needs in each call. */
export interface KeyedBytes {
  readonly key: string
  readonly version: number
  readonly base64: string
}

const headerBytes = 3

/**
 * The suite's ciphertext names its key, and the ciphertext of these services does not. Three bytes before it hold the
 * number of the key in this run and the version. All other bytes are the service's own.
 */
export const makeKeyedBytes = () => {
  const keys: Array<string> = []
  return {
    seal: ({ key, version, base64 }: KeyedBytes): string => {
      const known = keys.indexOf(key)
      const number = known === -1 ? keys.push(key) - 1 : known
      return Buffer.concat([Buffer.from([number >> 8, number & 255, version]), Buffer.from(base64, "base64")]).toString(
        "base64"
      )
    },
    /** A number that no key has names a key that does not exist. */
    open: (blob: string): KeyedBytes => {
      const bytes = Buffer.from(blob, "base64")
      const [high = 255, low = 255, version = 0] = bytes
      return {
        key: keys[high * 256 + low] ?? "no-such-key",
        version,
        base64: bytes.subarray(headerBytes).toString("base64")
      }
    }
  }
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : Number(one > other)

/** The bytes of a context, as Base64: its pairs by name, as JSON. Undefined without a context. */
export const contextBytes = (asked: Parameters, name = "EncryptionContext"): string | undefined => {
  const text = textIn(asked, name)
  if (text === "") return undefined
  const value: unknown = JSON.parse(text)
  const pairs = typeof value === "object" && value !== null ? Object.entries(value).sort(byName) : []
  return pairs.length === 0 ? undefined : Buffer.from(JSON.stringify(pairs)).toString("base64")
}

/** `2026-11-25T10:00:00Z`. */
export const dateOfSeconds = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
