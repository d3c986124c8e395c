/** The faults that an answer to any request may have. */
import { root } from "../nodes/nodeProcess.ts"
import { readXml } from "../wire/strictXml.ts"
import type { Answer } from "./exchange.ts"

/** A stack trace, a path of the sources, or the names of internals. */
const internals = /\n\s+at .+:\d+:\d+|node_modules|file:\/\/\/|\bnode:internal\b|SQLITE_|FiberFailure/

const isRefusal = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "Code" in value && "RequestId" in value && "Message" in value

const faultOfText = (read: () => unknown, status: number): string | undefined => {
  try {
    const value = read()
    return status === 200 || isRefusal(value) ? undefined : "a refusal without Code, Message and RequestId"
  } catch (error) {
    return `a body that cannot be read: ${String(error)}`
  }
}

const readers: Readonly<Record<string, (body: string) => unknown>> = {
  "application/json": (body) => JSON.parse(body),
  "text/xml": (body) => readXml(body).content,
  "application/xml": (body) => readXml(body).content
}

/** Paths that do not answer in the API's form. */
const isOfApi = (says: string): boolean => !/^unsigned \w+ \/(console|docs|livez|readyz|metrics)/.test(says)

/** Pages that are absent before a build. */
const isNotBuilt = (body: string): boolean => body.includes('"code":"NotBuilt"')

/** The reason why an answer is a fault of the server; undefined if it is correct. */
export const faultOf = (answer: Answer, says: string, isWhole: boolean): string | undefined => {
  if (answer.kind === "hang") return "no answer and no end of the connection"
  if (answer.kind === "garbled") return `no HTTP response: ${answer.head}`
  if (answer.kind === "closed") return isWhole ? "the connection ended without an answer" : undefined
  const { body, status, type } = answer
  if (status >= 500 && !isNotBuilt(body)) return `status ${status}: ${body.slice(0, 300)}`
  // The pages of the documentation may name node_modules.
  if (!type.startsWith("text/html") && internals.test(body)) return `internals in the answer: ${body.slice(0, 300)}`
  if (body.includes(root.secret)) return "the secret of an access key in the answer"
  const read = readers[type.split(";")[0] ?? ""]
  return read !== undefined && body !== "" && isOfApi(says) ? faultOfText(() => read(body), status) : undefined
}
