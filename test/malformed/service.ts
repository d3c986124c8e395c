/** The service under attack or load: `keystate serve` in a separate process, with a store on disk, plain HTTP and HTTPS. */
import { spawn, spawnSync } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { root } from "../nodes/nodeProcess.ts"
import { commandFile } from "../programs.ts"

const command = await commandFile()

export interface Service {
  readonly plainPort: number
  readonly securePort: number
  /** Describes how the process ended; undefined while it runs. */
  readonly ended: () => string | undefined
  /** Resident bytes of the process. */
  readonly residentBytes: () => number
  /** Ends the process as an operator does. */
  readonly stop: () => Promise<void>
  /** The findings of `keystate verify`; undefined without findings. The service must have stopped. */
  readonly damage: () => string | undefined
  readonly removeStore: () => void
}

const portOf = (line: object, name: string): number => Number(new URL(String(Reflect.get(line, name))).port)

const firstLine = (child: ChildProcess): Promise<object> =>
  new Promise((resolve, reject) => {
    let text = ""
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString()
      const [line, rest] = text.split("\n", 2)
      const value: unknown = rest === undefined ? undefined : JSON.parse(line ?? "")
      if (typeof value === "object" && value !== null) resolve(value)
    })
    child.once("exit", (code) => reject(new Error(`the service did not start: exit code ${code}`)))
  })

const residentOf = (pid: number | undefined): number => {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
  return Number(kilobytes) * 1024
}

/** `flags` are added to those of the command. */
export const startService = async (flags: ReadonlyArray<string> = []): Promise<Service> => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-malformed-"))
  const data = join(directory, "data")
  const ports = ["--port", "0", "--tls", "self-signed", "--tls-port", "0"]
  const child = spawn(
    process.execPath,
    [command, "serve", "--json", "--log-level", "error", "--data", data, ...ports, ...flags],
    {
      env: {
        PATH: process.env["PATH"],
        ALIBABA_CLOUD_ACCESS_KEY_ID: root.accessKeyId,
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: root.secret
      },
      stdio: ["ignore", "pipe", "pipe"]
    }
  )
  let log = ""
  child.stderr.on("data", (chunk: Buffer) => (log = `${log}${chunk.toString()}`.slice(-4000)))
  let end: string | undefined
  child.once("exit", (code, signal) => (end = `the service ended (${signal ?? code}): ${log}`))
  const line = await firstLine(child)
  return {
    plainPort: portOf(line, "plainUrl"),
    securePort: portOf(line, "url"),
    ended: () => end,
    residentBytes: () => residentOf(child.pid),
    stop: async () => {
      const exit = new Promise((resolve) => child.once("exit", resolve))
      if (end !== undefined) return
      child.kill("SIGTERM")
      await exit
    },
    damage: () => {
      const { status, stderr, stdout } = spawnSync(process.execPath, [command, "verify", "--data", data], {
        encoding: "utf8"
      })
      return status === 0 ? undefined : `verify ended with ${status}: ${stdout}${stderr}`
    },
    removeStore: () => rmSync(directory, { recursive: true, force: true })
  }
}
