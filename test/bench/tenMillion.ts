/** `npm run bench:ten-million`: what a store of ten million keys costs; `-- --keys N` for fewer, `--help` for more. */
import { execFileSync, fork } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { fileURLToPath } from "node:url"
import { Effect, Layer, ManagedRuntime } from "effect"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { HttpServer } from "../../src/server/httpServer.ts"
import { databaseIn } from "../../src/store/sqlite/files.ts"
import { Store } from "../../src/store/store.ts"
import { messageFrom, numberIn } from "./benchServer.ts"
import { benchRootKey } from "./benchStore.ts"
import { fill } from "./filledStore.ts"
import type { Filled } from "./filledStore.ts"
import { performancePage, readRun } from "./loadPage.ts"
import type { ManyKeysRun } from "./manyKeysPage.ts"
import { alternate, rowAtMost } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const { values } = parseArgs({
  options: {
    keys: { type: "string", default: "10000000" },
    directory: { type: "string" },
    json: { type: "boolean" },
    record: { type: "boolean" },
    help: { type: "boolean" }
  }
})
if (values.help === true) {
  process.stdout.write(`npm run bench:ten-million -- [options]
  --keys N         the number of keys; 10,000,000 if absent. Each key needs 2.2 KB of disk.
  --directory DIR  keeps the store there, and uses the one that an earlier run kept
  --json           prints one line of JSON for each figure
  --record         writes test/bench/tenMillion.json and its section of docs/performance.md
`)
  process.exit(0)
}
const keys = Number(values.keys)
if (!Number.isSafeInteger(keys) || keys < 100) {
  process.stderr.write("--keys takes a whole number from 100. Each key needs 2.2 KB of disk.\n")
  process.exit(2)
}
const tell = (line: string): void => void process.stderr.write(`${line}\n`)

const fewKeys = 100
const someKeys = Math.min(100_000, Math.ceil(keys / 10))
const awakeKeys = Math.min(200_000, Math.floor(keys / 2))
const shown = (count: number): string => count.toLocaleString("en")

interface LargeStore extends Filled {
  readonly keys: number
  readonly directory: string
}

const progressEach = 250_000

/** A store that `--directory` kept from an earlier run is used again. */
const storeOf = async (count: number, place: string): Promise<LargeStore> => {
  const directory = join(place, "store")
  const about = join(place, "filled.json")
  if (!existsSync(about)) {
    mkdirSync(place, { recursive: true })
    let next = progressEach
    const onProgress = (done: number): void => {
      if (done < next) return
      tell(`${shown(done)} of ${shown(count)} keys are written`)
      next += progressEach
    }
    const filled = await fill(directory, { keys: count, sampleSize: Math.max(64, awakeKeys), onProgress })
    writeFileSync(about, JSON.stringify({ keys: count, ...filled }))
  }
  const filled: Omit<LargeStore, "directory"> = JSON.parse(readFileSync(about, "utf8"))
  return { ...filled, directory }
}

const child = async (file: string, args: ReadonlyArray<string>): Promise<unknown> => {
  const process = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"]
  })
  const ended = new Promise((resolve) => process.once("exit", resolve))
  const found = await messageFrom(process, (message) => message)
  await ended
  return found
}

/** Another process takes part of the time of a busy machine, so the shortest of several times says most. */
const shortest = async (times: number, work: () => Promise<unknown>): Promise<number> => {
  let best = Number.POSITIVE_INFINITY
  for (let n = 0; n < times; n++) {
    const startedAt = performance.now()
    await work()
    best = Math.min(best, performance.now() - startedAt)
  }
  return best
}

const millis = (value: number): string => `${value.toFixed(value < 1 ? 3 : 1)} ms`

const starts = async (store: LargeStore, few: LargeStore): Promise<Row> => {
  const timesOf = async ({ directory, keyId }: LargeStore): Promise<number> => {
    const times: Array<number> = []
    for (let n = 0; n < 5; n++) times.push(numberIn(await child("firstAnswer.ts", [directory, keyId]), "millis") ?? NaN)
    return Math.min(...times)
  }
  const [large, small] = [await timesOf(store), await timesOf(few)]
  const detail = `${millis(large)}; with ${fewKeys} keys ${millis(small)}`
  return rowAtMost("start to the first answer, s", large / 1000, 1, detail)
}

