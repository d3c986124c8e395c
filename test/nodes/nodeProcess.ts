/** A node in a separate process: `keystate serve` on a PostgreSQL store, which tests stop, kill and start again. */
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { fileURLToPath } from "node:url"
import { commandFile } from "../programs.ts"

const command = await commandFile()
/** Compiled sources, because they halve the time of a start. */
const compiled = fileURLToPath(new URL("../../node_modules/.cache/keystate-nodes", import.meta.url))
const engineNode = fileURLToPath(new URL("engineNode.ts", import.meta.url))

/** Used by every node of the tests. */
export const root = { accessKeyId: "root-of-all", secret: "a secret of the root" }

export interface NodeSetup {
  readonly name: string
  readonly storeUrl: string
  readonly rootKeyFile: string
  readonly isVirtual: boolean
  /** Without proof a node is the control of a history: it trusts its memory. */
  readonly isProven: boolean
  /** How long the node waits for its database; the default of `keystate serve` if absent. */
  readonly timeoutMillis: number | undefined
  /** The quota of keys in a region, if not the default. */
  readonly keysMax: number | undefined
  readonly environment: Readonly<Record<string, string>>
  /** The command file of another release; this release if absent. */
  readonly release?: string | undefined
}

export interface NodeProcess {
  readonly name: string
  /** The current port; a start chooses another one. */
  readonly url: () => string
  readonly isRunning: () => boolean
  readonly start: () => Promise<void>
  /** Kills the process, and resolves when the process has ended. */
  readonly kill: () => Promise<void>
  readonly pause: () => void
  readonly resume: () => void
  /** The number of unexpected ends. */
  readonly exits: () => number
  /** The end of the node's log. */
  readonly log: () => string
}

const logCharsMax = 20_000

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** Reads the line that a ready node prints. */
const urlFrom = (child: ChildProcess, log: () => string): Promise<string> =>
  new Promise((resolve, reject) => {
    let out = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString()
      const end = out.indexOf("\n")
      if (end < 0) return
      const line: unknown = JSON.parse(out.slice(0, end))
      resolve(String(typeof line === "object" && line !== null ? Reflect.get(line, "url") : undefined))
    })
    child.once("exit", (code, signal) => reject(new Error(`the node ended (${signal ?? code}): ${log()}`)))
  })

const argumentsOf = (setup: NodeSetup): ReadonlyArray<string> => {
  const { isProven, isVirtual, keysMax, release, rootKeyFile, storeUrl, timeoutMillis } = setup
  if (release !== undefined || (isProven && timeoutMillis === undefined)) {
    const store = ["--store", storeUrl, "--store-tls", "off", "--root-key-file", rootKeyFile]
    const alone = ["--json", "--port", "0", "--workers", "1"]
    const clock = isVirtual ? ["--clock", "virtual"] : []
    return [
      release ?? command,
      "serve",
      ...alone,
      ...store,
      ...clock,
      ...(keysMax === undefined ? [] : ["--quota", `keys=${keysMax}`])
    ]
  }
  const quota = keysMax === undefined ? [] : [`keys=${keysMax}`]
  const words = [isProven ? [] : ["unproven"], isVirtual ? ["virtual"] : [], timeoutMillis ?? [], quota].flat()
  return [engineNode, storeUrl, rootKeyFile, ...words.map(String)]
}

export const makeNode = (setup: NodeSetup): NodeProcess => {
  let child: ChildProcess | undefined
  let url = ""
  let log = ""
  let exits = 0

  const endWithProcess = (): void => {
    child?.kill("SIGKILL")
  }
  process.once("exit", endWithProcess)

  const startOnce = async (): Promise<void> => {
    const started = spawn(process.execPath, argumentsOf(setup), {
      env: {
        PATH: process.env["PATH"],
        NODE_COMPILE_CACHE: compiled,
        ALIBABA_CLOUD_ACCESS_KEY_ID: root.accessKeyId,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: root.secret,
        ...setup.environment
      },
      stdio: ["ignore", "pipe", "pipe"]
    })
    child = started
    started.stderr.on("data", (chunk: Buffer) => {
      log = `${log}${chunk.toString()}`.slice(-logCharsMax)
    })
    url = await urlFrom(started, () => log)
    started.once("exit", () => {
      if (child === started) exits++
    })
  }
  /** On a busy machine the database may be too slow for a starting node. The node then ends with a message, and is started again. */
  const start = async (): Promise<void> => {
    for (;;) {
      try {
        return await startOnce()
      } catch (fault) {
        if (!log.includes("The database cannot be reached")) throw fault
        log = ""
      }
    }
  }
  const kill = async (): Promise<void> => {
    const killed = child
    child = undefined
    if (killed === undefined || hasEnded(killed)) return
    const end = new Promise<void>((resolve) => killed.once("exit", () => resolve()))
    killed.kill("SIGKILL")
    await end
  }
  return {
    name: setup.name,
    url: () => url,
    isRunning: () => child !== undefined && !hasEnded(child),
    start,
    kill,
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    exits: () => exits,
    log: () => log
  }
}
