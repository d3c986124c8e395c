/** `npm run bench:load`: the cost of a request under load, compared with peers in the same run. Writes docs/performance.md. */
import { execFileSync, fork, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { randomBytes, randomUUID } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { cpus, loadavg } from "node:os"
import { delimiter, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"
import { messageFrom, numberIn, start } from "./benchServer.ts"
import type { Load } from "./loadClient.ts"
import { performancePage, picturesOf } from "./loadPage.ts"
import type { LoadResult, LoadRun } from "./loadPage.ts"
import { median } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const isQuick = process.argv.includes("--quick")
const onlyPrints = isQuick || process.argv.includes("--json")
const connections = 64
const rounds = isQuick ? 1 : 3
const share = isQuick ? 0.1 : 1

type Members = Readonly<Record<string, string>>

interface Server {
  readonly name: string
  readonly port: number
  readonly child: ChildProcess
  readonly keyId: string
}

interface Case {
  readonly operation: string
  readonly server: Server
  readonly total: number
  readonly target?: string
  readonly members: ReadonlyArray<ReadonlyArray<Members>>
}

const base64 = (bytes: number): string => randomBytes(bytes).toString("base64")

const posted = async ({ port }: Server, headers: Members, body: string): Promise<unknown> => {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body })
  const reply: unknown = await response.json()
  if (!response.ok) throw new Error(`a preparation was refused: ${JSON.stringify(reply)}`)
  return reply
}

const memberOf = (reply: unknown, ...path: ReadonlyArray<string>): string =>
  String(path.reduce((at: unknown, name) => Reflect.get(Object(at), name) as unknown, reply))

/** One signed call, to prepare keys and ciphertexts. */
const ask = (server: Server, parameters: Members): Promise<unknown> => {
  const body = signV1({
    method: "POST",
    parameters: { Version: "2016-01-20", Format: "JSON", ...parameters },
    accessKeyId: "bench",
    secret: "bench-secret",
    nonce: randomUUID(),
    timestamp: formatInstant(Date.now())
  })
  return posted(server, { "content-type": "application/x-www-form-urlencoded" }, body)
}

const askUnsigned = (server: Server, operation: string, members: Members): Promise<unknown> =>
  posted(
    server,
    { "content-type": "application/x-amz-json-1.1", "x-amz-target": `TrentService.${operation}` },
    JSON.stringify(members)
  )

/** CPU time of all threads of a process, microseconds, and its resident size, megabytes (proc(5)). */
const usageOf = ({ child }: Server): { readonly micros: number; readonly megabytes: number } => {
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8")
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  const ticks = Number(fields[11]) + Number(fields[12])
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8")
  return { micros: ticks * 10_000, megabytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 }
}

const loadOnce = async ({ members, server, target, total }: Case): Promise<LoadResult> => {
  const child = fork(fileURLToPath(new URL("loadClient.ts", import.meta.url)), [], {
    stdio: ["ignore", "inherit", "inherit", "ipc"]
  })
  const load: Load = { port: server.port, connections, total, target, members }
  const before = usageOf(server)
  child.send(load)
  const found = await messageFrom(child, (message) =>
    numberIn(message, "perSecond") === undefined ? undefined : message
  )
  await new Promise((resolve) => child.once("exit", resolve))
  const after = usageOf(server)
  const figure = (name: string): number => numberIn(found, name) ?? Number.NaN
  const requests = figure("requests")
  return {
    operation: "",
    server: server.name,
    requests,
    perSecond: figure("perSecond"),
    cpuMicros: (after.micros - before.micros) / requests,
    p50: figure("p50"),
    p99: figure("p99"),
    residentMegabytes: after.megabytes
  }
}

const figures = ["perSecond", "cpuMicros", "p50", "p99", "residentMegabytes"] as const

const measured = async (one: Case): Promise<LoadResult> => {
  // The first load times the compiler more than the code.
  const warm = await loadOnce({ ...one, total: one.total / 2 })
  const loads: Array<LoadResult> = []
  for (let round = 0; round < rounds; round++) loads.push(await loadOnce(one))
  const medians = figures.map((name) => [name, Math.round(median(loads.map((load) => load[name])) * 100) / 100])
  return { ...warm, ...Object.fromEntries(medians), operation: one.operation, requests: one.total }
}

