/** The client of `npm run bench:load`: prepares every request, then sends them over 64 connections and times each answer. */
import { randomUUID } from "node:crypto"
import { connect } from "node:net"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"

/** What one load sends. Connection `c` sends the members at places c, c + members.length, … in turn. */
export interface Load {
  readonly port: number
  readonly connections: number
  readonly total: number
  /** Signed as form parameters; or else JSON for the target. */
  readonly target: string | undefined
  readonly members: ReadonlyArray<ReadonlyArray<Readonly<Record<string, string>>>>
}

const timestamp = formatInstant(Date.now())

const signed = (parameters: Readonly<Record<string, string>>): string =>
  signV1({
    method: "POST",
    parameters: { Version: "2016-01-20", Format: "JSON", ...parameters },
    accessKeyId: "bench",
    secret: "bench-secret",
    nonce: randomUUID(),
    timestamp
  })

const bytesOf = ({ port, target }: Load, members: Readonly<Record<string, string>>): Buffer => {
  const body = target === undefined ? signed(members) : JSON.stringify(members)
  const type =
    target === undefined
      ? "content-type: application/x-www-form-urlencoded"
      : `content-type: application/x-amz-json-1.1\r\nx-amz-target: ${target}`
  return Buffer.from(
    `POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )
}

/** The requests of one connection, in order. */
const requestsOf = (load: Load, connection: number): ReadonlyArray<Buffer> => {
  const own = load.members[connection % load.members.length] ?? []
  return Array.from({ length: Math.ceil(load.total / load.connections) }, (_, n) =>
    bytesOf(load, own[n % own.length] ?? {})
  )
}

const lengthOf = /content-length: (\d+)/i

/** Sends one request after the other, and returns the milliseconds of each. */
const converse = (port: number, requests: ReadonlyArray<Buffer>): Promise<ReadonlyArray<number>> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true })
    const millis: Array<number> = []
    let received = ""
    let sentAt = 0
    const sendNext = (): void => {
      const request = requests[millis.length]
      if (request === undefined) {
        socket.end()
        resolve(millis)
        return
      }
      sentAt = performance.now()
      socket.write(request)
    }
    socket.setEncoding("latin1")
    socket.on("error", reject)
    socket.on("connect", sendNext)
    socket.on("data", (chunk: string) => {
      received += chunk
      const end = received.indexOf("\r\n\r\n")
      if (end < 0) return
      if (received.length < end + 4 + Number(lengthOf.exec(received.slice(0, end))?.[1])) return
      if (!received.startsWith("HTTP/1.1 200")) {
        reject(new Error(`refused: ${received}`))
        return
      }
      received = ""
      millis.push(performance.now() - sentAt)
      sendNext()
    })
  })

const percentile = (sorted: ReadonlyArray<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

const run = async (load: Load): Promise<void> => {
  const prepared = Array.from({ length: load.connections }, (_, connection) => requestsOf(load, connection))
  const startedAt = performance.now()
  const all = await Promise.all(prepared.map((requests) => converse(load.port, requests)))
  const seconds = (performance.now() - startedAt) / 1000
  const millis = all.flat().toSorted((a, b) => a - b)
  process.send?.(
    {
      requests: millis.length,
      perSecond: millis.length / seconds,
      p50: percentile(millis, 0.5),
      p99: percentile(millis, 0.99)
    },
    () => process.exit(0)
  )
}

process.once("message", (load) => void run(load as Load))
