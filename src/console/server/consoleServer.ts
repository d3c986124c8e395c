/** The console over HTTP: its files, its sessions, and operations carried out as whoever is signed in. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Context, Effect, Layer } from "effect"
import { Happenings } from "../../actor/journal.ts"
import { KeyDirectory } from "../../actor/keyDirectory.ts"
import { Audit } from "../../audit/audit.ts"
import { Access } from "../../authorization/access.ts"
import { makeExplainer } from "../../requests/accessControlLayer.ts"
import { callerArn } from "../../authorization/caller.ts"
import { Dispatch } from "../../requests/dispatch.ts"
import { rootRefusal } from "../../requests/rootOnly.ts"
import { isKmsError, refuse } from "../../domain/errors.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import type { AddressBlock } from "../../domain/address.ts"
import { RegionId } from "../../domain/ids.ts"
import { Randomness } from "../../platform/services.ts"
import { isKnownRegion, regions } from "../../domain/regions.ts"
import { isApiName, recordedName } from "../../operation/apis.ts"
import { clientAddress } from "../../wire/addresses.ts"
import { Metrics } from "../../monitoring/metrics.ts"
import { Store } from "../../store/store.ts"
import { Settings } from "../../domain/settings.ts"
import { LifecycleClock } from "../../timers/clock.ts"
import type { ClockView, SessionView, Snapshot } from "../protocol.ts"
import { allowedNow } from "./allowed.ts"
import { makeAsker, refusalOf } from "./asker.ts"
import type { Asker } from "./asker.ts"
import { readAssets } from "./assets.ts"
import { cookieIn, isBrowser, isHostRight, isSameOrigin, securityHeaders } from "./browser.ts"
import { foreign, invalid, notBuilt, notFound, notSignedIn, onlyRead, wrongHost } from "./faults.ts"
import { makeFeeds } from "./feed.ts"
import { makeHistorian } from "./history.ts"
import { isRecord, json, refuseWith, sendAsset, withBody } from "./http.ts"
import { makeLive } from "./live.ts"
import { everyRow, rowNow } from "./rows.ts"
import { Sessions } from "./sessions.ts"
import { cookieName, makeSignIn } from "./signIn.ts"
import type { Session } from "./sessions.ts"

const root = "/console"

export interface ConsoleOptions {
  readonly host: string
  readonly region: RegionId
  readonly allowedHosts?: ReadonlyArray<string>
  readonly trustedProxies?: ReadonlyArray<AddressBlock>
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
}

export class Console extends Context.Service<
  Console,
  {
    /** Answers a request if it is for the console; tells whether it was. */
    readonly handle: (request: IncomingMessage, response: ServerResponse) => boolean
    /** Whether the console was built. */
    readonly isThere: boolean
    /** Lets go of the pages that look on, so that the server can stop. */
    readonly quit: Effect.Effect<void>
  }
