/** A stopping server answers every client, performs no call without an answer, and exits with the code of its signal. */
import { Agent, request } from "node:http"
import { connect } from "node:net"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { lingerMillis } from "../../src/domain/limits.ts"
import { createKms } from "../../src/promise.ts"
import { own } from "../console/startConsole.ts"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { newDirectory } from "../store/places.ts"
import { serve } from "./stopping.ts"
import type { Serving } from "./stopping.ts"
import { form, post } from "./signed.ts"

interface Outcome {
  readonly status: number
  readonly closes: boolean
}

const ask = (agent: Agent, port: number, body: string): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }
    const sent = request({ agent, host: "127.0.0.1", port, method: "POST", headers }, (response) => {
      response.resume()
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, closes: response.headers.connection === "close" })
      )
      response.once("error", reject)
    })
    sent.once("error", reject)
    sent.end(body)
  })

const codeOf = (error: unknown): string => (error instanceof Error ? String(Reflect.get(error, "code")) : "?")

const newKey = async (url: string): Promise<string> => {
  const { body } = await post(url, form("CreateKey"))
  return String(Reflect.get(Object(body["KeyMetadata"]), "KeyId"))
}

/** All bytes of a connection until it ends. */
const listen = (port: number, bytes: string) => {
  const socket = connect(port, "127.0.0.1")
  let received = ""
  let hear: () => void = () => undefined
  socket.setEncoding("latin1").on("data", (chunk) => {
    received += String(chunk)
    hear()
  })
  const ended = new Promise<string>((resolve) => {
    socket.on("error", () => resolve(received))
    socket.on("close", () => resolve(received))
  })
  socket.write(bytes)
  const until = (text: string): Promise<void> =>
    new Promise((resolve) => {
      hear = () => {
        if (received.includes(text)) resolve()
      }
      hear()
    })
  return { socket, ended, until }
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(port, "127.0.0.1")
    probe.on("connect", () => resolve(true)).on("error", () => resolve(false))
    probe.on("connect", () => probe.destroy())
  })

