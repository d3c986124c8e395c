/** The stream of happenings to one page: numbered, only what its caller may look at, and honest about gaps. */
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

export const heartbeatMillis = 15_000
/** Streams of one account; the oldest makes way for the next. */
const streamsMax = 64
/** A page that does not read is let go; it comes back and asks for what it missed. */
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
  /** Ends every stream: the server stops. */
  readonly quit: () => void
}

/** Names do not say what a key is; still, they go to nobody who may not look at it. */
const mayHear = (
  { access, store }: LiveSurroundings,
  { caller }: Session,
  realm: Realm,
  { noted }: Numbered
): Effect.Effect<boolean> => {
  const { keyId, realm: of } = noted
  if (of.account !== realm.account || of.region !== realm.region) return Effect.succeed(false)
  if (caller.kind === "root") return Effect.succeed(true)
  return Effect.map(store.key(keyId), (row) => {
    const resource = resourceArn({ realm, relative: `key/${keyId}` })
    const wanted = { caller, action: "kms:DescribeKey", resource, circumstances: undefined, key: row?.metadata }
    return access.rule(wanted).effect === "Allow"
  })
}

export const makeLive = (around: LiveSurroundings): Live => {
  const { feeds, sessions } = around
  const open = new Map<ServerResponse, AccountId>()
  let hasQuit = false

  const viewOf = (feed: Feed, { n, noted: { keyId, seq, type } }: Numbered): HappeningView => ({
    at: feed.name(n),
    keyId,
    type,
    seq,
    now: around.clock().now
  })

  const makeRoom = (account: AccountId): void => {
    const streams = [...open].filter(([, of]) => of === account)
    if (streams.length >= streamsMax) streams[0]?.[0].end()
  }

  return {
    quit: () => {
      hasQuit = true
      for (const response of open.keys()) response.end()
    },
    open: ({ request, response }, session, realm) => {
      const feed = feeds.of(realm.account)
      makeRoom(realm.account)
      open.set(response, realm.account)
      response.writeHead(200, {
        ...securityHeaders,
        "content-type": "text/event-stream;charset=utf-8",
        "cache-control": "no-store",
        "x-accel-buffering": "no"
      })
      const write = (event: string, data: object, id?: string): void => {
        if (response.writableLength > unreadBytesMax) response.destroy()
        response.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      }
      const stands = (): boolean => sessions.find(session.id, false) !== undefined
      const beat = (): void => {
        if (stands()) return write("clock", around.clock())
        write("end", {})
        response.end()
      }

      const waiting: Array<Numbered> = []
      let isTelling = false
      /** One after another, so that numbers arrive in order. */
      const tell = (numbered: ReadonlyArray<Numbered>): void => {
        waiting.push(...numbered)
        if (isTelling) return
        isTelling = true
        Effect.runFork(
          Effect.gen(function* () {
            for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
              if (!stands()) return beat()
              const view = viewOf(feed, next)
              // What may not be heard still moves the number on, so that coming back is no gap.
              if (yield* mayHear(around, session, realm, next)) write("key", view, view.at)
              else response.write(`id: ${view.at}\nevent: other\ndata: {}\n\n`)
            }
          }).pipe(
            Effect.ensuring(
              Effect.sync(() => {
                isTelling = false
              })
            )
          )
        )
      }

      const after = request.headers["last-event-id"]
      const missed = typeof after === "string" ? feed.after(after) : []
      if (missed === undefined) write("gap", {}, feed.at())
      beat()
      const forget = feed.watch((numbered) => tell([numbered]))
      tell(missed ?? [])
      if (hasQuit) response.end()
      const beating = Effect.runFork(Effect.forever(Effect.andThen(Effect.sleep(heartbeatMillis), Effect.sync(beat))))
      response.on("close", () => {
        open.delete(response)
        forget()
        Effect.runFork(Fiber.interrupt(beating))
      })
    }
  }
}