const awake = async ({ directory, sample }: LargeStore): Promise<Row> => {
  const file = join(scratchDirectory(), "sample.json")
  writeFileSync(file, JSON.stringify(sample.slice(0, awakeKeys)))
  const found = await child("awakeKeys.ts", [directory, file])
  const [size = 0, resident = Number.NaN] = [numberIn(found, "awake"), numberIn(found, "residentMegabytes")]
  if (size !== Math.min(awakeKeys, sample.length)) throw new Error(`${size} keys are in memory, not ${awakeKeys}`)
  return rowAtMost(
    `resident size with ${shown(size)} keys in memory, GB`,
    resident / 1000,
    1,
    `${resident.toFixed(0)} MB`
  )
}

const engineOf = ({ directory, keyId, sample }: LargeStore) => {
  const options = optionsOf({ directory }, benchRootKey)
  const runtime = ManagedRuntime.make(
    HttpServer.layer({ host: "127.0.0.1", port: 0, region: options.realm.region }).pipe(
      Layer.provideMerge(engineLayer(options))
    )
  )
  const kmsOf = <A>(use: (kms: Kms["Service"]) => Effect.Effect<A, unknown>): Promise<A> =>
    runtime.runPromise(Effect.flatMap(Kms, use))
  return {
    runtime,
    kmsOf,
    keyId,
    /** Keys from all parts of the store. */
    some: Array.from({ length: 64 }, (_, n) => sample[Math.floor((n * sample.length) / 64)] ?? keyId)
  }
}
type Engine = ReturnType<typeof engineOf>

const encryptEach = 5000
const changesEach = 20
const rounds = 7

/** Work in one second of processor time of this process. */
const perCpuSecond = async (count: number, work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { system, user } = process.cpuUsage(before)
  return count / ((user + system) / 1e6)
}

const encrypts =
  ({ keyId: KeyId, kmsOf }: Engine) =>
  (): Promise<number> =>
    perCpuSecond(encryptEach, () =>
      kmsOf((kms) =>
        Effect.gen(function* () {
          for (let n = 0; n < encryptEach; n++) yield* kms.encrypt({ KeyId, Plaintext: "YWJj" })
        })
      )
    )

const changes =
  ({ kmsOf, some }: Engine) =>
  (): Promise<number> =>
    perCpuSecond(some.length * changesEach * 2, () =>
      kmsOf((kms) =>
        Effect.forEach(
          some,
          (KeyId) =>
            Effect.gen(function* () {
              for (let n = 0; n < changesEach; n++) {
                yield* kms.disableKey({ KeyId })
                yield* kms.enableKey({ KeyId })
              }
            }),
          { concurrency: "unbounded", discard: true }
        )
      )
    )

const micros = (perSecondOfCpu: number): string => `${(1e6 / perSecondOfCpu).toFixed(1)} µs`

const costs = async (
  name: string,
  few: () => Promise<number>,
  many: () => Promise<number>,
  goal: number
): Promise<Row> => {
  const { floor, ours, ratio } = await alternate(rounds, few, many)
  return rowAtMost(name, 1 / ratio, goal, `${micros(ours)} to ${micros(floor)} of processor time`)
}

const pageSize = 100

const lists = async ({ kmsOf }: Engine): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  for (const [what, list] of [
    ["ListKeys", (page: number) => kmsOf((kms) => kms.listKeys({ PageNumber: page, PageSize: pageSize }))],
    ["ListAliases", (page: number) => kmsOf((kms) => kms.listAliases({ PageNumber: page, PageSize: pageSize }))]
  ] as const) {
    const last = Math.ceil((await list(1)).TotalCount / pageSize)
    for (const [where, page] of [
      ["first", 1],
      ["middle", Math.ceil(last / 2)],
      ["last", last]
    ] as const) {
      const found = await shortest(9, () => list(page))
      rows.push(rowAtMost(`${what}, the ${where} page, ms`, found, 20, `page ${shown(page)} of ${shown(last)}`))
    }
  }
  return rows
}