const httpOf = (body: string): string =>
  `POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** Sends half a request after complete ones, and waits until the server has read its headers and requests the body. */
const listenHalf = async (port: number, bytes: string, before = "") => {
  const [head = "", body = ""] = bytes.split("\r\n\r\n")
  const half = listen(port, `${before}${head}\r\nexpect: 100-continue\r\n\r\n${body.slice(0, -10)}`)
  await half.until("100 Continue")
  return { ...half, finish: () => void half.socket.write(body.slice(-10)) }
}

/** Resolves when the server has received its signal: it then accepts no connections. */
const untilClosed = async (port: number): Promise<void> => {
  while (await isOpen(port)) await new Promise((resolve) => setTimeout(resolve, 10))
}

const clientsCount = 96
const signals: ReadonlyArray<readonly [NodeJS.Signals, number]> = [
  ["SIGTERM", 0],
  ["SIGINT", 130]
]

describe("a server with busy clients", () => {
  const directory = newDirectory()

  it.each(signals)(
    "a server with busy clients answers all of them at %s and performs no unanswered call",
    async (signal, code) => {
      const server = await serve("--data", directory)
      const KeyId = await newKey(server.url)
      const answered: Array<string> = []
      const closing: Array<string> = []
      const failures: Array<string> = []
      let closedWhenIdle = 0
      const connected = new Set<number>()
      let hasStopped = false
      const busy = async (client: number): Promise<void> => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        let answeredAt = performance.now()
        for (let count = 0; ; count++) {
          const Description = `${client}/${count}`
          const isChange = client % 2 === 0
          const body = isChange
            ? form("UpdateKeyDescription", { KeyId, Description })
            : form("Encrypt", { KeyId, Plaintext: "aGVsbG8=" })
          try {
            const { closes, status } = await ask(agent, server.port, body)
            connected.add(client)
            answeredAt = performance.now()
            if (status !== 200 && status !== 429) failures.push(`${status}`)
            if (isChange && status === 200) answered.push(Description)
            if (closes) closing.push(Description)
          } catch (error) {
            const wasIdle = performance.now() - answeredAt > lingerMillis
            // After a refused connection a client uses another server. On a busy machine an idle connection may be closed.
            if (!hasStopped || (codeOf(error) !== "ECONNREFUSED" && !wasIdle)) failures.push(codeOf(error))
            else if (codeOf(error) !== "ECONNREFUSED") closedWhenIdle++
            agent.destroy()
            return
          }
          if (answered.length >= 150 && connected.size === clientsCount && !hasStopped) {
            hasStopped = true
            server.signal(signal)
          }
        }
      }
      await Promise.all(Array.from({ length: clientsCount }, (_none, client) => busy(client)))
      expect(await server.ended).toBe(code)
      expect(failures).toEqual([])
      expect(closing.length + closedWhenIdle).toBe(clientsCount)
      await using kms = await createKms({ store: { directory } })
      const done: Array<string> = []
      for await (const { payload } of kms.events(KeyId)) {
        if (payload.type === "Event" && payload.metadata !== undefined) done.push(payload.metadata.description)
      }
      expect(done.toSorted()).toEqual(answered.toSorted())
    }
  )
})

describe("a stopping server", () => {
  let server: Serving
  beforeEach(async () => {
    server = await serve("--store", "memory")
  })
  afterEach(async () => {
    server.signal("SIGKILL")
    await server.ended
  })

  it("a stopping server answers a request that arrives during the stop, and then closes the connection", async () => {
    const slow = await listenHalf(server.port, httpOf(form("ListKeys")), httpOf(form("ListKeys")))
    server.signal("SIGTERM")
    await untilClosed(server.port)
    slow.finish()
    const received = await slow.ended
    expect(received.match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    expect(received.toLowerCase()).toContain("connection: close")
    expect(await server.ended).toBe(0)
  })

  it("a stopping server does not perform a request after an answer that closes the connection", async () => {
    const Description = "never made"
    const head = `POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded\r\n`
    const [first, second] = [form("ListKeys"), form("CreateKey", { Description })]
    const both = `${head}content-length: ${first.length}\r\n\r\n${first}${httpOf(second)}`
    const received = await listen(server.port, both).ended
    expect(received.match(/HTTP\/1\.1 200/g)).toHaveLength(1)
    const { body } = await post(server.url, form("ListKeys"))
    expect(body["TotalCount"]).toBe(0)
  })

  it("a stopping server answers pipelined requests one after another, in order", async () => {
    const names = ["ListKeys", "DescribeRegions", "ListAliases"]
    const pipelined = listen(server.port, names.map((name) => httpOf(form(name))).join(""))
    await pipelined.until("Aliases")
    pipelined.socket.destroy()
    const received = await pipelined.ended
    const places = ["TotalCount", "Regions", "Aliases"].map((word) => received.indexOf(word))
    expect(places.every((place) => place > 0)).toBe(true)
    expect(places).toEqual(places.toSorted((a, b) => a - b))
  })

  it("a stopping server ends the console's event stream", async () => {
    const { headers } = await fetch(`${server.url}/console/api/session`, {
      method: "POST",
      headers: { ...own, "content-type": "application/json" },
      body: JSON.stringify({ accessKeyId, accessKeySecret: secret })
    })
    const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? ""
    const stream = listen(
      server.port,
      `GET /console/api/events HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nx-keystate-console: 1\r\ncookie: ${cookie}\r\n\r\n`
    )
    await stream.until("event: clock")
    server.signal("SIGTERM")
    // The last chunk of a chunked answer shows that nothing is missing.
    expect(await stream.ended).toMatch(/\r\n0\r\n\r\n$/)
    expect(await server.ended).toBe(0)
  })

  it("clients that send half a request or read no answer do not delay the stop", async () => {
    const half = await listenHalf(server.port, httpOf(form("ListKeys")))
    const silent = connect(server.port, "127.0.0.1")
    silent.on("error", () => undefined)
    await new Promise((resolve) => silent.once("connect", resolve))
    server.signal("SIGTERM")
    expect(await server.ended).toBe(0)
    await half.ended
  })

  it("the second signal disconnects clients that send half a request", async () => {
    const half = await listenHalf(server.port, httpOf(form("ListKeys")))
    server.signal("SIGTERM")
    await untilClosed(server.port)
    server.signal("SIGTERM")
    expect(await server.ended).toBe(0)
    await half.ended
  })
})
