/** The console of `keystate serve` in its own processes: sessions after a restart, and live updates between workers. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { serve } from "../server/stopping.ts"
import type { Serving } from "../server/stopping.ts"
import { postgresForTests } from "../store/postgres/server.ts"
import { at, own, send } from "./startConsole.ts"
import { keysIn, listen } from "./streams.ts"

const database = postgresForTests()
const directory = mkdtempSync(join(tmpdir(), "keystate-console-processes-"))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const signIn = async ({ url }: Serving): Promise<string> => {
  const body = { accessKeyId, accessKeySecret: secret }
  const { headers } = await send(url, "/console/api/session", { method: "POST", headers: own, body })
  return headers["set-cookie"]?.[0]?.split(";")[0] ?? ""
}

/** The same cookie for a server on another port, whose number is part of the name. */
const headersFor = ({ port }: Serving, cookie: string) => ({
  ...own,
  cookie: cookie.replace(/^keystate_\d+/, `keystate_${port}`)
})

const call = async (server: Serving, cookie: string, operation: string, parameters: object = {}): Promise<unknown> => {
  const body = { operation, parameters }
  const headers = headersFor(server, cookie)
  return JSON.parse((await send(server.url, "/console/api/call", { method: "POST", headers, body })).text)
}

it("a session survives a clean stop and a kill of the server", async () => {
  const args = ["--data", join(directory, "data")]
  let server = await serve(...args)
  const cookie = await signIn(server)
  const keyId = at(await call(server, cookie, "CreateKey"), "reply", "KeyMetadata", "KeyId")
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    server.signal(signal)
    await server.ended
    server = await serve(...args)
    const described = await call(server, cookie, "DescribeKey", { KeyId: keyId })
    expect(at(described, "reply", "KeyMetadata", "KeyId"), signal).toBe(keyId)
  }
  server.signal("SIGKILL")
  await server.ended
})

const workersOf = ({ pid }: Serving): ReadonlyArray<number> =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number)

const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

it("a page at each worker hears a change that another worker makes", async () => {
  const key = join(directory, "root.key")
  writeFileSync(key, `${"07".repeat(32)}\n`, { mode: 0o600 })
  const store = ["--store", await database.newDatabase(), "--store-tls", "off", "--root-key-file", key]
  const server = await serve(...store, "--workers", "2")
  const cookie = await signIn(server)
  const before = workersOf(server).map((pid) => ({ pid, files: openFiles(pid) }))
  const page = { cookie: headersFor(server, cookie).cookie }
  const streams: Array<ReturnType<typeof listen>> = []
  const changes = 3
  while (!before.every(({ files, pid }) => openFiles(pid) > files)) {
    await new Promise<void>((resolve) => {
      // The first event says that the stream is open.
      streams.push(
        listen(server, page, undefined, (heard) => {
          resolve()
          return keysIn(heard).length >= changes
        })
      )
    })
  }
  const made: Array<unknown> = []
  for (let change = 0; change < changes; change++) {
    made.push(at(await call(server, cookie, "CreateKey"), "reply", "KeyMetadata", "KeyId"))
  }
  for (const heard of await Promise.all(streams)) {
    expect(keysIn(heard).map(({ data }) => at(data, "keyId"))).toEqual(made)
  }
  server.signal("SIGKILL")
  await server.ended
})
