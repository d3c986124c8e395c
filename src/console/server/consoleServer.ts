/** The console over HTTP: its files, its sessions, and operations performed as the signed-in caller. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Context, Effect, Layer } from "effect"
import { CommitFeed } from "../../actor/journal.ts"
import { KeyDirectory } from "../../actor/keyDirectory.ts"
import { Audit } from "../../audit/audit.ts"
import { Access } from "../../authorization/access.ts"
import { AccessKeys } from "../../authorization/accessKeys.ts"
import { makeExplainer } from "../../requests/accessControlLayer.ts"
import { Dispatch } from "../../requests/dispatch.ts"
import type { AddressBlock } from "../../domain/address.ts"
import type { RegionId } from "../../domain/ids.ts"
import { Randomness } from "../../platform/services.ts"
import { clientAddress, isEncrypted } from "../../wire/addresses.ts"
import { Metrics } from "../../monitoring/metrics.ts"
import { Store } from "../../store/store.ts"
import { Settings } from "../../domain/settings.ts"
import { LifecycleClock } from "../../timers/clock.ts"
import { readAssets } from "./assets.ts"
import type { Asset } from "./assets.ts"
import { makeDocsSite } from "./docsSite.ts"
import type { DocsSite } from "./docsSite.ts"
import { cookieIn, isBrowser, isHostRight, isSameOrigin, securityHeaders } from "./browser.ts"
import type { Exchange } from "./exchange.ts"
import { foreign, notBuilt, notFound, notSignedIn, onlyRead, unavailable, wrongHost } from "./faults.ts"
import { makeOwnFeeds } from "./feed.ts"
import { makeAuditCounter } from "./auditCounts.ts"
import { makeHistorian } from "./history.ts"
import { json, refuseWith, sendAsset, withBody } from "./http.ts"
import { makeKeyIndex } from "./keyIndex.ts"
import { makeLive } from "./live.ts"
import { makePlaces } from "./places.ts"
import { answerRoute } from "./routes.ts"
import type { Routed } from "./routes.ts"
import { Sessions } from "./sessions.ts"
import type { Session } from "./sessions.ts"
import { makeSharedFeeds } from "./sharedFeed.ts"
import { cookieName, makeSignIn } from "./signIn.ts"
import { makeUseIndex } from "./useIndex.ts"
import { clockView, sessionView } from "./views.ts"
import type { Viewed } from "./views.ts"

const root = "/console"

export interface ConsoleOptions {
  readonly host: string
  readonly region: RegionId
  readonly allowedHosts?: ReadonlyArray<string>
  readonly trustedProxies?: ReadonlyArray<AddressBlock>
}

/** Requests of the console's pages for data. */
const answerApi = (routed: Routed, exchange: Exchange, path: string): void => {
  const { request, response } = exchange
  if (!isSameOrigin(request.headers)) return refuseWith(response, foreign)
  const route = `${request.method} ${path}`
  if (route === "POST /session") {
    return withBody(request, response, (body) => routed.signIn.signIn(exchange, body))
  }
  const id = cookieIn(request.headers, cookieName(request))
  if (id === undefined) return answerSession(routed, exchange, route, undefined)
  // The event stream does not extend the session.
  const found = routed.sessions.find(id, route !== "GET /events")
  Effect.runFork(found).addObserver((exit) =>
    exit._tag === "Success" ? answerSession(routed, exchange, route, exit.value) : refuseWith(response, unavailable)
  )
}

const answerSession = (routed: Routed, exchange: Exchange, route: string, session: Session | undefined): void => {
  const { response } = exchange
  if (route === "GET /session") {
    const body = session === undefined ? { ok: false } : { ok: true, reply: sessionView(routed, session) }
    return json(response, 200, body)
  }
  if (session === undefined) return refuseWith(response, notSignedIn)
  return answerRoute({ routed, exchange, session }, route)
}

const answerFile = (assets: ReadonlyMap<string, Asset>, response: ServerResponse, path: string): void => {
  const found = assets.get(path)
  if (found !== undefined) return sendAsset(response, found)
  // The browser draws every page from the same file.
  const page = assets.get("index.html")
  if (page === undefined) return refuseWith(response, notBuilt)
  return path.startsWith("assets/") ? refuseWith(response, notFound) : sendAsset(response, page)
}

const redirect = (response: ServerResponse): void => {
  response.writeHead(302, { ...securityHeaders, location: `${root}/`, "cache-control": "no-store" }).end()
}

