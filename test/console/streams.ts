/** Reads the console's event stream as a page does, without a browser. */
import { request } from "node:http"
import type { IncomingMessage } from "node:http"
import { own } from "./startConsole.ts"
import type { Page, RunningConsole } from "./startConsole.ts"

export interface Heard {
  readonly id: string | undefined
  readonly event: string
  readonly data: unknown
}

/** Reads a stream until `enough` returns true, and then closes it. */
export const listen = (
  server: Pick<RunningConsole, "url">,
  { cookie }: Pick<Page, "cookie">,
  after: string | undefined,
  enough: (heard: ReadonlyArray<Heard>) => boolean
): Promise<ReadonlyArray<Heard>> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const headers = { ...own, cookie, ...(after === undefined ? {} : { "last-event-id": after }) }
    const heard: Array<Heard> = []
    let text = ""
    const onText = (response: IncomingMessage, chunk: string): void => {
      text += chunk
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const fields = new Map(
          text
            .slice(0, end)
            .split("\n")
            .map((line) => line.split(": ", 2) as [string, string])
        )
        heard.push({
          id: fields.get("id"),
          event: fields.get("event") ?? "",
          data: JSON.parse(fields.get("data") ?? "null")
        })
        text = text.slice(end + 2)
      }
      if (!enough(heard)) return
      response.destroy()
      resolve(heard)
    }
    const sent = request({ hostname, port, path: "/console/api/events", headers }, (response) => {
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => onText(response, chunk))
      response.on("error", () => undefined)
      response.on("end", () => resolve(heard))
    })
    sent.on("error", reject)
    sent.end()
  })

export const keysIn = (heard: ReadonlyArray<Heard>): ReadonlyArray<Heard> =>
  heard.filter(({ event }) => event === "key")
