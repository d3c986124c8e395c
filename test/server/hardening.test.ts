/** Ambiguous requests, clients that use too many resources, and answers that a browser could misuse. */
import { connect } from "node:net"
import type { Socket } from "node:net"
import { Effect, Layer, ManagedRuntime, Redacted } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parseBlock } from "../../src/domain/address.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { HttpServer } from "../../src/server/httpServer.ts"
import type { ListenOptions } from "../../src/server/httpServer.ts"
import { own, send } from "../console/startConsole.ts"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { requestBytesMax } from "../../src/wire/requestLimits.ts"
import { form, post } from "./signed.ts"

const start = async (options: Partial<ListenOptions> = {}) => {
  const engine = optionsOf("memory", { accessKey: { accessKeyId, secret: Redacted.make(secret) } })
  const listening = { host: "127.0.0.1", port: 0, region: engine.realm.region, ...options }
  const runtime = ManagedRuntime.make(HttpServer.layer(listening).pipe(Layer.provideMerge(engineLayer(engine))))
  const { url } = await runtime.runPromise(Effect.flatMap(HttpServer, Effect.succeed))
  return { url, port: Number(new URL(url).port), [Symbol.asyncDispose]: () => runtime.dispose() }
}

let server: Awaited<ReturnType<typeof start>>
beforeAll(async () => {
  server = await start()
})
afterAll(() => server[Symbol.asyncDispose]())

const raw = (bytes: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1")
    let received = ""
    socket.setEncoding("latin1").on("data", (chunk) => (received += String(chunk)))
    socket.on("error", () => resolve(received)).on("close", () => resolve(received))
    socket.write(bytes)
  })

/** A signed request whose head has the given lines. */
const requestOf = (lines: ReadonlyArray<string>, target = "/", version = "1.1"): string => {
  const body = form("ListKeys")
  const all = ["content-type: application/x-www-form-urlencoded", `content-length: ${body.length}`, ...lines]
  return `POST ${target} HTTP/${version}\r\n${all.join("\r\n")}\r\nconnection: close\r\n\r\n${body}`
}

const refusals: Readonly<Record<string, readonly [lines: ReadonlyArray<string>, target?: string]>> = {
  "two Host headers": [["host: a", "host: b"]],
  "the same Host header twice": [["Host: a", "host: a"]],
  "no Host header": [[]],
  "an empty Host header": [["host:"]],
  "a Host header with user information": [["host: user@a"]],
  "a Host header with a path": [["host: a/b"]],
  "a Host header with a space": [["host: a b"]],
  "a Host header with a port that is no number": [["host: a:b"]],
  "a Host header with several hosts": [["host: a, b"]],
  "a target that names another server than Host": [["host: a"], "http://b/"],
  "a target that names a server with user information": [["host: a"], "http://user@a/"],
  "a target that names a server and no Host header": [[], "http://a/"],
  "two Authorization headers": [["host: a", "authorization: a", "authorization: b"]],
  "two Content-Type headers": [["host: a", "content-type: text/plain"]],
  "two headers of a signature": [["host: a", "x-acs-action: a", "X-Acs-Action: b"]],
  "two Content-Length headers": [["host: a", "content-length: 3"]],
  "Content-Length and Transfer-Encoding": [["host: a", "transfer-encoding: chunked"]],
  "two Date headers": [["host: a", "date: a", "date: b"]]
}

