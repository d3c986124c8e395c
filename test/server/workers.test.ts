/** `keystate serve --workers`: several processes on one port answer as one server. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { Agent, request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { afterAll, expect, it } from "vitest"
import { at, own, send } from "../console/startConsole.ts"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { postgresForTests } from "../store/postgres/server.ts"
import { form } from "./signed.ts"
import { serve } from "./stopping.ts"
import type { Serving } from "./stopping.ts"

const database = postgresForTests()
const directory = mkdtempSync(join(tmpdir(), "keystate-workers-"))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const rootKey = (name: string, byte: string): string => {
  const path = join(directory, name)
  writeFileSync(path, `${byte.repeat(32)}\n`, { mode: 0o600 })
  return path
}
const right = rootKey("root.key", "07")
const wrong = rootKey("wrong.key", "08")

const start = (store: string, key = right, ...more: ReadonlyArray<string>): Promise<Serving> =>
  serve("--store", store, "--store-tls", "off", "--root-key-file", key, "--workers", "2", ...more)

/** The processes that a process started. */
const workersOf = ({ pid }: Serving): ReadonlyArray<number> =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number)

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await pause(20)
}

interface Reply {
  readonly status: number
  readonly body: unknown
}

/** A call on the connection of an agent. */
const call = (agent: Agent, port: number, action: string, parameters: Readonly<Record<string, string>> = {}) =>
  new Promise<Reply>((resolve, reject) => {
    const body = form(action, parameters)
    const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }
    const sent = request({ agent, host: "127.0.0.1", port, method: "POST", headers }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }))
      response.once("error", reject)
    })
    sent.once("error", reject)
    sent.end(body)
  })

const connection = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 })

const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** Open connections, at least one to each worker. */
const connectionsToAll = async (server: Serving): Promise<ReadonlyArray<Agent>> => {
  const before = workersOf(server).map((pid) => ({ pid, files: openFiles(pid) }))
  const agents: Array<Agent> = []
  while (!before.every(({ pid, files }) => openFiles(pid) > files)) {
    const opened = Array.from({ length: 8 }, connection)
    await Promise.all(opened.map((agent) => call(agent, server.port, "ListKeys")))
    agents.push(...opened)
  }
  return agents
}

const newKey = async (port: number): Promise<string> => {
  const { body } = await call(new Agent(), port, "CreateKey")
  return String(at(body, "KeyMetadata", "KeyId"))
}

const metric = async (url: string, name: string): Promise<number> => {
  const { text } = await send(url, "/metrics")
  return Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")[1]
  )
}

const encrypts = 'keystate_requests_total{operation="Encrypt",code="Success"}'
const Plaintext = "aGVsbG8="

it("all workers answer as one server, and a killed worker is replaced", async () => {
  const server = await start(await database.newDatabase())
  const { port, url } = server
  const agents = await connectionsToAll(server)
  const KeyId = await newKey(port)
  const encrypted = await Promise.all(agents.map((agent) => call(agent, port, "Encrypt", { KeyId, Plaintext })))
  expect(encrypted.map(({ status }) => status)).toEqual(agents.map(() => 200))
  for (let times = 0; times < 4; times++) expect(await metric(url, encrypts)).toBe(agents.length)
  expect(await metric(url, "keystate_workers")).toBe(2)

  const signIn = { method: "POST", headers: own, body: { accessKeyId, accessKeySecret: secret } }
  const { headers } = await send(url, "/console/api/session", signIn)
  const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? ""
  const sessions = await Promise.all(
    [1, 2, 3, 4].map(() => send(url, "/console/api/session", { headers: { ...own, cookie, connection: "close" } }))
  )
  for (const { text } of sessions) expect(at(JSON.parse(text), "ok")).toBe(true)

  const [first] = agents
  if (first === undefined) throw new Error("there are connections")
  expect((await call(first, port, "DisableKey", { KeyId })).status).toBe(200)
  const refused = await Promise.all(agents.map((agent) => call(agent, port, "Encrypt", { KeyId, Plaintext })))
  expect(refused.map(({ body }) => at(body, "Code"))).toEqual(agents.map(() => "Rejected.Disabled"))

  const before = workersOf(server)
  expect(before).toHaveLength(2)
  const [victim = 0] = before
  process.kill(victim, "SIGKILL")
  await until(async () => (await metric(url, "keystate_worker_restarts_total")) >= 1)
  await until(async () => (await metric(url, "keystate_workers")) === 2)
  expect(workersOf(server)).not.toContain(victim)
  expect(await metric(url, encrypts)).toBe(agents.length)
  const { status, text } = await send(url, "/readyz")
  expect(status).toBe(200)
  expect(text).toContain('{"name":"workers","ok":true,"detail":"2 of 2 listen"}')

  const ending = workersOf(server)
  server.signal("SIGKILL")
  await server.ended
  await until(() => !ending.some(lives))
})

it("workers answer every request at SIGTERM, perform no unanswered call, and end", async () => {
  const store = await database.newDatabase()
  const server = await start(store)
  const workers = workersOf(server)
  const keyIds = await Promise.all(Array.from({ length: 12 }, () => newKey(server.port)))
  /** The newest description that was acknowledged for each key. */
  const answered = new Map<string, string>()
  const failures: Array<unknown> = []
  let changes = 0
  let hasStopped = false
  const busy = async (KeyId: string): Promise<void> => {
    const agent = connection()
    for (;;) {
      const Description = String(changes++)
      try {
        const { status } = await call(agent, server.port, "UpdateKeyDescription", { KeyId, Description })
        if (status === 200) answered.set(KeyId, Description)
        else if (status !== 429) failures.push(status)
      } catch (error) {
        // Clients open a connection for each request after the server closed theirs. The last one is refused.
        if (!hasStopped) failures.push(error)
        return
      }
      if (answered.size === keyIds.length && changes >= 100 && !hasStopped) {
        hasStopped = true
        server.signal("SIGTERM")
      }
    }
  }
  await Promise.all(keyIds.map(busy))
  expect(await server.ended).toBe(0)
  expect(failures).toEqual([])
  expect(workers.some(lives)).toBe(false)

  const again = await start(store)
  for (const KeyId of keyIds) {
    const { body } = await call(connection(), again.port, "DescribeKey", { KeyId })
    expect(at(body, "KeyMetadata", "Description")).toBe(answered.get(KeyId))
  }
  again.signal("SIGINT")
  expect(await again.ended).toBe(130)
  await expect(start(store, wrong)).rejects.toThrow("ended before it was ready")
})
