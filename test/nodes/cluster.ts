/** Several node processes on one PostgreSQL server, each with a separate link to the database. */
import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { Effect } from "effect"
import { startPostgres } from "../../src/development/postgres.ts"
import type { PostgresServer } from "../../src/development/postgres.ts"
import { migratePostgres } from "../../src/store/postgres/postgresDriver.ts"
import type { Columns, Parameter } from "../../src/store/postgres/session.ts"
import { interposedClock } from "../server/interposed.ts"
import { startProxy } from "../store/postgres/proxy.ts"
import type { Proxy } from "../store/postgres/proxy.ts"
import { runOn } from "../store/postgres/statements.ts"
import { makeNode } from "./nodeProcess.ts"
import type { NodeProcess, NodeSetup } from "./nodeProcess.ts"
import { commandFile } from "../programs.ts"

export interface Member extends NodeProcess {
  /** The link of the node to the database. */
  readonly link: Proxy
  /** Sets its system clock, in milliseconds from the right time. */
  readonly setClock: (offMillis: number) => void
}

export interface ClusterOptions {
  readonly nodes: number
  readonly isProven?: boolean
  readonly timeoutMillis?: NodeSetup["timeoutMillis"]
  readonly isVirtual?: boolean
  readonly keysMax?: NodeSetup["keysMax"]
  /** Whether the clocks of nodes can be set. */
  readonly hasClocks?: boolean
  /** Whether the clock of the database can be set. */
  readonly hasStoreClock?: boolean
  /** The command file of another release, which makes the schema. Every second node runs it. */
  readonly otherRelease?: string | undefined
}

export interface Cluster {
  readonly members: readonly [Member, ...ReadonlyArray<Member>]
  readonly server: PostgresServer
  readonly storeUrl: string
  readonly sql: (
    ...statements: ReadonlyArray<readonly [text: string, ...parameters: ReadonlyArray<Parameter>]>
  ) => Promise<ReadonlyArray<Columns>>
  /** Waits until every node is ready. */
  readonly ready: () => Promise<void>
  /** Runs `keystate migrate` of this release. */
  readonly migrate: () => Promise<void>
  /** The findings of `keystate verify`. */
  readonly findings: () => Promise<ReadonlyArray<unknown>>
  /** Sets the clock of the database, in milliseconds from the right time. */
  readonly setStoreClock: (offMillis: number) => void
  readonly close: () => Promise<void>
}

const names = ["A", "B", "C", "D", "E"] as const

const makeMember = async (
  name: string,
  at: { readonly server: PostgresServer; readonly database: string; readonly directory: string },
  { hasClocks = false, isProven = true, isVirtual = false, keysMax, otherRelease, timeoutMillis }: ClusterOptions
): Promise<Member> => {
  const link = await startProxy(at.server.port)
  const clock = hasClocks ? interposedClock(join(at.directory, `clock-${name}`)) : undefined
  const url = new URL(at.server.url(at.database))
  url.port = String(link.port)
  const node = makeNode({
    name,
    storeUrl: url.href,
    rootKeyFile: join(at.directory, "root.key"),
    isProven,
    isVirtual,
    timeoutMillis,
    keysMax,
    environment: clock?.environment ?? {},
    release: names.findIndex((known) => known === name) % 2 === 1 ? otherRelease : undefined
  })
  return { ...node, link, setClock: (offMillis) => clock?.set(offMillis) }
}

const isReady = async ({ isRunning, url }: NodeProcess): Promise<boolean> => {
  if (!isRunning()) return false
  try {
    return (await fetch(`${url()}/readyz`)).status === 200
  } catch {
    return false
  }
}

const command = await commandFile()

/** Runs `keystate verify`. A run with findings fails and still prints its report. */
const reportOf = async (args: ReadonlyArray<string>): Promise<string> => {
  for (;;) {
    const { stderr, stdout } = await new Promise<{ readonly stdout: string; readonly stderr: string }>((resolve) =>
      execFile(process.execPath, [command, ...args], { maxBuffer: 2 ** 28 }, (_error, stdout, stderr) =>
        resolve({ stdout, stderr })
      )
    )
    if (stdout !== "") return stdout
    // On a busy machine the database may be too slow for a starting command.
    if (!stderr.includes("The database cannot be reached")) throw new Error(stderr)
  }
}

/** Makes the schema that a release has. */
const migrated = (release: string, storeUrl: string): Promise<void> =>
  new Promise((resolve, reject) =>
    execFile(process.execPath, [release, "migrate", "--store", storeUrl, "--store-tls", "off"], (failure) =>
      failure === null ? resolve() : reject(failure)
    )
  )

const verified = async (storeUrl: string, rootKeyFile: string): Promise<ReadonlyArray<unknown>> => {
  const args = ["verify", "--store", storeUrl, "--store-tls", "off", "--root-key-file", rootKeyFile]
  const report: unknown = JSON.parse(await reportOf(args))
  const found: unknown = typeof report === "object" && report !== null ? Reflect.get(report, "findings") : undefined
  if (!Array.isArray(found)) throw new Error("verify printed no findings")
  return found
}

const readyPauseMillis = 20

/** Starts nodes on a new database of a running server. */
export const startCluster = async (server: PostgresServer, options: ClusterOptions): Promise<Cluster> => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-nodes-"))
  const database = `nodes_${randomBytes(6).toString("hex")}`
  const rootKeyFile = join(directory, "root.key")
  writeFileSync(rootKeyFile, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 })
  await runOn(server.url("postgres"), [`CREATE DATABASE ${database}`])
  const storeUrl = server.url(database)
  const { otherRelease } = options
  await (otherRelease === undefined
    ? Effect.runPromise(migratePostgres({ url: storeUrl, tls: "off" }))
    : migrated(otherRelease, storeUrl))
  const at = { server, database, directory }
  const first = await makeMember("A", at, options)
  const others = await Promise.all(names.slice(1, options.nodes).map((name) => makeMember(name, at, options)))
  const members = [first, ...others] as const
  await Promise.all(members.map(({ start }) => start()))
  return {
    members,
    server,
    storeUrl,
    sql: (...statements) => runOn(storeUrl, ...statements),
    ready: async () => {
      for (const member of members) while (!(await isReady(member))) await pause(readyPauseMillis)
    },
    migrate: () => migrated(command, storeUrl),
    findings: () => verified(storeUrl, rootKeyFile),
    setStoreClock: () => undefined,
    close: async () => {
      await Promise.all(members.map(({ kill }) => kill()))
      for (const { link } of members) link.close()
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

/** A folder that the database server's user may read. */
const openFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "keystate-store-clock-"))
  chmodSync(folder, 0o755)
  return folder
}

/** The same with a separate server, which stops with the cluster. */
export const startWholeCluster = async (options: ClusterOptions): Promise<Cluster> => {
  const folder = openFolder()
  const clock = options.hasStoreClock === true ? interposedClock(join(folder, "offset")) : undefined
  const server = await startPostgres({ max_connections: "100" }, {}, clock?.environment)
  const cluster = await startCluster(server, options)
  return {
    ...cluster,
    setStoreClock: (offMillis) => clock?.set(offMillis),
    close: async () => {
      await cluster.close()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
