/** The server answers every input with the documented code and status, and never with an internal error. */
import { connect } from "node:net"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fork } from "node:child_process"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { requestBytesMax } from "../../src/wire/requestLimits.ts"
import { patience } from "../patience.ts"
import { programOf } from "../programs.ts"
import { startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { form, post } from "./signed.ts"

let server: RunningServer
beforeAll(async () => {
  server = await startServer({ clock: "virtual" })
})
afterAll(() => server.stop())

const codeOf = async (body: string): Promise<string> => {
  const answer = await post(server.url, body)
  return `${answer.status} ${String(answer.body["Code"] ?? "ok")}`
}

describe("a wrong request", () => {
  it("a wrong request gets its first fault, while its faults are corrected one by one", async () => {
    const KeyId = "00000000-0000-4000-8000-000000000000"
    const old = formatInstant(Date.now() - 16 * 60_000)
    const spoilt = { accessKeyId: "nobody", secret: "wrong", timestamp: "yesterday" }
    const nonce = "a nonce"
    expect(await codeOf("Action=%FF")).toBe("400 ParseRequestParameterException")
    expect(await codeOf("Version=2016-01-20")).toBe("400 MissingAccessKeyId")
    expect(await codeOf(form("Nonsense", { Version: "2015-01-01" }, spoilt))).toBe("400 InvalidVersion")
    expect(await codeOf(form("Nonsense", {}, spoilt))).toBe("400 InvalidTimeStamp.Format")
    expect(await codeOf(form("Nonsense", {}, { ...spoilt, timestamp: old }))).toBe("400 InvalidTimeStamp.Expired")
    expect(await codeOf(form("Nonsense", {}, { accessKeyId: "nobody", secret: "wrong" }))).toBe(
      "404 InvalidAccessKeyId.NotFound"
    )
    expect(await codeOf(form("Nonsense", {}, { secret: "wrong" }))).toBe("400 SignatureDoesNotMatch")
    expect(await codeOf(form("Nonsense", {}, { nonce }))).toBe("404 InvalidAction.NotFound")
    expect(await codeOf(form("Encrypt", {}, { nonce }))).toBe("400 SignatureNonceUsed")
    expect(await codeOf(form("Encrypt"))).toBe("400 MissingParameter")
    expect(await codeOf(form("Encrypt", { KeyId, Plaintext: "x".repeat(9000) }))).toBe("400 InvalidParameter")
    expect(await codeOf(form("EnableKey", { KeyId: "alias/a" }))).toBe("400 Unsupported.Alias")
    expect(await codeOf(form("Encrypt", { KeyId: "alias/a", Plaintext: "eA==" }))).toBe("404 Forbidden.AliasNotFound")
    expect(await codeOf(form("Encrypt", { KeyId, Plaintext: "eA==" }))).toBe("404 Forbidden.KeyNotFound")
    const made = await post(server.url, form("CreateKey"))
    const metadata: unknown = made.body["KeyMetadata"]
    const own = typeof metadata === "object" && metadata !== null ? String(Reflect.get(metadata, "KeyId")) : ""
    await post(server.url, form("DisableKey", { KeyId: own }))
    expect(await codeOf(form("Encrypt", { KeyId: own, Plaintext: "eA==" }))).toBe("409 Rejected.Disabled")
    await post(server.url, form("EnableKey", { KeyId: own }))
    expect(await codeOf(form("Encrypt", { KeyId: own, Plaintext: "eA==" }))).toBe("200 ok")
  })

  it("a refusal has the request id, the host and the status in the vendor's envelope", async () => {
    const { status, body } = await post(server.url, form("DescribeKey"))
    expect(status).toBe(400)
    expect(body).toMatchObject({
      Code: "MissingParameter",
      Message: 'The parameter "KeyId" is needed but not provided.',
      HttpStatus: 400,
      HostId: new URL(server.url).host
    })
    expect(body["RequestId"]).toMatch(/^[0-9a-f-]{36}$/)
    const response = await fetch(server.url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form("DescribeKey", { Format: "xml" })
    })
    expect(response.headers.get("content-type")).toBe("text/xml;charset=utf-8")
    const text = await response.text()
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\s*<Error>/)
    expect(text).toContain("<Code>MissingParameter</Code>")
  })

  it.each([requestBytesMax + 1, 5_000_000, 50_000_000])(
    "a request of %d bytes gets 413, and the server continues",
    async (bytes) => {
      const response = await fetch(server.url, { method: "POST", body: "x".repeat(bytes) })
      expect(response.status).toBe(413)
      expect((await post(server.url, form("ListKeys"))).status).toBe(200)
    }
  )

  it.each(["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])("the method %s is refused", async (method) => {
    expect((await fetch(server.url, { method })).status).toBe(403)
  })

  it("a request of any form gets an answer below 500 without internal details", async () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.constantFrom(
        "Action",
        "Encrypt",
        "__proto__",
        "constructor",
        "KeyId",
        "%",
        "%2",
        "%00",
        "&",
        "=",
        "+",
        "[]",
        "\0"
      )
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "POST"),
        fc.array(fc.tuple(piece, piece), { maxLength: 12 }),
        fc.boolean(),
        async (method, pairs, encoded) => {
          const body = pairs
            .map(([name, value]) =>
              encoded
                ? `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`
                : `${name}=${value}`
            )
            .join("&")
          const query = encodeURI(body.toWellFormed())
          const response = await fetch(method === "GET" ? `${server.url}/?${query}` : server.url, {
            method,
            ...(method === "POST" ? { body, headers: { "content-type": "application/x-www-form-urlencoded" } } : {})
          })
          const text = await response.text()
          expect(response.status).toBeGreaterThanOrEqual(400)
          expect(response.status).toBeLessThan(500)
          expect(text).not.toMatch(/\bat .*\.(ts|js):\d+/)
        }
      ),
      { numRuns: 400, seed: 20261124 }
    )
  })

  it("a request with a valid signature and invalid parameters gets an answer below 500", async () => {
    const parameters = [
      "KeyId",
      "Plaintext",
      "CiphertextBlob",
      "EncryptionContext",
      "PendingWindowInDays",
      "PageSize",
      "PageNumber",
      "NumberOfBytes",
      "KeySpec",
      "KeyUsage",
      "Origin",
      "ProtectionLevel",
      "Description",
      "RotationInterval",
      "EnableAutomaticRotation",
      "DestinationKeyId",
      "By",
      "EncryptionContext.__proto__"
    ]
    const actions = [
      "CreateKey",
      "DescribeKey",
      "ListKeys",
      "EnableKey",
      "ScheduleKeyDeletion",
      "Encrypt",
      "Decrypt",
      "ReEncrypt",
      "GenerateDataKey",
      "UpdateKeyDescription",
      "AdvanceClock",
      "toString",
      "__proto__"
    ]
    const value = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }).map((text) => text.toWellFormed()),
      fc.constantFrom(
        "",
        "0",
        "-1",
        "1e3",
        "NaN",
        "true",
        "{}",
        "[]",
        '{"a":"b"}',
        '{"__proto__":"x"}',
        "alias/",
        "AQEA"
      )
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...actions),
        fc.dictionary(fc.constantFrom(...parameters), value, { maxKeys: 5, noNullPrototype: true }),
        async (action, given) => {
          const { status, body } = await post(server.url, form(action, given))
          expect(status).toBeLessThan(500)
          expect(body["RequestId"]).toMatch(/^[0-9a-f-]{36}$/)
        }
      ),
      { numRuns: 600, seed: 20261124 }
    )
  })
})

