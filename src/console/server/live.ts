/** The event stream of one page: numbered, limited to keys that its caller may look at, and explicit about gaps. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Effect, Fiber } from "effect"
import type { Access } from "../../authorization/access.ts"
import { resourceArn } from "../../authorization/caller.ts"
import type { AccountId, Realm } from "../../domain/ids.ts"
import type { Store } from "../../store/store.ts"
import type { ClockView, HappeningView } from "../protocol.ts"
import { securityHeaders } from "./browser.ts"
import type { Feed, Feeds, Numbered } from "./feed.ts"
import type { Session, Sessions } from "./sessions.ts"

const heartbeatMillis = 15_000
/** Streams of one account. A further one ends the oldest. */
const streamsMax = 64
/** A page that does not read is disconnected; it reconnects and asks for what it missed. */
const unreadBytesMax = 1024 * 1024

export interface LiveSurroundings {
  readonly feeds: Feeds
  readonly sessions: Sessions["Service"]
  readonly access: Access["Service"]
  readonly store: Store["Service"]
  readonly clock: () => ClockView
}

export interface Live {
  readonly open: (
    asked: { readonly request: IncomingMessage; readonly response: ServerResponse },
    session: Session,
    realm: Realm
  ) => void
  /** Ends every stream when the server stops. */
  readonly quit: () => void
}

/** One open stream. */
interface Stream {
  readonly around: LiveSurroundings
  readonly feed: Feed
  readonly session: Session
  readonly realm: Realm
  readonly response: ServerResponse
  /** Changes that are still to be sent, in order. */
  readonly waiting: Array<Numbered>
  isTelling: boolean
}

/** A caller hears only of keys that it may describe, although an event names nothing but an id. */
const mayHear = ({ around, session: { caller }, realm }: Stream, { noted }: Numbered): Effect.Effect<boolean> => {
  const { keyId, realm: of } = noted
  if (of.account !== realm.account || of.region !== realm.region) return Effect.succeed(false)
  if (caller.kind === "root") return Effect.succeed(true)
  // A key that cannot be read now is not named.
  return Effect.match(around.store.key(keyId), {
    onFailure: () => false,
    onSuccess: (row) => {
      const resource = resourceArn({ realm, relative: `key/${keyId}` })
      const wanted = { caller, action: "kms:DescribeKey", resource, circumstances: undefined, key: row?.metadata }
      return around.access.rule(wanted).effect === "Allow"
    }
  })
}

const viewOf = ({ around, feed }: Stream, { n, noted: { keyId, seq, type } }: Numbered): HappeningView => ({
  at: feed.name(n),
  keyId,
  type,
  seq,
  now: around.clock().now
})

/** A response stays in the feed until it is closed; a write after its end would be an unhandled error. */
const write = ({ response }: Stream, event: string, data: object, id?: string): void => {
  if (response.writableLength > unreadBytesMax) response.destroy()
  if (response.writableEnded || response.destroyed) return
  response.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

/** Whether the session goes on; undefined while the store does not tell. */
const isSignedIn = ({ around, session }: Stream): Effect.Effect<boolean | undefined> =>
  Effect.match(around.sessions.find(session.id, false), {
    onFailure: () => undefined,
    onSuccess: (found) => found !== undefined
  })

/** Ends the stream unless its session goes on. While that is not known, the page is left to connect again. */
const checkSession = (stream: Stream): Effect.Effect<boolean> =>
  Effect.map(isSignedIn(stream), (signedIn) => {
    if (signedIn === true) return true
    if (signedIn === false) write(stream, "end", {})
    stream.response.end()
    return false
  })

/** Sends the clock, or ends the stream with its session. */
const beat = (stream: Stream): Effect.Effect<void> =>
  Effect.map(checkSession(stream), (signedIn) => {
    if (signedIn) write(stream, "clock", stream.around.clock())
  })

const sendOne = (stream: Stream, numbered: Numbered): Effect.Effect<void> =>
  Effect.map(mayHear(stream, numbered), (mayIt) => {
    const view = viewOf(stream, numbered)
    // An event without content still moves the number on, so that reconnecting shows no gap.
    if (mayIt) write(stream, "key", view, view.at)
    else write(stream, "other", {}, view.at)
  })

/** What waits is taken before the session is looked at: nothing that comes after its end is sent. */
const sendWaiting = Effect.fnUntraced(function* (stream: Stream) {
  const { waiting } = stream
  while (waiting.length > 0) {
    const taken = waiting.splice(0)
    if (!(yield* checkSession(stream))) return
    for (const numbered of taken) yield* sendOne(stream, numbered)
  }
})

/** Sends changes one after another, so that their numbers arrive in order. */
const tell = (stream: Stream, numbered: ReadonlyArray<Numbered>): void => {
  stream.waiting.push(...numbered)
  if (stream.isTelling) return
  stream.isTelling = true
  const done = Effect.sync(() => {
    stream.isTelling = false
  })
  Effect.runFork(Effect.ensuring(sendWaiting(stream), done))
}

const beginResponse = (response: ServerResponse): void => {
  response.writeHead(200, {
    ...securityHeaders,
    "content-type": "text/event-stream;charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no"
  })
}

/** Goes on from the last number that the page heard, then follows the feed. Returns how to stop. */
const follow = (stream: Stream, after: string | ReadonlyArray<string> | undefined): (() => void) => {
  const { feed } = stream
  const missed = typeof after === "string" ? feed.after(after) : []
  if (missed === undefined) write(stream, "gap", {}, feed.at())
  write(stream, "clock", stream.around.clock())
  const forget = feed.watch((numbered) => tell(stream, [numbered]))
  tell(stream, missed ?? [])
  const pulse = Effect.andThen(Effect.sleep(heartbeatMillis), beat(stream))
  const beating = Effect.runFork(Effect.forever(pulse))
  return () => {
    forget()
    Effect.runFork(Fiber.interrupt(beating))
  }
}

const makeRoom = (open: ReadonlyMap<ServerResponse, AccountId>, account: AccountId): void => {
  const streams = [...open].filter(([, of]) => of === account)
  if (streams.length >= streamsMax) streams[0]?.[0].end()
}

export const makeLive = (around: LiveSurroundings): Live => {
  const open = new Map<ServerResponse, AccountId>()
  let hasQuit = false
  return {
    quit: () => {
      hasQuit = true
      for (const response of open.keys()) response.end()
    },
    open: ({ request, response }, session, realm) => {
      const { account } = realm
      makeRoom(open, account)
      open.set(response, account)
      beginResponse(response)
      const feed = around.feeds.of(account)
      const stream: Stream = { around, feed, session, realm, response, waiting: [], isTelling: false }
      const stop = follow(stream, request.headers["last-event-id"])
      if (hasQuit) response.end()
      response.on("close", () => {
        open.delete(response)
        stop()
      })
    }
  }
}