const scrape = async ({ runtime }: Engine): Promise<ReadonlyArray<Row>> => {
  const { url } = await runtime.runPromise(Effect.flatMap(HttpServer, Effect.succeed))
  const text = async (): Promise<string> => (await fetch(new URL("/metrics", url))).text()
  const census = await shortest(9, () => runtime.runPromise(Effect.flatMap(Store, (store) => store.census)))
  const found = await shortest(9, text)
  const counted = /keystate_keys\{state="Enabled"\} (\d+)/.exec(await text())?.[1] ?? "no"
  return [
    rowAtMost("a scrape of /metrics, ms", found, 20, `${shown(Number(counted))} keys enabled`),
    rowAtMost("the number of keys in each state, ms", census, 20, "what a scrape reads from the store")
  ]
}

const dueLimit = 256

const dueRows = async ({ runtime }: Engine, { firstDue, lastDue }: LargeStore): Promise<ReadonlyArray<Row>> => {
  const dueUntil = (until: number) =>
    runtime.runPromise(Effect.flatMap(Store, (store) => store.due({ until, limit: dueLimit })))
  const found = await dueUntil((firstDue + lastDue) / 2)
  if (found.length !== Math.min(dueLimit, Math.floor(keys / 2))) throw new Error(`${found.length} deadlines were found`)
  const few = (await dueUntil(found[9]?.dueAt ?? 0)).length
  const [ten, half, next] = [
    await shortest(99, () => dueUntil(found[9]?.dueAt ?? 0)),
    await shortest(99, () => dueUntil((firstDue + lastDue) / 2)),
    await shortest(99, () => runtime.runPromise(Effect.flatMap(Store, (store) => store.nextDue)))
  ]
  return [
    rowAtMost("finding the next deadline, ms", next, 1, "one row"),
    rowAtMost("finding the due deadlines, ms", ten, 1, `${few} are due`),
    rowAtMost(`finding ${found.length} due deadlines, ms`, half, 1, "half of all are due")
  ]
}

const show = (found: Row): void => {
  if (values.json === true) return
  process.stdout.write(
    `${found.ok ? "ok  " : "MISS"}  ${found.name.padEnd(64)} ${String(found.ratio).padStart(8)}  goal ≤ ${found.goal}  (${found.detail})\n`
  )
}

const loadBefore = loadavg()[0] ?? 0
const few = await storeOf(fewKeys, scratchDirectory())
const some = await storeOf(someKeys, scratchDirectory())
const store = await storeOf(keys, values.directory ?? scratchDirectory())
tell(`a store of ${shown(store.keys)} keys is there`)

const rows: Array<Row> = []
const add = (...found: ReadonlyArray<Row>): void => {
  rows.push(...found)
  for (const row of found) show(row)
}
add(await starts(store, few))
add(await awake(store))
const [large, middle, small] = [engineOf(store), engineOf(some), engineOf(few)]
add(...(await lists(large)))
add(...(await scrape(large)))
add(...(await dueRows(large, store)))
add(await costs(`Encrypt / with ${fewKeys} keys`, encrypts(small), encrypts(large), 1.1))
add(await costs(`a durable change / with ${fewKeys} keys`, changes(small), changes(large), 1.2))
add(
  await costs(`a durable change, ${shown(someKeys)} keys / with ${fewKeys} keys`, changes(small), changes(middle), 1.2)
)
for (const engine of [large, middle, small]) await engine.runtime.dispose()

if (values.json === true) {
  for (const { detail, goal, name, ok, ratio } of rows) {
    process.stdout.write(`${JSON.stringify({ name, value: ratio, goal, ok, detail, keys: store.keys })}\n`)
  }
}

const at = (path: string): URL => new URL(path, import.meta.url)

/** Writes the results, and the page of performance with them. */
const record = (): void => {
  const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).trim()
  const run: ManyKeysRun = {
    date: new Date().toISOString().slice(0, 10),
    commit,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`,
    loadAverage: [loadBefore, loadavg()[0] ?? 0],
    keys: store.keys,
    gigabytes: Math.round(statSync(databaseIn(store.directory)).size / 1e8) / 10,
    rows: rows.map(({ detail, goal, name, ok, ratio }) => ({ name, ratio, goal, ok, detail }))
  }
  writeFileSync(at("tenMillion.json"), `${JSON.stringify(run, undefined, 2)}\n`)
  const load = readRun(readFileSync(at("load.json"), "utf8"))
  writeFileSync(at("../../docs/performance.md"), performancePage(load, run))
}

if (values.record === true) record()
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1
