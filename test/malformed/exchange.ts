/** Sends bytes over plain or encrypted connections, and reads the answers. */
import { connect } from "node:net"
import type { Socket } from "node:net"
import { connect as connectTls } from "node:tls"

export type Answer =
  | { readonly kind: "answer"; readonly status: number; readonly type: string; readonly body: string }
  /** The server ended the connection without an answer. */
  | { readonly kind: "closed" }
  /** Neither an answer nor the end of the connection, within the time limit. */
  | { readonly kind: "hang" }
  /** Bytes that are not an HTTP response. */
  | { readonly kind: "garbled"; readonly head: string }

export interface Target {
  readonly port: number
  readonly isEncrypted: boolean
}

const open = ({ isEncrypted, port }: Target): Socket =>
  isEncrypted
    ? connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] })
    : connect(port, "127.0.0.1")

/** The text of a chunked body; undefined while it is incomplete. */
const unchunked = (bytes: Buffer): { readonly body: string; readonly length: number } | undefined => {
  const parts: Array<Buffer> = []
  for (let at = 0; ;) {
    const end = bytes.indexOf("\r\n", at)
    if (end < 0) return undefined
    const size = Number.parseInt(bytes.subarray(at, end).toString("latin1"), 16)
    const next = end + 2 + size + 2
    if (bytes.length < next) return undefined
    if (size === 0) return { body: Buffer.concat(parts).toString("utf8"), length: next }
    parts.push(bytes.subarray(end + 2, end + 2 + size))
    at = next
  }
}

interface Read {
  readonly answer: Answer
  readonly length: number
  /** Whether the server keeps the connection open. */
  readonly isKept: boolean
}

/** The first answer in the bytes; undefined while it is incomplete. */
const readAnswer = (bytes: Buffer, hasEnded: boolean): Read | undefined => {
  const end = bytes.indexOf("\r\n\r\n")
  if (end < 0) return undefined
  const head = bytes.subarray(0, end).toString("latin1")
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
  if (Number.isNaN(status))
    return { answer: { kind: "garbled", head: head.slice(0, 200) }, length: bytes.length, isKept: false }
  const field = (name: string): string => new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1] ?? ""
  const type = field("content-type")
  const isKept = field("connection").toLowerCase() !== "close"
  const rest = bytes.subarray(end + 4)
  const done = (body: string, length: number): Read => ({
    answer: { kind: "answer", status, type, body },
    length: end + 4 + length,
    isKept
  })
  if (status < 200 || status === 204 || status === 304) return done("", 0)
  if (field("transfer-encoding") === "chunked") {
    const body = unchunked(rest)
    return body && done(body.body, body.length)
  }
  const length = field("content-length")
  if (length === "") return hasEnded ? done(rest.toString("utf8"), rest.length) : undefined
  return rest.length < Number(length)
    ? undefined
    : done(rest.subarray(0, Number(length)).toString("utf8"), Number(length))
}

/** One client, with one request at a time on its connection. */
export interface Lane {
  /** `isWhole`: the bytes are one complete request. Otherwise the client ends its side after the bytes. */
  readonly ask: (bytes: Buffer, isWhole: boolean) => Promise<Answer>
  readonly close: () => void
}

export const makeLane = (target: Target, limitMillis: number): Lane => {
  let kept: Socket | undefined

  const exchange = (socket: Socket, bytes: Buffer, isWhole: boolean): Promise<Answer> =>
    new Promise((resolve) => {
      let received = Buffer.alloc(0)
      const finish = (answer: Answer, isKept: boolean): void => {
        clearTimeout(timer)
        socket.removeAllListeners()
        socket.on("error", () => {})
        kept = isKept && isWhole ? socket : undefined
        if (kept === undefined) socket.destroy()
        resolve(answer)
      }
      const timer = setTimeout(() => finish({ kind: "hang" }, false), limitMillis)
      const look = (hasEnded: boolean): void => {
        const read = readAnswer(received, hasEnded)
        // A status below 200 comes before the answer.
        if (read?.answer.kind === "answer" && read.answer.status < 200) {
          received = received.subarray(read.length)
          return look(hasEnded)
        }
        if (read !== undefined) return finish(read.answer, read.isKept)
        return hasEnded ? finish({ kind: "closed" }, false) : undefined
      }
      socket.on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
        look(false)
      })
      socket.on("error", () => look(true))
      socket.on("close", () => look(true))
      socket.write(bytes, () => {
        if (!isWhole) socket.end()
      })
    })

  const ask = async (bytes: Buffer, isWhole: boolean): Promise<Answer> => {
    const used = kept
    kept = undefined
    const answer = await exchange(used ?? open(target), bytes, isWhole)
    // The server may close an idle connection while a request is on the way to it.
    return answer.kind === "closed" && used !== undefined ? exchange(open(target), bytes, isWhole) : answer
  }

  return { ask, close: () => kept?.destroy() }
}
