/** A small HTTP server for the fakes of other APIs: JSON in, JSON out. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"

export interface JsonCall {
  readonly method: string
  /** Path and query, decoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, unknown>>
}

export interface JsonAnswer {
  readonly status: number
  readonly body?: object
}

/** A fake of a service of another vendor. */
export interface Fake {
  readonly endpoint: string
  readonly stop: () => Promise<void>
}

export const startJsonServer = async (
  answer: (call: JsonCall) => Promise<JsonAnswer>,
  close: () => Promise<void>
): Promise<Fake> => {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://fake")
    void text(request)
      .then((body) =>
        answer({
          method: request.method ?? "",
          path: decodeURIComponent(pathname),
          query: searchParams,
          body: body === "" ? {} : JSON.parse(body),
          headers: request.headers
        })
      )
      .then(({ status, body }) =>
        response
          .writeHead(status, { "content-type": "application/json" })
          .end(body === undefined ? "" : JSON.stringify(body))
      )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await close()
    }
  }
}