describe("unusual requests", () => {
  it.each(Object.keys(refusals))("a request with %s is refused with 400 in the service's envelope", async (name) => {
    const received = await raw(requestOf(...(refusals[name] ?? [[]])))
    expect(received).toMatch(/^HTTP\/1\.1 400 /)
    expect(received).toContain('"Code":"ParseRequestParameterException"')
    expect(received.toLowerCase()).toContain("\r\nconnection: close\r\n")
    expect(received.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
  })

  const taken: Readonly<Record<string, string>> = {
    "a Host header with a port": requestOf(["host: localhost:8787"]),
    "a Host header of IPv6": requestOf(["host: [::1]:8787"]),
    "a target that names the server of Host": requestOf(["host: a:80"], "http://A/"),
    "a header of another kind twice": requestOf(["host: a", "accept: a", "accept: b", "via: a", "via: b"]),
    "HTTP/1.0 and no Host header": requestOf([], "/", "1.0"),
    "Expect: 100-continue": requestOf(["host: a", "expect: 100-continue"])
  }
  it.each(Object.keys(taken))("answers a request with %s", async (name) => {
    expect(await raw(taken[name] ?? "")).toMatch(/^HTTP\/1\.1 (?:100 Continue\r\n\r\nHTTP\/1\.1 )?200 /)
  })

  it("a request with an unknown Expect is refused with 417 in the service's envelope", async () => {
    const received = await raw(requestOf(["host: a", "expect: a miracle"]))
    expect(received).toMatch(/^HTTP\/1\.1 417 /)
    expect(received).toContain('"Code":"ExpectationFailed"')
  })

  it("the method CONNECT is refused in the service's envelope", async () => {
    const received = await raw("CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n")
    expect(received).toMatch(/^HTTP\/1\.1 403 /)
    expect(received).toContain('"Code":"UnsupportedHTTPMethod"')
  })

  it("a request with an Upgrade header is answered normally", async () => {
    const received = await raw(requestOf(["host: a", "upgrade: websocket"]))
    expect(received).toMatch(/^HTTP\/1\.1 200 /)
  })
})

describe("every answer", () => {
  const asked: Readonly<Record<string, string>> = {
    "of the API": requestOf(["host: a"]),
    "of the API, in XML": `GET /?Format=XML HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`,
    "to a request that cannot be read": "NONSENSE\r\n\r\n",
    "to headers that are too large": `GET /?a=${"b".repeat(requestBytesMax + 1)} HTTP/1.1\r\nhost: a\r\n\r\n`,
    "to a wrong Host": requestOf(["host: a", "host: b"]),
    "to an unknown Expect": requestOf(["host: a", "expect: a miracle"]),
    "of /livez": "GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    "of /readyz": "GET /readyz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    "of /metrics": "GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    "of /metrics that is refused": "GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    "of the console": "GET /console/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    "of the console's own API": "GET /console/api/session HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    "that leads to the console": "GET /console HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
  }
  it.each(Object.keys(asked))("an answer %s forbids browsers to guess its content type", async (name) => {
    expect((await raw(asked[name] ?? "")).toLowerCase()).toContain("\r\nx-content-type-options: nosniff\r\n")
  })
})

describe("the metrics and health pages", () => {
  const metrics = async (url: string, headers: Readonly<Record<string, string>>): Promise<number> =>
    (await send(url, "/metrics", { headers })).status

  it("/metrics answers only under names of this machine", async () => {
    for (const host of ["localhost", "127.0.0.1:8787", "[::1]:1"]) expect(await metrics(server.url, { host })).toBe(200)
    for (const host of ["evil.example", "localhost.evil.example", "10.0.0.1"]) {
      expect(await metrics(server.url, { host })).toBe(421)
    }
    expect(await metrics(server.url, { host: "localhost", "x-forwarded-for": "192.0.2.1" })).toBe(421)
  })

  it("/metrics answers under an allowed host name", async () => {
    await using other = await start({ allowedHosts: ["kms.example"] })
    expect(await metrics(other.url, { host: "kms.example:8787" })).toBe(200)
    expect(await metrics(other.url, { host: "evil.example" })).toBe(421)
  })

  it("/readyz answers other host names without details", async () => {
    const checks = async (host: string): Promise<ReadonlyArray<unknown>> =>
      Reflect.get(JSON.parse((await send(server.url, "/readyz", { headers: { host } })).text), "checks")
    expect((await checks("evil.example"))[0]).toEqual({ name: "store", ok: true })
    expect((await checks("localhost"))[0]).toEqual({ name: "store", ok: true, detail: "answers" })
  })
})

const open = (port: number, localAddress: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress })
    socket.once("connect", () => resolve(socket)).once("error", reject)
  })

