/** PostgreSQL for development and tests: Debian's package, and a separate server in a separate directory. */
import { execFileSync, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { firstOf, fromDebian } from "./debian.ts"
import { hasEnded, listensUntilItEnds, startedOnPort } from "./processes.ts"

/** Debian keeps the programs of each version in a separate folder, which is not in the path. */
const debianFolder = "/usr/lib/postgresql"

const versionMinimum = 15

const newestIn = (folder: string): string | undefined => {
  if (!existsSync(folder)) return undefined
  const versions = readdirSync(folder).map(Number)
  const newest = Math.max(...versions.filter((version) => version >= versionMinimum))
  const programs = join(folder, String(newest), "bin")
  return existsSync(join(programs, "postgres")) ? programs : undefined
}

const inPath = (): string | undefined =>
  (process.env["PATH"] ?? "")
    .split(":")
    .find((folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")))

const programs = (): string =>
  fromDebian({ name: "PostgreSQL", packages: ["postgresql"], look: () => newestIn(debianFolder) ?? inPath() })

/** The server refuses to run as root; Debian's package makes this user. */
const serverUser = (): { readonly uid: number; readonly gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const number = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }))
  return { uid: number("-u"), gid: number("-g") }
}

export interface PostgresServer {
  readonly port: number
  /** The directory of its Unix socket. */
  readonly socket: string
  /** A URL of a database, on loopback. */
  readonly url: (database: string) => string
  /** Stops without a checkpoint, as in a power cut, and restarts unless told otherwise. */
  readonly crash: (options?: { readonly isStarted?: boolean }) => Promise<void>
  readonly start: () => Promise<void>
  /** Ends the server and removes its directory. */
  readonly close: () => Promise<void>
}

export const superuser = "keystate"

/** How often a server is started again on its port. */
const restartsMax = 100

type User = ReturnType<typeof serverUser>

/** Writes a file that only the server can read. */
const giveFile = (path: string, text: string, user: User): void => {
  writeFileSync(path, text, { mode: 0o600 })
  if (user !== undefined) chownSync(path, user.uid, user.gid)
}

/** The settings of a small server on loopback, and the given ones. */
const serverFlags = (
  port: number,
  directory: string,
  settings: Readonly<Record<string, string>>
): ReadonlyArray<string> =>
  Object.entries({
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: directory,
    shared_buffers: "32MB",
    max_connections: "60",
    ...settings
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`])

interface ServerCommand {
  readonly bin: string
  readonly data: string
  readonly settings: Readonly<Record<string, string>>
  readonly environment: Readonly<Record<string, string>>
  /** Its working directory, which holds its socket too, and its user. */
  readonly options: { readonly cwd: string; readonly stdio: "ignore" }
}

const spawnServer = ({ bin, data, settings, options, environment }: ServerCommand, port: number): ChildProcess =>
  spawn(join(bin, "postgres"), ["-D", data, ...serverFlags(port, options.cwd, settings)], {
    ...options,
    env: { ...process.env, ...environment }
  })

/** By its socket: another server may listen on the port. */
const isReady = ({ bin, options }: ServerCommand, port: number): boolean => {
  try {
    execFileSync(join(bin, "pg_isready"), ["-h", options.cwd, "-p", String(port), "-U", superuser], options)
    return true
  } catch {
    return false
  }
}

/**
 * A server on loopback, ready for connections. `settings` are those of postgresql.conf. `files` are written next to the
 * data directory, where only the server can read them: `../server.key` in a setting. `environment` is added to that of
 * this process.
 */
export const startPostgres = async (
  settings: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = {}
): Promise<PostgresServer> => {
  const bin = programs()
  const user = serverUser()
  const directory = mkdtempSync(join(tmpdir(), "keystate-postgres-"))
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  const data = join(directory, "data")
  for (const [name, text] of Object.entries(files)) giveFile(join(directory, name), text, user)
  const options = { ...user, cwd: directory, stdio: "ignore" } as const
  execFileSync(
    join(bin, "initdb"),
    ["-N", "-D", data, "-A", "trust", "-U", superuser, "-E", "UTF8", "--locale=C"],
    options
  )
  const command = { bin, data, settings, options, environment }
  let child: ChildProcess | undefined
  /** Whether it started, or ended: another process has its port, or the processes of its crash are not gone yet. */
  const launch = async (port: number): Promise<boolean> => {
    child = spawnServer(command, port)
    while (child.exitCode === null && child.signalCode === null) {
      if (isReady(command, port)) return true
      await pause(20)
    }
    return false
  }
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    if (child === undefined) return
    child.kill(name)
    await hasEnded(child)
  }
  const endWithProcess = (): void => {
    child?.kill("SIGQUIT")
  }
  process.once("exit", endWithProcess)
  const port = await startedOnPort(launch, "the PostgreSQL server of the tests")
  const start = async (): Promise<void> => {
    for (let restarts = 0; restarts < restartsMax; restarts++) {
      if (await launch(port)) return
      await pause(100)
    }
    throw new Error("the PostgreSQL server of the tests did not start again")
  }
  return {
    port,
    socket: directory,
    url: (database) => `postgres://${superuser}@127.0.0.1:${port}/${database}`,
    crash: async ({ isStarted = true }: { readonly isStarted?: boolean } = {}) => {
      await signal("SIGQUIT")
      if (isStarted) await start()
    },
    start,
    close: async () => {
      await signal("SIGQUIT")
      process.off("exit", endWithProcess)
      rmSync(directory, { recursive: true, force: true })
    }
  }
}

export interface Pooler {
  readonly port: number
  readonly close: () => Promise<void>
}

const poolerProgram = (): string =>
  fromDebian({
    name: "PgBouncer",
    packages: ["pgbouncer"],
    look: () => firstOf(["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer"])
  })

const poolerSettings = (serverPort: number, port: number): string => `[databases]
* = host=127.0.0.1 port=${serverPort} user=${superuser}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
auth_type = any
pool_mode = transaction
default_pool_size = 3
unix_socket_dir =
`

/** PgBouncer in front of a server, in transaction mode: each transaction may use another of a few connections. */
export const startPooler = async ({ port: serverPort, socket }: PostgresServer): Promise<Pooler> => {
  const user = serverUser()
  let child: ChildProcess | undefined
  const launch = async (port: number): Promise<boolean> => {
    const settings = join(socket, `pgbouncer-${port}.ini`)
    writeFileSync(settings, poolerSettings(serverPort, port))
    child = spawn(poolerProgram(), [settings], { ...user, stdio: "ignore" })
    return listensUntilItEnds(child, port)
  }
  const endWithProcess = (): void => void child?.kill("SIGKILL")
  process.once("exit", endWithProcess)
  const port = await startedOnPort(launch, "PgBouncer")
  return {
    port,
    close: async () => {
      child?.kill("SIGKILL")
      if (child !== undefined) await hasEnded(child)
      process.off("exit", endWithProcess)
    }
  }
}
