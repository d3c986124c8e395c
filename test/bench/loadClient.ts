/** The client of `npm run bench:load`: prepares every request, then sends them over 64 connections and times each answer. */
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import { connect } from "node:net"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"
import { unsignedHeaders } from "./loadCases.ts"

/** What one load sends. Connection `c` sends the members at places c, c + members.length, … in turn. */
export interface Load {
  readonly host: string
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

const unsigned = (target: string): string =>
  Object.entries({ ...unsignedHeaders, "x-amz-target": target })
    .map(([name, value]) => `${name}: ${value}`)
    .join("\r\n")

const bytesOf = ({ host, port, target }: Load, members: Readonly<Record<string, string>>): Buffer => {
  const body = target === undefined ? signed(members) : JSON.stringify(members)
  const headers = target === undefined ? "content-type: application/x-www-form-urlencoded" : unsigned(target)
  return Buffer.from(
    `POST / HTTP/1.1\r\nhost: ${host}:${port}\r\n${headers}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  )
}

/** The requests of one connection, in order. */
const requestsOf = (load: Load, connection: number): ReadonlyArray<Buffer> => {
  const own = load.members[connection % load.members.length] ?? []
  return Array.from({ length: Math.ceil(load.total / load.connections) }, (_, n) =>
    bytesOf(load, own[n % own.length] ?? {})
  )
}

const lengthOf = /^content-length: *(\d+)/im
const isChunked = /^transfer-encoding: *chunked/im

/** Whether the answer is whole. Of chunks only the end of the last one is looked for; the answers are JSON. */
const isWhole = (received: string): boolean => {
  const end = received.indexOf("\r\n\r\n")
  if (end < 0) return false
  const head = received.slice(0, end)
  const length = lengthOf.exec(head)?.[1]
  if (length !== undefined) return received.length >= end + 4 + Number(length)
  return isChunked.test(head) && received.endsWith("\r\n0\r\n\r\n")
}

interface Place {
  readonly host: string
  readonly port: number
}

/** Sends one request after the other, and returns the milliseconds of each. Connects again if the server closes. */
const converse = (place: Place, requests: ReadonlyArray<Buffer>): Promise<ReadonlyArray<number>> =>
  new Promise((resolve, reject) => {
    const millis: Array<number> = []
    let sentAt = 0
    const begin = (): void => {
      const socket = connect({ ...place, noDelay: true })
      let received = ""
      const sendNext = (): void => {
        const request = requests[millis.length]
        if (request === undefined) {
          socket.end()
          resolve(millis)
        } else socket.write(request)
      }
      const answered = (): void => {
        millis.push(performance.now() - sentAt)
        sentAt = performance.now()
        if (/^connection: *close|^HTTP\/1\.0/im.test(received.slice(0, received.indexOf("\r\n\r\n")))) {
          socket.destroy()
          if (millis.length === requests.length) resolve(millis)
          else begin()
          return
        }
        received = ""
        sendNext()
      }
      socket.setEncoding("latin1")
      socket.on("error", reject)
      socket.on("connect", sendNext)
      socket.on("data", (chunk: string) => {
        received += chunk
        if (!isWhole(received)) return
        if (/^HTTP\/1\.[01] 200/.test(received)) answered()
        else reject(new Error(`refused: ${received}`))
      })
      socket.on("end", () => {
        if (millis.length < requests.length) reject(new Error(`the server closed a connection after: ${received}`))
      })
    }
    sentAt = performance.now()
    begin()
  })

const percentile = (sorted: ReadonlyArray<number>, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

const run = async (load: Load): Promise<void> => {
  const prepared = Array.from({ length: load.connections }, (_, connection) => requestsOf(load, connection))
  const begun = once(process, "message")
  process.send?.({ prepared: load.total })
  await begun
  const startedAt = performance.now()
  const all = await Promise.all(prepared.map((requests) => converse(load, requests)))
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
