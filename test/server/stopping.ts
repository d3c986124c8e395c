/** `keystate serve` in its own process, which a test stops. */
import { spawn } from "node:child_process"
import { compileCache } from "../compileCache.ts"
import { accessKeyId, secret } from "../guide/serverFixture.ts"
import { commandFile } from "../programs.ts"

const command = await commandFile()

export interface Serving {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly signal: (name: NodeJS.Signals) => void
  /** The exit code, or the signal that ended the process. */
  readonly ended: Promise<number | string | null>
}

/** The line of JSON that a server prints when it is ready. */
type ReadyLine = Readonly<Record<string, unknown>>

export const serveWithLine = async (
  ...args: ReadonlyArray<string>
): Promise<Serving & { readonly line: ReadyLine }> => {
  const env = {
    ...compileCache,
    PATH: process.env["PATH"],
    ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
    ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret
  }
  // By default, tests stop and kill one process.
  const workers = args.includes("--workers") ? [] : ["--workers", "1"]
  const child = spawn(process.execPath, [command, "serve", "--json", "--port", "0", ...workers, ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"]
  })
  const ended = new Promise<number | string | null>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code))
  })
  const line = await new Promise<ReadyLine>((resolve, reject) => {
    let out = ""
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString()
      if (out.includes("\n")) resolve(JSON.parse(out.slice(0, out.indexOf("\n"))) as ReadyLine)
    })
    child.once("exit", () => reject(new Error("the server ended before it was ready")))
  })
  const url = String(line["url"])
  return {
    url,
    line,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    ended
  }
}

export const serve = async (...args: ReadonlyArray<string>): Promise<Serving> => serveWithLine(...args)
