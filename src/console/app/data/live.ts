/** Server-sent events, numbered and resumed. Read by fetch, because EventSource cannot send the console's header. */
import { base, ownHeaders } from "./api.ts"

export interface LiveEvent {
  readonly event: string
  readonly id: string | undefined
  readonly data: unknown
}

export interface Listeners {
  readonly heard: (event: LiveEvent) => void
  readonly connected: (isConnected: boolean) => void
}

const retryMillis = { first: 1000, most: 15_000 } as const

/** The event of one block of lines; undefined for a comment. */
const parseEvent = (block: string): LiveEvent | undefined => {
  let event = "message"
  let id: string | undefined
  const data: Array<string> = []
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":")
    if (colon <= 0) continue
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).replace(/^ /, "")
    if (name === "event") event = value
    else if (name === "id") id = value
    else if (name === "data") data.push(value)
  }
  if (data.length === 0) return undefined
  return { event, id, data: JSON.parse(data.join("\n")) }
}

/** Listens until stopped. After a break it asks for the events after the last number heard. */
export const listenLive = (region: string, from: string, { heard, connected }: Listeners): (() => void) => {
  const control = new AbortController()
  let last = from
  let retry: number = retryMillis.first

  const readOnce = async (): Promise<boolean> => {
    const response = await fetch(`${base}/events?region=${encodeURIComponent(region)}`, {
      headers: { ...ownHeaders, "last-event-id": last },
      signal: control.signal,
      cache: "no-store"
    })
    if (response.status === 401) {
      heard({ event: "end", id: undefined, data: {} })
      return false
    }
    if (!response.ok || response.body === null) return true
    connected(true)
    retry = retryMillis.first
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ""
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return true
      text += value
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = parseEvent(text.slice(0, end))
        text = text.slice(end + 2)
        if (event === undefined) continue
        if (event.id !== undefined) last = event.id
        heard(event)
        if (event.event === "end") return false
      }
    }
  }

  const loop = async (): Promise<void> => {
    while (!control.signal.aborted) {
      const goOn = await readOnce().catch(() => true)
      if (control.signal.aborted || !goOn) return
      connected(false)
      const wait = retry
      await new Promise((resolve) => setTimeout(resolve, wait))
      retry = Math.min(retry * 2, retryMillis.most)
    }
  }
  void loop()
  return () => control.abort()
}
