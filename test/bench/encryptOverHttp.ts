/** Signed Encrypt over HTTP at 64 connections, against a bare server that parses, verifies and encrypts. */
import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { fileURLToPath } from "node:url"
import { alternate, rate, row } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const connections = 64
const requests = 24_000
const rounds = 5

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const messageFrom = <A>(child: ChildProcess, read: (message: unknown) => A | undefined): Promise<A> =>
  new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`a benchmark process ended with ${String(code)}`)))
    child.on("message", (message) => {
      const found = read(message)
      if (found !== undefined) resolve(found)
    })
  })

const numberIn = (message: unknown, name: string): number | undefined => {
  const value: unknown = typeof message === "object" && message !== null ? Reflect.get(message, name) : undefined
  return typeof value === "number" ? value : undefined
}
const textIn = (message: unknown, name: string): string | undefined => {
  const value: unknown = typeof message === "object" && message !== null ? Reflect.get(message, name) : undefined
  return typeof value === "string" ? value : undefined
}

interface Target {
  readonly child: ChildProcess
  readonly port: number
  readonly keyId: string
}

const start = async (name: string, args: ReadonlyArray<string>): Promise<Target> => {
  const child = fork(script(name), args, { stdio: ["ignore", "inherit", "inherit", "ipc"] })
  return messageFrom(child, (message) => {
    const port = numberIn(message, "port")
    const keyId = textIn(message, "keyId")
    return port === undefined || keyId === undefined ? undefined : { child, port, keyId }
  })
}

/** The client is a process of its own and signs before it measures: what is timed is the server. */
const load = async (target: Target): Promise<number> => {
  const child = fork(
    script("httpLoad.ts"),
    [String(target.port), target.keyId, String(connections), String(requests)],
    {
      stdio: ["ignore", "inherit", "inherit", "ipc"]
    }
  )
  const found = await messageFrom(child, (message) => numberIn(message, "perSecond"))
  await new Promise((resolve) => child.once("exit", resolve))
  return found
}

export const encryptOverHttp = async (): Promise<Row> => {
  const bare = await start("bareServer.ts", [])
  const ours = await start("engineServer.ts", [scratchDirectory()])
  const measured = await alternate(
    rounds,
    () => load(bare),
    () => load(ours)
  )
  bare.child.kill()
  ours.child.kill()
  return row(
    "signed Encrypt over HTTP, 64 connections / a bare server that parses, verifies and encrypts",
    measured.ratio,
    0.8,
    `${rate(measured.ours)} of ${rate(measured.floor)}`
  )
}