const heard = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let received = ""
    socket.setEncoding("latin1").on("data", (chunk) => {
      received += String(chunk)
      if (received.includes("\r\n\r\n")) resolve(received)
    })
    socket.on("error", () => resolve(received)).on("close", () => resolve(received))
  })

const livez = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"

describe("the connections of one address", () => {
  it("connections of one address are limited, and other addresses are still served", async () => {
    await using other = await start({ connectionsPerAddress: 3 })
    const held = await Promise.all(Array.from({ length: 3 }, () => open(other.port, "127.0.0.2")))
    const refused = await heard(await open(other.port, "127.0.0.2"))
    expect(refused).toMatch(/^HTTP\/1\.1 429 /)
    expect(refused).toContain('"Code":"Rejected.Throttling"')
    const stranger = await open(other.port, "127.0.0.3")
    const answered = heard(stranger)
    stranger.write(livez)
    expect(await answered).toMatch(/^HTTP\/1\.1 200 /)
    stranger.destroy()
    held[0]?.destroy()
    await expect
      .poll(async () => {
        const again = await open(other.port, "127.0.0.2")
        const answer = heard(again)
        again.write(livez)
        const text = await answer
        again.destroy()
        return text.slice(0, 12)
      })
      .toBe("HTTP/1.1 200")
    for (const socket of held) socket.destroy()
  })

  it("connections of a trusted proxy may exceed the limit", async () => {
    const block = parseBlock("127.0.0.2")
    await using other = await start({ connectionsPerAddress: 1, trustedProxies: block === undefined ? [] : [block] })
    const held = await Promise.all(Array.from({ length: 5 }, () => open(other.port, "127.0.0.2")))
    const answers = held.map((socket) => {
      const answer = heard(socket)
      socket.write(livez)
      return answer
    })
    for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    for (const socket of held) socket.destroy()
  })
})

describe("sign-in to the console", () => {
  const signIn = async (url: string, body: object, forwarded?: string): Promise<number> => {
    const headers = { ...own, ...(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }) }
    return (await send(url, "/console/api/session", { method: "POST", headers, body })).status
  }
  const right = { accessKeyId, accessKeySecret: secret }
  const wrong = { accessKeyId, accessKeySecret: "a guess" }

  it("wrong secrets lock the console's sign-in for that access key only", async () => {
    await using other = await start()
    for (let count = 0; count < 10; count++) {
      await signIn(other.url, { accessKeyId: "somebody", accessKeySecret: "a guess" })
    }
    expect(await signIn(other.url, { accessKeyId: "somebody", accessKeySecret: "a guess" })).toBe(429)
    expect(await signIn(other.url, right)).toBe(200)
  })

  it("wrong secrets behind a trusted proxy lock the guesser's address, and not the owner's", async () => {
    const block = parseBlock("127.0.0.0/8")
    await using other = await start({ trustedProxies: block === undefined ? [] : [block] })
    for (let count = 0; count < 10; count++) await signIn(other.url, wrong, "192.0.2.1")
    expect(await signIn(other.url, right, "192.0.2.1")).toBe(429)
    expect(await signIn(other.url, right, "192.0.2.2")).toBe(200)
    // An entry that the client writes in front of the proxy's own entry has no effect.
    expect(await signIn(other.url, right, "192.0.2.9, 192.0.2.1")).toBe(429)
  })

  it("sign-in to the console ignores X-Forwarded-For of a client that is not a trusted proxy", async () => {
    await using other = await start()
    for (let count = 0; count < 10; count++) await signIn(other.url, wrong, `192.0.2.${count}`)
    expect(await signIn(other.url, wrong, "192.0.2.99")).toBe(429)
  })
})

it("sign-in to the console works after all wrong guesses", async () => {
  expect((await post(server.url, form("ListKeys"))).status).toBe(200)
})