describe("an encryption context", () => {
  it("an encryption context in both forms at once is refused", async () => {
    const both = { EncryptionContext: '{"a":"b"}', "EncryptionContext.a": "c" }
    const { status, body } = await post(server.url, form("Decrypt", { CiphertextBlob: "AAAA", ...both }))
    expect([status, body["Message"]]).toEqual([400, 'The specified parameter "EncryptionContext" is not valid.'])
  })
})

describe("misbehaving clients", () => {
  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1")
      let received = ""
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1")
      })
      socket.on("close", () => resolve(received))
      // A client that is disconnected during a flood may see this before the answer.
      socket.on("error", () => resolve(received === "" ? "cut off" : received))
      socket.write(bytes)
    })

  it.each([
    ["a request line that is none", "NONSENSE\r\n\r\n"],
    ["two lengths", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc"],
    ["a length and chunks", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabc"],
    ["a header flood", `GET / HTTP/1.1\r\n${`x-${"a".repeat(1000)}: ${"b".repeat(1000)}\r\n`.repeat(100)}\r\n`]
  ])("a client with %s is refused, and the server still works", async (_what, bytes) => {
    expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 4\d\d |^cut off$/)
    expect((await post(server.url, form("ListKeys"))).status).toBe(200)
  })

  it("a client that sends its headers one byte at a time is disconnected, and others do not wait", async () => {
    const slow = Array.from({ length: 50 }, () => raw("POST / HTTP/1.1\r\nhost: a\r\n"))
    expect((await post(server.url, form("ListKeys"))).status).toBe(200)
    await Promise.all(slow)
  })

  it("a client that sends nothing is disconnected without an answer, which a later request could be given", async () => {
    expect(await raw("")).toBe("")
  })

  it("a client that does not close its side is disconnected", async () => {
    const port = Number(new URL(server.url).port)
    const cut = await Promise.all(
      ["NONSENSE\r\n\r\n", "POST / HTTP/1.1\r\nhost: a\r\n"].map(
        (bytes) =>
          new Promise<boolean>((resolve) => {
            const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true })
            const trickle = setInterval(() => socket.write("a"), 200)
            const end = (wasCut: boolean): void => {
              clearInterval(trickle)
              clearTimeout(giveUp)
              socket.destroy()
              resolve(wasCut)
            }
            const giveUp = setTimeout(() => end(false), patience)
            socket.on("error", () => end(true))
            socket.resume().write(bytes)
          })
      )
    )
    expect(cut).toEqual([true, true])
  })

  it("a client gets the fault in the service's envelope, also for an unreadable request", async () => {
    const flood = await raw(`GET /?a=${"b".repeat(requestBytesMax + 1)} HTTP/1.1\r\nhost: a\r\n\r\n`)
    expect(flood).toMatch(/^HTTP\/1\.1 413 /)
    expect(flood).toMatch(/"Code":"RequestTooLarge"/)
    const nonsense = await raw("GET / HTTP/1.1\r\nhost: a\r\nno colon\r\n\r\n")
    expect(nonsense).toMatch(/^HTTP\/1\.1 400 /)
    expect(nonsense).toMatch(/"Code":"ParseRequestParameterException"/)
  })

  it.each(["keep-alive", "close"])(
    "a client that writes a body far too large before reading gets 413 (connection: %s)",
    async (connection) => {
      const answered = await new Promise<string>((resolve) => {
        const socket = connect(Number(new URL(server.url).port), "127.0.0.1")
        const bytes = 5_000_000
        const head = `POST / HTTP/1.1\r\nhost: a\r\nconnection: ${connection}\r\ncontent-length: ${bytes}\r\n\r\n`
        socket.pause()
        socket.on("data", (chunk) => {
          resolve(chunk.toString("latin1"))
          socket.destroy()
        })
        socket.on("error", () => resolve("cut off"))
        socket.write(`${head}${"x".repeat(bytes)}`, () => socket.resume())
      })
      expect(answered).toMatch(/^HTTP\/1\.1 413 /)
    }
  )

  it("a client with an endless body gets a refusal before the end", async () => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`
    const endless = `POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(1100)}`
    for (const bytes of ["POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000000\r\n\r\nx", endless]) {
      expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 413 /)
    }
  })
})

describe("a request that names the server in its target", () => {
  it("a request with the server's name in its target is answered like any other", async () => {
    const answered = async (target: string) => {
      const { promise, resolve } = Promise.withResolvers<string>()
      const socket = connect(Number(new URL(server.url).port), "127.0.0.1")
      let received = ""
      socket.on("data", (chunk) => (received += chunk.toString("latin1")))
      socket.on("close", () => resolve(received))
      socket.write(`POST ${target} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`)
      return await promise
    }
    const query = form("ListKeys")
    expect(await answered(`http://a/?${query}`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await answered(`http://a?${form("ListKeys")}`)).toMatch(/^HTTP\/1\.1 200 /)
    expect(await answered(`http://a/?${query}`)).toMatch(/SignatureNonceUsed/)
    expect(await answered(`http://a/elsewhere?${form("ListKeys")}`)).toMatch(/^HTTP\/1\.1 404 /)
  })
})

