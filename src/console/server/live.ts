/** The event stream of one page: numbered, limited to keys that its caller may look at, and explicit about gaps. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Effect, Fiber } from "effect"
import type { Access } from "../../authorization/access.ts"
import { resourceArn } from "../../authorization/caller.ts"
import type { ServiceError } from "../../domain/errorGroups.ts"
import type { AccountId, Realm } from "../../domain/ids.ts"
import type { Store } from "../../store/store.ts"
import type { ClockView, KeyChangeView } from "../protocol.ts"
import { securityHeaders } from "./browser.ts"
import type { Feeds, Told } from "./feed.ts"
import type { Session, Sessions } from "./sessions.ts"

const heartbeatMillis = 15_000
/** Streams of one account. A further one ends the oldest. */
const streamsMax = 64
/** A page that does not read is disconnected. It reconnects and requests what it missed. */
const unreadBytesMax = 1024 * 1024

export interface LiveServices {
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
  readonly around: LiveServices
  readonly session: Session
  readonly realm: Realm
  readonly response: ServerResponse
  /** Changes that are not sent yet, in order. */
  readonly waiting: Array<Told>
  /** The position after everything that was sent, and after everything that waits; undefined if the feed gives none. */
  sentTo: string | undefined
  waitingTo: string | undefined
  isTelling: boolean
}

/** A caller gets only events of keys that it may describe, although an event contains only an id. */
const mayHear = ({ around, session: { caller }, realm }: Stream, { noted }: Told): Effect.Effect<boolean> => {
  const { keyId, realm: of } = noted
  if (of.account !== realm.account) return Effect.succeed(false)
  if (caller.kind === "root") return Effect.succeed(true)
  // A key that cannot be read now is left out.
  return Effect.match(around.store.key(keyId), {
    onFailure: () => false,
    onSuccess: (row) => {
      const resource = resourceArn({ realm: of, relative: `key/${keyId}` })
      const wanted = { caller, action: "kms:DescribeKey", resource, circumstances: undefined, key: row?.metadata }
      return around.access.rule(wanted).effect === "Allow"
    }
  })
}

const viewOf = ({ around }: Stream, { at, noted: { keyId, realm } }: Told): KeyChangeView => ({
  at,
  keyId,
  region: realm.region,
  now: around.clock().now
})

/** A response stays in the feed until it is closed. A write after its end would be an unhandled error. */
const write = ({ response }: Stream, event: string, data: object, id?: string): void => {
  if (response.writableLength > unreadBytesMax) response.destroy()
  if (response.writableEnded || response.destroyed) return
  response.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
}

/** Whether the session is still valid; undefined if the store cannot be read. */
const isSignedIn = ({ around, session }: Stream): Effect.Effect<boolean | undefined> =>
  Effect.match(around.sessions.find(session.id, false), {
    onFailure: () => undefined,
    onSuccess: (found) => found !== undefined
  })

/** Ends the stream unless its session is still valid. If that is unknown, the page must connect again. */
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
    // Changes of other accounts advance the position too, so that a page that reconnects has little to read.
    if (signedIn) write(stream, "clock", stream.around.clock(), stream.sentTo)
  })

const sendOne = (stream: Stream, told: Told): Effect.Effect<void> =>
  Effect.map(mayHear(stream, told), (mayIt) => {
    const view = viewOf(stream, told)
    // An event without content still advances the number, so that a reconnection shows no gap.
    if (mayIt) write(stream, "key", view, view.at)
    else write(stream, "other", {}, view.at)
  })

/** The waiting changes are taken before the session is checked, so nothing after its end is sent. */
const sendWaiting = Effect.fnUntraced(function* (stream: Stream) {
  const { waiting } = stream
  while (waiting.length > 0) {
    const taken = waiting.splice(0)
    const to = stream.waitingTo
    if (!(yield* checkSession(stream))) return
    for (const message of taken) yield* sendOne(stream, message)
    stream.sentTo = to
  }
})

/** Sends changes one after another, so that they arrive in order. */
const tell = (stream: Stream, told: ReadonlyArray<Told>, at: string | undefined): void => {
  stream.waiting.push(...told)
  stream.waitingTo = at
  if (stream.isTelling) return
  if (stream.waiting.length === 0) {
    stream.sentTo = at
    return
  }
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

const beating = (stream: Stream): Effect.Effect<never> =>
  Effect.forever(Effect.andThen(Effect.sleep(heartbeatMillis), beat(stream)))

/** Continues from the position of the page, then follows the feed until it is interrupted. */
const follow = (stream: Stream, after: string | undefined): Effect.Effect<void, ServiceError> => {
  const followed = stream.around.feeds.of(stream.realm.account).follow(after, {
    changed: (told, at) => tell(stream, told, at),
    gap: (at) => write(stream, "gap", {}, at)
  })
  const opened = Effect.acquireRelease(followed, (stop) => Effect.sync(stop))
  const began = Effect.sync(() => write(stream, "clock", stream.around.clock()))
  return Effect.scoped(opened.pipe(Effect.andThen(began), Effect.andThen(beating(stream))))
}

const makeRoom = (open: ReadonlyMap<ServerResponse, AccountId>, account: AccountId): void => {
  const streams = [...open].filter(([, of]) => of === account)
  if (streams.length >= streamsMax) streams[0]?.[0].end()
}

export const makeLive = (around: LiveServices): Live => {
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
      const asked = request.headers["last-event-id"]
      const stream: Stream = {
        around,
        session,
        realm,
        response,
        waiting: [],
        sentTo: undefined,
        waitingTo: undefined,
        isTelling: false
      }
      const following = Effect.runFork(follow(stream, typeof asked === "string" ? asked : undefined))
      // A feed that cannot be read ends the stream, and the page connects again.
      following.addObserver(() => response.end())
      if (hasQuit) response.end()
      response.on("close", () => {
        open.delete(response)
        Effect.runFork(Fiber.interrupt(following))
      })
    }
  }
}
