/** The cost of PostgreSQL: CPU time of a server and of the database for each Encrypt, and changes from two nodes. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { startPostgres } from "../../src/development/postgres.ts"
import type { PostgresServer } from "../../src/development/postgres.ts"
import { connections, load, numberOf, requests, start } from "./benchServer.ts"
import type { Target } from "./benchServer.ts"
import { alternate, median, perSecond, rate, row, rowAtMost } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const rounds = 5
/** The first rounds time the compiler more than the code. */
const warmUps = 2

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    // The process has ended.
    return ""
  }
}

/** CPU time of the database server's processes, microseconds (proc(5), schedstat). Connections stay open, so none is missed. */
const databaseMicros = ({ socket }: PostgresServer): number => {
  const postmaster = textOf(join(socket, "data", "postmaster.pid")).split("\n")[0] ?? ""
  const isOurs = (pid: string): boolean =>
    pid === postmaster || new RegExp(`\\) \\S ${postmaster} `).test(textOf(`/proc/${pid}/stat`))
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isOurs(name))
  const nanos = pids.map((pid) => Number(textOf(`/proc/${pid}/schedstat`).split(" ")[0] ?? 0))
  return nanos.reduce((sum, one) => sum + one, 0) / 1000
}

/** CPU time of a server for each request of one load. */
const cpuOfLoad = async ({ child, ...target }: Target): Promise<number> => {
  const before = await numberOf(child, "cpuMicros")
  await load({ child, ...target })
  return ((await numberOf(child, "cpuMicros")) - before) / requests
}

const micros = (value: number): string => `${value.toFixed(1)} µs`

const encrypts = async (server: PostgresServer): Promise<ReadonlyArray<Row>> => {
  const [sqlite, shared] = [
    await start("engineServer.ts", [scratchDirectory()]),
    await start("engineServer.ts", [server.url("postgres")])
  ]
  const own: Array<number> = []
  const ofServer: Array<number> = []
  const ofDatabase: Array<number> = []
  for (let round = -warmUps; round < rounds; round++) {
    const base = await cpuOfLoad(sqlite)
    const before = databaseMicros(server)
    const cost = await cpuOfLoad(shared)
    const database = (databaseMicros(server) - before) / requests
    if (round < 0) continue
    own.push(base)
    ofServer.push(cost)
    ofDatabase.push(database)
  }
  sqlite.child.kill()
  shared.child.kill()
  const ratio = median(ofServer.map((cost, at) => cost / (own[at] ?? Number.NaN)))
  return [
    rowAtMost(
      `CPU of a server for a signed Encrypt, ${connections} in flight, on PostgreSQL / on SQLite`,
      ratio,
      1.25,
      `${micros(median(ofServer))} to ${micros(median(own))}`
    ),
    rowAtMost(
      `CPU of PostgreSQL for a signed Encrypt, ${connections} in flight, µs`,
      median(ofDatabase),
      25,
      `${micros(median(ofDatabase))} of all its processes`
    )
  ]
}

/** The number of changes of each key in one round. */
const changesEach = 40

const changes = async (server: PostgresServer): Promise<Row> => {
  const url = server.url("postgres")
  const nodes = [
    await start("changingNode.ts", [url, String(changesEach)]),
    await start("changingNode.ts", [url, String(changesEach)])
  ]
  const by = (changing: ReadonlyArray<Target>) => async (): Promise<number> => {
    const startedAt = process.hrtime.bigint()
    const counts = await Promise.all(changing.map(({ child }) => numberOf(child, "changes")))
    return perSecond(
      counts.reduce((sum, count) => sum + count, 0),
      startedAt
    )
  }
  const measured = await alternate(rounds, by(nodes.slice(0, 1)), by(nodes))
  for (const { child } of nodes) child.kill()
  return row(
    "durable EnableKey/DisableKey from two nodes on one PostgreSQL / from one",
    measured.ratio,
    1.3,
    `${rate(measured.ours)} of ${rate(measured.floor)}`
  )
}

/** Needs PostgreSQL, which is installed if permitted, and the process accounting of Linux. */
export const onPostgres = async (): Promise<ReadonlyArray<Row>> => {
  const server = await startPostgres({ shared_buffers: "128MB" })
  try {
    return [...(await encrypts(server)), await changes(server)]
  } finally {
    await server.close()
  }
}
