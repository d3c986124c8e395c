/** A store that several servers share, and a port that forwards each request to the next server. */
import { createServer, request } from "node:http"
import { Effect, Layer } from "effect"
import type { OwnStore } from "../../src/main.ts"
import { postgres } from "../../src/postgres.ts"
import { Driver } from "../../src/store/driver.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { patientMillis } from "../store/postgres/server.ts"
import { runOn } from "../store/postgres/statements.ts"

/** In a new database of the server in KEYSTATE_TEST_DATABASE, or in memory. */
export const newSharedStore = async (): Promise<OwnStore> => {
  const server = process.env["KEYSTATE_TEST_DATABASE"]
  if (server === undefined) return Layer.succeed(Driver, await Effect.runPromise(sharedMemoryDriver))
  const name = `spread_${crypto.randomUUID().replaceAll("-", "")}`
  await runOn(server, [`CREATE DATABASE ${name}`])
  const url = new URL(server)
  url.pathname = `/${name}`
  return postgres(url.href, { tls: "off", timeoutMillis: patientMillis })
}

export interface Spreader {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Bytes and headers are forwarded unchanged, because signatures cover them. */
export const startSpreader = async (urls: ReadonlyArray<string>): Promise<Spreader> => {
  let next = 0
  const server = createServer((asked, answer) => {
    const { hostname, port } = new URL(urls[next++ % urls.length] ?? "")
    const { headers, method, url: path } = asked
    // A kept connection may end at the moment of its next request: a node closes idle ones.
    const passed = request({ hostname, port, path, method, headers, setHost: false, agent: false }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.statusMessage, answered.headers)
      answered.pipe(answer)
    })
    passed.on("error", () => answer.destroy())
    asked.pipe(passed)
  })
  // The same for the connections of clients: they remain.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve)
  })
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