>()("keystate/console/Console") {
  static readonly layer = (options: ConsoleOptions) =>
    Layer.effect(
      Console,
      Effect.gen(function* () {
        const assets = readAssets()
        const settings = yield* Settings
        const sessions = yield* Sessions
        const dispatch = yield* Dispatch
        const audit = yield* Audit
        const store = yield* Store
        const directory = yield* KeyDirectory
        const lifecycleClock = yield* LifecycleClock
        const metrics = yield* Metrics
        const randomness = yield* Randomness
        const explainer = yield* makeExplainer
        const historian = makeHistorian(store)
        const feeds = makeFeeds(yield* Happenings, randomness.uuid().slice(0, 8))
        yield* Effect.addFinalizer(() => Effect.sync(feeds.stop))

        const addressOf = (request: IncomingMessage): string | undefined =>
          clientAddress(request, options.trustedProxies ?? [])

        const clock = (): ClockView => {
          const state = lifecycleClock.state()
          const doubt = lifecycleClock.doubt()
          return {
            kind: state.kind,
            mode: state.kind === "virtual" ? state.mode : "running",
            now: state.now,
            ...(doubt === undefined ? {} : { doubt: { direction: doubt.direction, from: doubt.from, to: doubt.to } })
          }
        }
        const live = makeLive({ feeds, sessions, access: yield* Access, store, clock })

        const who = (session: Session): SessionView => ({
          principal: callerArn(session.caller),
          kind: session.caller.kind,
          account: session.caller.account,
          administersServer: rootRefusal("server-root", session.caller, explainer.serverAccount) === undefined,
          deletionWindowMax: settings.deletionWindowMax,
          region: options.region,
          regions,
          expiresAt: sessions.endsAt(session),
          clock: clock()
        })

        const { signIn, signOut } = makeSignIn({
          sessions,
          audit,
          clock: lifecycleClock,
          randomness,
          root,
          addressOf,
          view: who
        })

        const askerOf = ({ request }: Exchange, { accessKeyId, caller }: Session, region: unknown): Asker =>
          makeAsker(dispatch, randomness, {
            accessKeyId,
            caller,
            realm: {
              account: caller.account,
              region: typeof region === "string" && isKnownRegion(region) ? RegionId.make(region) : options.region
            },
            circumstances: { sourceIp: addressOf(request), secureTransport: false }
          })

        /** A refusal is an answer like any other: it says what status the API would give it. */
        const answer = (
          { response }: Exchange,
          asked: Effect.Effect<object, AnyKmsError>,
          done: (code: string) => void = () => undefined
        ): void => {
          Effect.runFork(asked).addObserver((exit) => {
            if (exit._tag === "Success") {
              done("Success")
              return json(response, 200, { ok: true, reply: exit.value })
            }
            const failed = exit.cause.reasons.find((reason) => reason._tag === "Fail")?.error
            const error = isKmsError(failed) ? failed : refuse("InternalFailure")
            done(error.code)
            return json(response, 200, { ok: false, refusal: refusalOf(error) })
          })
        }

        const call = (exchange: Exchange, session: Session, body: Readonly<Record<string, unknown>>): void => {
          const { api = "kms", operation, parameters, region } = body
          if (!isApiName(api) || typeof operation !== "string" || !isRecord(parameters)) {
            return refuseWith(exchange.response, invalid)
          }
          const startedAt = performance.now()
          return answer(exchange, askerOf(exchange, session, region).ask(operation, parameters, api), (code) =>
            metrics.answered(recordedName(api, operation) ?? "unknown", code, (performance.now() - startedAt) / 1000)
          )
        }

        /** The place is read first: what happens meanwhile is told once more, and nothing is missed. */
        const snapshot = (asker: Asker): Effect.Effect<Snapshot, AnyKmsError> =>
          Effect.suspend(() => {
            const at = feeds.of(asker.realm.account).at()
            return everyRow(asker, directory).pipe(
              Effect.map((keys): Snapshot => ({ at, keys, clock: clock() })),
              Effect.catch((error: AnyKmsError) =>
                Effect.succeed<Snapshot>({ at, keys: [], refused: refusalOf(error), clock: clock() })
              )
            )
          })

        const signedIn = (exchange: Exchange, session: Session, route: string): void => {
          const { query, request, response } = exchange
          const region = query.get("region")
          const keyId = query.get("id") ?? ""
          const asker = askerOf(exchange, session, region)
          const before = Number(query.get("before") ?? Number.NaN)
          switch (route) {
            case "DELETE /session":
              return signOut(exchange, session)
            case "POST /call":
              return withBody(request, response, (body) => call(exchange, session, body))
            case "GET /snapshot":
              return answer(exchange, snapshot(asker))
            case "GET /key":
              return answer(exchange, rowNow(asker, directory, keyId))
            case "GET /history":
              return answer(
                exchange,
                historian.page(asker, { keyId, before: Number.isSafeInteger(before) ? before : undefined })
              )
            case "GET /allowed": {
              const as = query.get("as") ?? undefined
              return answer(exchange, allowedNow({ explainer, now: lifecycleClock.now }, asker, keyId, as))
            }
            case "GET /clock":
              return answer(exchange, Effect.sync(clock))
            case "GET /events":
              return live.open(exchange, session, asker.realm)
            default:
              return refuseWith(response, notFound)
          }
        }

        const api = (exchange: Exchange, path: string): void => {
          const { request, response } = exchange
          if (!isSameOrigin(request.headers)) return refuseWith(response, foreign)
          const route = `${request.method} ${path}`
          if (route === "POST /session") return withBody(request, response, (body) => signIn(exchange, body))
          const id = cookieIn(request.headers, cookieName(request))
          // Watching is no use: a page left open does not keep a session alive.
          const session = id === undefined ? undefined : sessions.find(id, route !== "GET /events")
          if (route === "GET /session") {
            return json(response, 200, session === undefined ? { ok: false } : { ok: true, reply: who(session) })
          }
          return session === undefined ? refuseWith(response, notSignedIn) : signedIn(exchange, session, route)
        }

        const file = (response: ServerResponse, path: string): void => {
          const found = assets.get(path)
          if (found !== undefined) return sendAsset(response, found)
          // Pages are drawn in the browser: every path of a page is the same file.
          const page = assets.get("index.html")
          if (page === undefined) return refuseWith(response, notBuilt)
          return path.startsWith("assets/") ? refuseWith(response, notFound) : sendAsset(response, page)
        }

        return {
          isThere: assets.size > 0,
          quit: Effect.sync(live.quit),
          handle: (request, response) => {
            const [path = "/", search = ""] = (request.url ?? "/").split("?", 2)
            if (path === root || (path === "/" && isBrowser(request))) {
              response.writeHead(302, { ...securityHeaders, location: `${root}/`, "cache-control": "no-store" }).end()
              return true
            }
            if (!path.startsWith(`${root}/`)) return false
            if (!isHostRight(request.headers, options.host, options.allowedHosts)) refuseWith(response, wrongHost)
            else if (path.startsWith(`${root}/api/`)) {
              api({ request, response, query: new URLSearchParams(search) }, path.slice(`${root}/api`.length))
            } else if (request.method !== "GET" && request.method !== "HEAD") refuseWith(response, onlyRead)
            else file(response, path.slice(root.length + 1))
            return true
          }
        }
      })
    )
}
