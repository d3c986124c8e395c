/** Servers and clients of the benchmarks, each in a separate process. */
import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { fileURLToPath } from "node:url"

export const connections = 64
export const requests = 24_000

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export const messageFrom = <A>(child: ChildProcess, read: (message: unknown) => A | undefined): Promise<A> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a benchmark process ended with ${String(code)}`))
    const heard = (message: unknown): void => {
      const found = read(message)
      if (found === undefined) return
      child.off("exit", ended)
      child.off("message", heard)
      resolve(found)
    }
    child.once("exit", ended)
    child.on("message", heard)
  })

export const numberIn = (message: unknown, name: string): number | undefined => {
  const value: unknown = typeof message === "object" && message !== null ? Reflect.get(message, name) : undefined
  return typeof value === "number" ? value : undefined
}
const textIn = (message: unknown, name: string): string | undefined => {
  const value: unknown = typeof message === "object" && message !== null ? Reflect.get(message, name) : undefined
  return typeof value === "string" ? value : undefined
}

export interface Target {
  readonly child: ChildProcess
  readonly port: number
  readonly keyId: string
}

export const start = async (name: string, args: ReadonlyArray<string>): Promise<Target> => {
  const child = fork(script(name), args, { stdio: ["ignore", "inherit", "inherit", "ipc"] })
  return messageFrom(child, (message) => {
    const port = numberIn(message, "port")
    const keyId = textIn(message, "keyId")
    return port === undefined || keyId === undefined ? undefined : { child, port, keyId }
  })
}

/** The client is a separate process and signs before it measures, so only the server is timed. */
export const load = async (target: Target): Promise<number> => {
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

/** Requests a number of that name from a process of the benchmark. */
export const numberOf = (child: ChildProcess, name: string): Promise<number> => {
  const found = messageFrom(child, (message) => numberIn(message, name))
  child.send(name)
  return found
}
