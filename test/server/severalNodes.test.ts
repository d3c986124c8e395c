/** The how-to "Run three nodes behind a balancer": its nginx configuration, its command, three processes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import Pop from "@alicloud/pop-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { startNginx } from "../../src/development/nginx.ts"
import type { Nginx } from "../../src/development/nginx.ts"
import { at, own, send } from "../console/startConsole.ts"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { patience } from "../patience.ts"
import { postgresForTests } from "../store/postgres/server.ts"
import { serve } from "./stopping.ts"
import type { Serving } from "./stopping.ts"

const database = postgresForTests()

const page = readFileSync(fileURLToPath(new URL("../../docs/how-to/several-nodes.md", import.meta.url)), "utf8")

const blockOf = (language: string): string => {
  const [, block] = new RegExp("```" + language + "\\n([^]*?)```").exec(page) ?? []
  if (block === undefined) throw new Error(`the how-to has no block of ${language}`)
  return block
}

/** The configuration of the page, with the addresses of this test. */
const configurationFor =
  (nodes: ReadonlyArray<Serving>) =>
  (port: number): string =>
    nodes
      .reduce(
        (text, node, index) => text.replace(`10.0.0.${11 + index}:8787`, `127.0.0.1:${node.port}`),
        blockOf("nginx")
      )
      .replace("listen 8787;", `listen 127.0.0.1:${port};`)

/** The flags of the page, with the values of this test. */
const flagsOf = (values: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  [...blockOf("sh").matchAll(/--([a-z-]+) (\S+)/g)].flatMap(([, flag = ""]) => {
    if (flag === "port" || flag === "store-password-file") return []
    const value = values[flag]
    if (value === undefined) throw new Error(`the test has no value for --${flag}`)
    return [`--${flag}`, value]
  })

const directory = mkdtempSync(join(tmpdir(), "keystate-nodes-"))
let nodes: ReadonlyArray<Serving> = []
let nginx: Nginx | undefined
let balanced = ""

beforeAll(async () => {
  const rootKey = join(directory, "root.key")
  writeFileSync(rootKey, `${"07".repeat(32)}\n`, { mode: 0o600 })
  const flags = flagsOf({
    host: "127.0.0.1",
    store: await database.newDatabase(),
    "root-key-file": rootKey,
    "trusted-proxy": "127.0.0.1",
    "allowed-host": "kms.example"
  })
  nodes = await Promise.all([1, 2, 3].map(() => serve(...flags, "--store-tls", "off")))
  nginx = await startNginx(configurationFor(nodes))
  balanced = `http://127.0.0.1:${nginx.port}`
})
afterAll(async () => {
  for (const node of nodes) node.signal("SIGKILL")
  await Promise.all(nodes.map(({ ended }) => ended))
  await nginx?.close()
  rmSync(directory, { recursive: true, force: true })
})

const clientOf = (endpoint: string) => {
  const opts = { timeout: patience }
  const pop = new Pop({ accessKeyId, accessKeySecret: secret, endpoint, apiVersion: "2016-01-20", opts })
  return (action: string, parameters: object = {}): Promise<unknown> =>
    pop.request(action, parameters, { method: "POST", formatParams: false })
}

/** The number of calls of an operation that a node has answered. */
const answeredBy = async ({ url }: Serving, operation: string): Promise<number> => {
  const { text } = await send(url, "/metrics")
  const line = text.split("\n").find((one) => one.startsWith(`keystate_requests_total{operation="${operation}",`))
  return Number(line?.split(" ")[1] ?? 0)
}

const codeOf = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => "Success",
    (error: unknown) => at(error, "code")
  )

it("nodes behind a proxy share requests and console sign-ins, and continue when one fails", async () => {
  const call = clientOf(balanced)
  const KeyId = String(at(await call("CreateKey"), "KeyMetadata", "KeyId"))
  for (let count = 0; count < 12; count++) await call("DescribeKey", { KeyId })
  const answered = await Promise.all(nodes.map((node) => answeredBy(node, "DescribeKey")))
  expect(answered.reduce((sum, count) => sum + count)).toBe(12)
  for (const count of answered) expect(count).toBeGreaterThan(0)

  const signIn = { method: "POST", headers: own, body: { accessKeyId, accessKeySecret: secret } }
  const { headers, status } = await send(balanced, "/console/api/session", signIn)
  expect(status).toBe(200)
  const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? ""
  const isSignedIn = async () =>
    at(JSON.parse((await send(balanced, "/console/api/session", { headers: { ...own, cookie } })).text), "ok")
  for (let count = 0; count < 6; count++) expect(await isSignedIn()).toBe(true)
  expect((await send(balanced, "/metrics")).status).toBe(404)

  const [first, second, third] = nodes
  if (first === undefined || second === undefined || third === undefined) throw new Error("there are three nodes")
  first.signal("SIGKILL")
  await first.ended
  const encrypt = { KeyId, Plaintext: "aGVsbG8=" }
  for (let count = 0; count < 12; count++) expect(await codeOf(call("Encrypt", encrypt))).toBe("Success")
  for (let count = 0; count < 6; count++) expect(await isSignedIn()).toBe(true)

  await clientOf(second.url)("DisableKey", { KeyId })
  for (const url of [third.url, second.url, balanced, balanced]) {
    expect(await codeOf(clientOf(url)("Encrypt", encrypt))).toBe("Rejected.Disabled")
  }
  await send(third.url, "/console/api/session", {
    method: "DELETE",
    headers: { ...own, cookie: cookie.replace(/^keystate_\d+/, `keystate_${third.port}`) }
  })
  for (let count = 0; count < 3; count++) expect(await isSignedIn()).toBe(false)
})
