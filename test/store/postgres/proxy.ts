/** A connection to a server that can be cut at a chosen point, or stop forwarding. */
import { connect, createServer } from "node:net"
import type { Socket } from "node:net"

/** The points of a cut: around a statement whose text contains `commit_v1`. */
export const cutPoints = [
  "before the statement is sent",
  "in the middle of the statement",
  "before the answer",
  "in the middle of the answer",
  "after the answer"
] as const
export type CutPoint = (typeof cutPoints)[number]

export interface Proxy {
  readonly port: number
  /** Cuts the next connection with a commit. */
  readonly cutAt: (point: CutPoint) => void
  /** The number of planned cuts. */
  readonly cuts: () => number
  /** Until `resume`, nothing is forwarded and nothing is refused. */
  readonly pause: () => void
  readonly resume: () => void
  /** Until `resume`, every connection is cut, as if the server were stopped. */
  readonly refuse: () => void
  /**
   * Until `release`, nothing is carried; data that was sent before then arrives, also if its sender has disconnected.
   */
  readonly hold: () => void
  readonly release: () => void
  readonly close: () => void
}

const marker = "commit_v1"
/** Message formats of the protocol: Parse is `P`, length, name, statement. Names and statements end with a zero byte. */
const parseOfCommit = /P[^]{4}([^\0]*)\0[^\0]*commit_v1/
/** Bind is `B`, length, name of the portal, name of the statement: once parsed, a statement is called by its name. */
const bindOf = (name: string): string => `\0${name}\0`

/** Returns a function that says for each part of one connection whether it contains a commit. */
const makeIsCommit = (): ((chunk: Buffer) => boolean) => {
  let name: string | undefined
  return (chunk) => {
    const text = chunk.toString("latin1")
    const parsed = parseOfCommit.exec(text)?.[1]
    if (parsed !== undefined) name = parsed === "" ? undefined : parsed
    return text.includes(marker) || (name !== undefined && /B[^]{4}\0/.test(text) && text.includes(bindOf(name)))
  }
}

/** Long enough for the server to execute what it received. */
const carriedOutMillis = 300

export const startProxy = (serverPort: number): Promise<Proxy> =>
  new Promise((resolve) => {
    let planned: CutPoint | undefined
    let isPaused = false
    let isAway = false
    let isHeld = false
    let cuts = 0
    const sockets = new Set<Socket>()

    const cutAll = (): void => {
      isHeld = false
      for (const socket of sockets) socket.destroy()
    }
    const carry = (client: Socket): void => {
      if (isAway) {
        client.destroy()
        return
      }
      const server = connect(serverPort, "127.0.0.1")
      let cutting: CutPoint | undefined
      const isCommit = makeIsCommit()
      for (const socket of [client, server]) {
        sockets.add(socket)
        if (isHeld) socket.pause()
        socket.on("error", () => undefined)
        socket.on("close", () => sockets.delete(socket))
      }
      const cut = (): void => {
        client.destroy()
        server.destroy()
      }
      client.on("close", () => {
        // Later, so that the server has had time to execute the received statement.
        setTimeout(() => server.destroy(), cutting === undefined ? 0 : carriedOutMillis)
      })
      server.on("close", () => client.destroy())
      client.on("data", (chunk: Buffer) => {
        if (isPaused) return
        const holdsCommit = isCommit(chunk)
        if (planned !== undefined && holdsCommit) {
          cutting = planned
          planned = undefined
          cuts++
        }
        if (cutting === "before the statement is sent") return cut()
        if (cutting === "in the middle of the statement") {
          server.write(chunk.subarray(0, chunk.length - 7), cut)
          return undefined
        }
        server.write(chunk)
        if (cutting === "before the answer") client.destroy()
        return undefined
      })
      server.on("data", (chunk: Buffer) => {
        if (isPaused || client.destroyed) return
        if (cutting === "in the middle of the answer") {
          client.write(chunk.subarray(0, Math.floor(chunk.length / 2)), cut)
        } else if (cutting === "after the answer") client.write(chunk, cut)
        else client.write(chunk)
      })
    }

    const listener = createServer(carry)
    listener.listen(0, "127.0.0.1", () => {
      const address = listener.address()
      resolve({
        port: typeof address === "object" && address !== null ? address.port : 0,
        cutAt: (point) => {
          planned = point
        },
        cuts: () => cuts,
        pause: () => {
          isPaused = true
        },
        resume: () => {
          isPaused = false
          isAway = false
          // Bytes were lost, so the connections are useless.
          cutAll()
        },
        refuse: () => {
          isAway = true
          cutAll()
        },
        hold: () => {
          isHeld = true
          for (const socket of sockets) socket.pause()
        },
        release: () => {
          isHeld = false
          for (const socket of sockets) socket.resume()
        },
        close: () => {
          listener.close()
          cutAll()
        }
      })
    })
  })
