/** Helpers for the servers of tests: free ports, and the end of a process. */
import type { ChildProcess } from "node:child_process"
import { connect, createServer } from "node:net"
import { setTimeout as pause } from "node:timers/promises"

/** Until its server listens, any process may take the port: see `startedOnPort`. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })

export const hasEnded = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", () => resolve()))

/** How often a server is started whose port another process took first. */
const startsMax = 20

/** The port of a server: another one for each start that fails, because another process may take a port first. */
export const startedOnPort = async (start: (port: number) => Promise<boolean>, what: string): Promise<number> => {
  for (let starts = 0; starts < startsMax; starts++) {
    const port = await freePort()
    if (await start(port)) return port
  }
  throw new Error(`${what} did not start`)
}

/** Whether a loopback port accepts connections. */
const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    const answer = (is: boolean): void => {
      socket.destroy()
      resolve(is)
    }
    socket.once("connect", () => answer(true))
    socket.once("error", () => answer(false))
  })

/** Whether a process listens on a loopback port before it ends. */
export const listensUntilItEnds = async (child: ChildProcess, port: number): Promise<boolean> => {
  while (child.exitCode === null && child.signalCode === null) {
    if (await isListening(port)) return child.exitCode === null
    await pause(20)
  }
  return false
}
