/** `npm run bench:load`: the cost of a request under load, compared with peers in the same run. Writes docs/performance.md. */
import { execFileSync, fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { messageFrom, numberIn, start } from "./benchServer.ts"
import {
  bareCases,
  base64,
  changingCase,
  connections,
  keystateCases,
  quick,
  signingCases,
  unsignedCases
} from "./loadCases.ts"
import type { Case, Server } from "./loadCases.ts"
import type { Load } from "./loadClient.ts"
import { goalsOf } from "./loadGoals.ts"
import type { Round } from "./loadGoals.ts"
import { performancePage, picturesOf } from "./loadPage.ts"
import { readManyKeysRun } from "./manyKeysPage.ts"
import type { LoadResult, LoadRun } from "./loadPage.ts"
import { median } from "./measure.ts"
import { casesOfPeer, peerOf } from "./peers.ts"
import type { Peer } from "./peers.ts"
import { scratchDirectory } from "./scratch.ts"
import { usageOf } from "./usage.ts"

const help = `npm run bench:load -- [options]

Measures rate, latency, CPU time and memory of a server beside peers in the same run, on Linux.
Writes docs/performance.md, its pictures and test/bench/load.json.

  --peer NAME=URL,PID  also measures a running server with the JSON dialect of AWS KMS, such as
                       local-kms or moto; may be repeated. CPU time is that of process PID and
                       its descendants. There are goals for the names local-kms and moto.
  --only TEXT          measures only operations whose name contains TEXT; prints the results only
  --quick              a tenth of the requests and one round; prints the results only
  --json               prints the results only
  --help               prints this text
`

const { values } = parseArgs({
  options: {
    peer: { type: "string", multiple: true, default: [] },
    only: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false }
  }
})
const onlyPrints = values.quick || values.json || values.only !== ""
const rounds = values.quick ? 1 : 3
const share = values.quick ? 0.1 : 1

const loadOnce = async (one: Case, part: number): Promise<LoadResult> => {
  const { members, operation, server, target } = one
  const child = fork(fileURLToPath(new URL("loadClient.ts", import.meta.url)), [], {
    stdio: ["ignore", "inherit", "inherit", "ipc"]
  })
  const total = Math.max(connections, Math.round(one.total * part))
  const load: Load = { host: server.host, port: server.port, connections, total, target, members }
  // The client sends a first message when its requests are prepared, so that only the load is counted.
  child.send(load)
  await messageFrom(child, (message) => numberIn(message, "prepared"))
  const before = usageOf(server.pid)
  child.send("begin")
  const found = await messageFrom(child, (message) =>
    numberIn(message, "perSecond") === undefined ? undefined : message
  )
  const after = usageOf(server.pid)
  await new Promise((resolve) => child.once("exit", resolve))
  const figure = (name: string): number => numberIn(found, name) ?? Number.NaN
  const requests = figure("requests")
  return {
    operation,
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

const summaryOf = (loads: Round): LoadResult => {
  const [first] = loads
  if (first === undefined) throw new Error("a case has at least one round")
  const medians = figures.map((name) => [name, Math.round(median(loads.map((load) => load[name])) * 100) / 100])
  return { ...first, ...Object.fromEntries(medians) }
}

/** All servers of an operation take turns, so that a busy machine is busy for each of them. */
const measured = async (cases: ReadonlyArray<Case>): Promise<ReadonlyArray<Round>> => {
  const loads: Array<Array<LoadResult>> = cases.map(() => [])
  // The first requests time the compiler more than the code: a server on Node needs about 20,000.
  for (const one of cases) await loadOnce(one, share * 1.5)
  for (let round = 0; round < rounds; round++) {
    for (const [place, one] of cases.entries()) loads[place]?.push(await loadOnce(one, share))
  }
  return loads
}

const told = ({ cpuMicros, operation, p99, perSecond, server }: LoadResult): string =>
  `${operation}, ${server}: ${Math.round(perSecond)}/s, ${cpuMicros.toFixed(0)} µs of CPU, p99 ${p99.toFixed(1)} ms\n`

const children: Array<ChildProcess> = []

const nodeServer = async (name: string, file: string, args: ReadonlyArray<string> = []): Promise<Server> => {
  const { child, keyId, port } = await start(file, args)
  children.push(child)
  return { name, host: "127.0.0.1", port, pid: child.pid ?? 0, keyId }
}

const allCases = async (peers: ReadonlyArray<Peer>): Promise<ReadonlyArray<Case>> => {
  const keystate = await nodeServer("Keystate", "engineServer.ts", [scratchDirectory()])
  const bare = await nodeServer("bare", "bareServer.ts")
  const fixed = await nodeServer("fixed text", "fixedServer.ts")
  const unsigned = await nodeServer("unsigned", "unsignedServer.ts")
  const rateOf = async (one: Case): Promise<number> => (await loadOnce(one, 1)).perSecond
  const cases: Array<Case> = [
    {
      operation: "any request",
      server: fixed,
      total: quick,
      members: [[{ Action: "Encrypt", Plaintext: base64(32) }]]
    },
    ...(await keystateCases(keystate)),
    ...bareCases(bare),
    ...(await unsignedCases(unsigned, quick))
  ]
  for (const peer of peers) cases.push(...(await casesOfPeer(peer, rateOf)))
  return [...cases, ...(await signingCases(keystate)), await changingCase(keystate)]
}

const run = async (): Promise<LoadRun> => {
  const before = loadavg()[0] ?? 0
  const peers = values.peer.map(peerOf)
  const all = await allCases(peers)
  const operations = [...new Set(all.map(({ operation }) => operation))].filter((name) => name.includes(values.only))
  const measurements: Array<Round> = []
  for (const name of operations) {
    const loads = await measured(all.filter(({ operation }) => operation === name))
    measurements.push(...loads)
    for (const each of loads) process.stderr.write(told(summaryOf(each)))
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`,
    loadAverage: [before, loadavg()[0] ?? 0],
    connections,
    rounds,
    peers: peers.map(({ name }) => name),
    goals: goalsOf(
      measurements,
      peers.map(({ name }) => name)
    ),
    results: measurements.map(summaryOf)
  }
}

const measure = async (): Promise<void> => {
  const found = await run()
  for (const child of children) child.kill()
  const text = `${JSON.stringify(found, undefined, 2)}\n`
  if (onlyPrints) {
    process.stdout.write(text)
    return
  }
  const at = (path: string): URL => new URL(path, import.meta.url)
  writeFileSync(at("load.json"), text)
  const manyKeys = readManyKeysRun(readFileSync(at("tenMillion.json"), "utf8"))
  writeFileSync(at("../../docs/performance.md"), performancePage(found, manyKeys))
  for (const [name, picture] of Object.entries(picturesOf(found))) {
    writeFileSync(at(`../../docs/images/${name}`), picture)
  }
}

if (values.help) process.stdout.write(help)
else {
  await measure().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
    for (const child of children) child.kill()
  })
}