const nodeServer = async (name: string, file: string, args: ReadonlyArray<string> = []): Promise<Server> => ({
  name,
  ...(await start(file, args))
})

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const onPath = (program: string): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path))

/** The real local-kms if installed; otherwise a server that works in the same way. */
const unsignedServer = async (): Promise<{ readonly server: Server; readonly about: string }> => {
  const program = onPath("local-kms")
  if (program === undefined) {
    const server = await nodeServer("unsigned", "unsignedServer.ts")
    const about =
      "a server of this repository on `node:http` that works as local-kms does, with no signature and no audit record. It is not local-kms, which is used here if its program is found."
    return { server, about }
  }
  const port = await freePort()
  const child = spawn(program, [], {
    stdio: "ignore",
    env: { ...process.env, PORT: String(port), DATA_PATH: scratchDirectory(), KMS_SEED_PATH: "/dev/null" }
  })
  const server = { name: "unsigned", port, child, keyId: "" }
  for (let left = 100; ; left--) {
    const made = await askUnsigned(server, "CreateKey", {}).catch((error: unknown) => error)
    if (!(made instanceof Error)) {
      return { server: { ...server, keyId: memberOf(made, "KeyMetadata", "KeyId") }, about: `local-kms, ${program}.` }
    }
    if (left === 0) throw made
    await sleep(100)
  }
}

const quick = Math.round(12_800 * share)
const slow = Math.round(1600 * share)

/** Encrypt, Decrypt, data keys and reads of one key. */
const keystateCases = async (server: Server): Promise<ReadonlyArray<Case>> => {
  const KeyId = server.keyId
  const cases: Array<Case> = []
  const add = (operation: string, total: number, members: Members): void => {
    cases.push({ operation, server, total, members: [[members]] })
  }
  for (const [size, bytes] of [
    ["32 B", 32],
    ["4 KB", 4096]
  ] as const) {
    const Plaintext = base64(bytes)
    const blob = memberOf(await ask(server, { Action: "Encrypt", KeyId, Plaintext }), "CiphertextBlob")
    add(`Encrypt ${size}`, quick, { Action: "Encrypt", KeyId, Plaintext })
    add(`Decrypt ${size}`, quick, { Action: "Decrypt", CiphertextBlob: blob })
  }
  add("GenerateDataKey", quick, { Action: "GenerateDataKey", KeyId })
  add("DescribeKey", quick, { Action: "DescribeKey", KeyId })
  return cases
}

const signatures = [
  { KeySpec: "RSA_2048", Algorithm: "RSA_PSS_SHA_256" },
  { KeySpec: "RSA_3072", Algorithm: "RSA_PSS_SHA_256" },
  { KeySpec: "EC_P256", Algorithm: "ECDSA_SHA_256" },
  { KeySpec: "EC_P256K", Algorithm: "ECDSA_SHA_256" },
  { KeySpec: "EC_SM2", Algorithm: "SM2DSA" }
] as const

const signingCases = async (server: Server): Promise<ReadonlyArray<Case>> => {
  const cases: Array<Case> = []
  for (const { Algorithm, KeySpec } of signatures) {
    const created = await ask(server, { Action: "CreateKey", KeySpec, KeyUsage: "SIGN/VERIFY", ProtectionLevel: "HSM" })
    const KeyId = memberOf(created, "KeyMetadata", "KeyId")
    const versions = await ask(server, { Action: "ListKeyVersions", KeyId })
    const KeyVersionId = memberOf(versions, "KeyVersions", "KeyVersion", "0", "KeyVersionId")
    const members = { Action: "AsymmetricSign", KeyId, KeyVersionId, Algorithm, Digest: base64(32) }
    cases.push({ operation: `AsymmetricSign ${KeySpec}`, server, total: slow, members: [[members]] })
  }
  return cases
}