interface Served {
  readonly options: ConsoleOptions
  readonly assets: ReadonlyMap<string, Asset>
  readonly docs: DocsSite
  readonly routed: Routed
}

const answerConsole = (served: Served, exchange: Exchange, path: string): void => {
  const { assets } = served
  const { request, response } = exchange
  if (!isForThisHost(served, request, response)) return
  if (path.startsWith("/api/")) return answerApi(served.routed, exchange, path.slice("/api".length))
  if (request.method !== "GET" && request.method !== "HEAD") return refuseWith(response, onlyRead)
  return answerFile(assets, response, path.slice(1))
}

/** Whether the request names this server; refuses the request if not. */
const isForThisHost = ({ options }: Served, request: IncomingMessage, response: ServerResponse): boolean => {
  const isRight = isHostRight(request.headers, options.host, options.allowedHosts)
  if (!isRight) refuseWith(response, wrongHost)
  return isRight
}

const handle = (served: Served, request: IncomingMessage, response: ServerResponse): boolean => {
  if (served.docs.handle(request, response, () => isForThisHost(served, request, response))) return true
  const [path = "/", search = ""] = (request.url ?? "/").split("?", 2)
  if (path === root || (path === "/" && isBrowser(request))) {
    redirect(response)
    return true
  }
  if (!path.startsWith(`${root}/`)) return false
  answerConsole(served, { request, response, query: new URLSearchParams(search) }, path.slice(root.length))
  return true
}

const makeFeeds = Effect.gen(function* () {
  const store = yield* Store
  const randomness = yield* Randomness
  if (store.shared !== undefined) return yield* makeSharedFeeds(store, makePlaces(yield* AccessKeys, randomness))
  return yield* makeOwnFeeds(yield* CommitFeed, randomness.uuid().slice(0, 8))
})

const makeViewed = Effect.fnUntraced(function* (region: RegionId) {
  const feeds = yield* makeFeeds
  const explainer = yield* makeExplainer
  const store = yield* Store
  const viewed: Viewed = {
    store,
    index: yield* makeKeyIndex({ store, feeds }),
    access: yield* Access,
    lifecycleClock: yield* LifecycleClock,
    sessions: yield* Sessions,
    deletionWindowMax: (yield* Settings).deletionWindowMax,
    directory: yield* KeyDirectory,
    feeds,
    serverAccount: explainer.serverAccount,
    region
  }
  return { explainer, viewed }
})

const makeRouted = Effect.fnUntraced(function* (options: ConsoleOptions) {
  const { explainer, viewed } = yield* makeViewed(options.region)
  const { access, feeds, lifecycleClock, sessions, store } = viewed
  const randomness = yield* Randomness
  const audit = yield* Audit
  const settings = yield* Settings
  const uses = makeUseIndex(store, audit)
  const addressOf: Routed["addressOf"] = (request) => clientAddress(request, options.trustedProxies ?? [])
  const isSecure: Routed["isEncrypted"] = (request) => isEncrypted(request, options.trustedProxies ?? [])
  const routed: Routed = {
    ...viewed,
    explainer,
    randomness,
    addressOf,
    isEncrypted: isSecure,
    dispatch: yield* Dispatch,
    metrics: yield* Metrics,
    historian: makeHistorian(store),
    uses,
    auditCounter: makeAuditCounter({ store, audit, uses, settings, serverAccount: explainer.serverAccount }),
    live: makeLive({ feeds, sessions, access, store, clock: () => clockView(viewed) }),
    signIn: makeSignIn({
      sessions,
      audit,
      clock: lifecycleClock,
      randomness,
      root,
      addressOf,
      isEncrypted: isSecure,
      view: (session) => sessionView(viewed, session)
    })
  }
  return routed
})

export class Console extends Context.Service<
  Console,
  {
    /** Answers a request to the console. Returns whether it was one. */
    readonly handle: (request: IncomingMessage, response: ServerResponse) => boolean
    /** Whether the console was built. */
    readonly isThere: boolean
    /** Ends the event streams of open pages, so that the server can stop. */
    readonly quit: Effect.Effect<void>
  }
>()("keystate/console/Console") {
  static readonly layer = (options: ConsoleOptions) =>
    Layer.effect(
      Console,
      Effect.gen(function* () {
        const assets = readAssets()
        const docs = makeDocsSite()
        const routed = yield* makeRouted(options)
        return {
          isThere: assets.size > 0,
          quit: Effect.sync(routed.live.quit),
          handle: (request, response) => handle({ options, assets, docs, routed }, request, response)
        }
      })
    )
}