describe("the health and metrics endpoints", () => {
  it("the health and metrics endpoints show that the server is ready, and count its answers", async () => {
    expect(await (await fetch(`${server.url}/livez`)).text()).toBe("ok\n")
    const ready = await fetch(`${server.url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ ready: true })])
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toMatch(/keystate_requests_total\{operation="ListKeys",code="Success"\} \d+/)
    expect(metrics).toMatch(/keystate_keys\{state="Enabled"\} \d+/)
    expect(metrics).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
  })
})

describe("a replayed request", () => {
  it("the server accepts one of several simultaneous copies of a request", async () => {
    const body = form("ListKeys")
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(server.url, body)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body["Code"]))).toEqual(
      new Set(["SignatureNonceUsed"])
    )
  })

  it("a replayed request is refused after a clean restart, and after a kill", async () => {
    const directory = mkdtempSync(join(tmpdir(), "keystate-"))
    try {
      const first = await startServer({ store: { directory } })
      const before = form("ListKeys")
      expect((await post(first.url, before)).status).toBe(200)
      await first.stop()
      const script = await programOf("killable")
      const child = fork(script, [directory], { stdio: ["ignore", "inherit", "inherit", "ipc"] })
      const url = await new Promise<string>((resolve) => child.once("message", (message) => resolve(String(message))))
      expect((await post(url, before)).body["Code"]).toBe("SignatureNonceUsed")
      const last = form("ListKeys")
      expect((await post(url, last)).status).toBe(200)
      const gone = new Promise((resolve) => child.once("exit", resolve))
      child.kill("SIGKILL")
      await gone
      await using second = await startServer({ store: { directory } })
      expect((await post(second.url, last)).body["Code"]).toMatch(/^(SignatureNonceUsed|InvalidTimeStamp\.Expired)$/)
      expect((await post(second.url, form("ListKeys"))).status).toBe(200)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