/** Each connection disables and enables a separate key, so that every request is a durable change. */
const changingCase = async (server: Server): Promise<Case> => {
  const keys: Array<ReadonlyArray<Members>> = []
  for (let n = 0; n < connections; n++) {
    const KeyId = memberOf(await ask(server, { Action: "CreateKey" }), "KeyMetadata", "KeyId")
    keys.push([
      { Action: "DisableKey", KeyId },
      { Action: "EnableKey", KeyId }
    ])
  }
  return { operation: "DisableKey, EnableKey", server, total: slow, members: keys }
}

const unsignedCases = async (server: Server): Promise<ReadonlyArray<Case>> => {
  const { keyId: KeyId } = server
  const Plaintext = base64(32)
  const long = base64(4096)
  const { stringify } = JSON
  const blob = memberOf(await askUnsigned(server, "Encrypt", { KeyId, Plaintext }), "CiphertextBlob")
  if (blob === "undefined") throw new Error(`the unsigned server made no ciphertext: ${stringify(KeyId)}`)
  const one = (operation: string, name: string, members: Members): Case => ({
    operation,
    server,
    total: quick,
    target: `TrentService.${name}`,
    members: [[members]]
  })
  return [
    one("Encrypt 32 B", "Encrypt", { KeyId, Plaintext }),
    one("Encrypt 4 KB", "Encrypt", { KeyId, Plaintext: long }),
    one("Decrypt 32 B", "Decrypt", { CiphertextBlob: blob }),
    one("GenerateDataKey", "GenerateDataKey", { KeyId, KeySpec: "AES_256" }),
    one("DescribeKey", "DescribeKey", { KeyId })
  ]
}

const bareCases = (server: Server): ReadonlyArray<Case> =>
  [32, 4096].map((bytes) => ({
    operation: bytes === 32 ? "Encrypt 32 B" : "Encrypt 4 KB",
    server,
    total: quick,
    members: [[{ Action: "Encrypt", KeyId: server.keyId, Plaintext: base64(bytes) }]]
  }))

const run = async (): Promise<LoadRun> => {
  const before = loadavg()[0] ?? 0
  const keystate = await nodeServer("Keystate", "engineServer.ts", [scratchDirectory()])
  const bare = await nodeServer("bare", "bareServer.ts")
  const fixed = await nodeServer("fixed text", "fixedServer.ts")
  const { about, server: unsigned } = await unsignedServer()
  const fixedCase = { server: fixed, total: quick, members: [[{ Action: "Encrypt", Plaintext: base64(32) }]] }
  const all: ReadonlyArray<Case> = [
    { operation: "any request", ...fixedCase },
    ...(await keystateCases(keystate)),
    ...bareCases(bare),
    ...(await unsignedCases(unsigned)),
    ...(await signingCases(keystate)),
    await changingCase(keystate)
  ]
  const results: Array<LoadResult> = []
  const operations = [...new Set(all.map(({ operation }) => operation))]
  for (const one of operations.flatMap((name) => all.filter(({ operation }) => operation === name))) {
    const result = await measured(one)
    results.push(result)
    const { cpuMicros, operation, p99, perSecond, server } = result
    process.stderr.write(
      `${operation}, ${server}: ${Math.round(perSecond)}/s, ${cpuMicros.toFixed(0)} µs of CPU, p99 ${p99.toFixed(1)} ms\n`
    )
  }
  for (const { child } of [keystate, bare, fixed, unsigned]) child.kill()
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`,
    loadAverage: [before, loadavg()[0] ?? 0],
    connections,
    rounds,
    unsigned: about,
    results
  }
}

const found = await run()
const text = `${JSON.stringify(found, undefined, 2)}\n`
if (onlyPrints) process.stdout.write(text)
else {
  const at = (path: string): URL => new URL(path, import.meta.url)
  writeFileSync(at("load.json"), text)
  writeFileSync(at("../../docs/performance.md"), performancePage(found))
  for (const [name, picture] of Object.entries(picturesOf(found))) {
    writeFileSync(at(`../../docs/images/${name}`), picture)
  }
}
