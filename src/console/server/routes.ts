/** The routes of the console's server for a signed-in caller: one function for each route. */
import { Effect } from "effect"
import { isKeyId, RegionId } from "../../domain/ids.ts"
import { isKmsError, refuse } from "../../domain/errors.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import { isKnownRegion } from "../../domain/regions.ts"
import type { Metrics } from "../../monitoring/metrics.ts"
import { isApiName, recordedName } from "../../operation/apis.ts"
import type { Randomness } from "../../platform/services.ts"
import type { Dispatch } from "../../requests/dispatch.ts"
import type { Explainer } from "../../requests/explain.ts"
import { rootRefusal } from "../../requests/rootOnly.ts"
import { bulkOperations } from "../protocol.ts"
import { allowedNow } from "./allowed.ts"
import { listOf, makeAsker, refusalOf, textOf, textsOf } from "./asker.ts"
import type { Asker } from "./asker.ts"
import type { AuditCounter } from "./auditCounts.ts"
import type { Exchange } from "./exchange.ts"
import { invalid, notFound } from "./faults.ts"
import type { Historian } from "./history.ts"
import { isRecord, json, refuseWith, withBody } from "./http.ts"
import { aliasHolder, keysPage, keysSummary, wantedIn } from "./keyList.ts"
import { lastUses } from "./lastUses.ts"
import type { Live } from "./live.ts"
import { previewMax, previews } from "./preview.ts"
import { rowNow } from "./rows.ts"
import type { Session } from "./sessions.ts"
import type { SignIn } from "./signIn.ts"
import { placeIn, timelinePage } from "./timeline.ts"
import type { Due } from "./timeline.ts"
import type { UseIndex } from "./useIndex.ts"
import { verdictOf } from "./verdict.ts"
import { clockView, snapshotFor } from "./views.ts"
import type { Viewed } from "./views.ts"

export interface Routed extends Viewed, Due {
  readonly dispatch: Dispatch["Service"]
  readonly randomness: Randomness["Service"]
  readonly metrics: Metrics["Service"]
  readonly explainer: Explainer
  readonly historian: Historian
  readonly live: Live
  readonly uses: UseIndex
  readonly auditCounter: AuditCounter
  readonly signIn: SignIn
  /** The client's address, behind a trusted proxy too. */
  readonly addressOf: (request: Exchange["request"]) => string | undefined
  /** Whether the client's connection is encrypted, behind a trusted proxy too. */
  readonly isEncrypted: (request: Exchange["request"]) => boolean
}

interface RouteRequest {
  readonly routed: Routed
  readonly exchange: Exchange
  readonly session: Session
}

const askerFor = ({ routed, exchange, session }: RouteRequest, region: unknown): Asker => {
  const { accessKeyId, caller } = session
  const known = typeof region === "string" && isKnownRegion(region)
  return makeAsker(routed.dispatch, routed.randomness, {
    accessKeyId,
    caller,
    realm: { account: caller.account, region: known ? RegionId.make(region) : routed.region },
    circumstances: {
      sourceIp: routed.addressOf(exchange.request),
      secureTransport: routed.isEncrypted(exchange.request)
    }
  })
}

const askerOf = (asked: RouteRequest): Asker => askerFor(asked, asked.exchange.query.get("region"))

const keyIdOf = ({ exchange }: RouteRequest): string => exchange.query.get("id") ?? ""

const ignore = (): void => undefined

/** Stops a search that the page has cancelled because the user typed on. */
const whileOpen = <A>({ response }: Exchange, asked: Effect.Effect<A, AnyKmsError>): Effect.Effect<A, AnyKmsError> => {
  const closed = Effect.callback<never>((resume) => {
    const stop = (): void => resume(Effect.interrupt)
    response.once("close", stop)
    return Effect.sync(() => response.off("close", stop))
  })
  return Effect.raceFirst(asked, closed)
}

/** A refusal is an ordinary answer of the console, with the status that the API would return. */
const answer = (
  { response }: Exchange,
  asked: Effect.Effect<object, AnyKmsError>,
  done: (code: string) => void = ignore
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

const call = (asked: RouteRequest, body: Readonly<Record<string, unknown>>): void => {
  const { exchange, routed } = asked
  const { api = "kms", operation, parameters, region } = body
  if (!isApiName(api) || typeof operation !== "string" || !isRecord(parameters)) {
    return refuseWith(exchange.response, invalid)
  }
  const startedAt = performance.now()
  return answer(exchange, askerFor(asked, region).ask(operation, parameters, api), (code) =>
    routed.metrics.answered(recordedName(api, operation) ?? "unknown", code, (performance.now() - startedAt) / 1000)
  )
}

const history = (asked: RouteRequest): void => {
  const before = Number(asked.exchange.query.get("before") ?? Number.NaN)
  const wanted = { keyId: keyIdOf(asked), before: Number.isSafeInteger(before) ? before : undefined }
  return answer(asked.exchange, asked.routed.historian.page(askerOf(asked), wanted))
}

const allowed = (asked: RouteRequest): void => {
  const { explainer, lifecycleClock } = asked.routed
  const as = asked.exchange.query.get("as") ?? undefined
  const by = { explainer, now: lifecycleClock.now }
  return answer(asked.exchange, allowedNow(by, askerOf(asked), keyIdOf(asked), as))
}

/** Only the account's root may read the audit log, which names who used what. */
const asRoot = <A>({ caller }: Asker, { serverAccount }: Routed, asked: Effect.Effect<A, AnyKmsError>) => {
  const hint = rootRefusal("root", caller, serverAccount)
  return hint === undefined ? asked : Effect.fail(refuse("Forbidden.NoPermission", { hint }))
}

const keyUses = (asked: RouteRequest): void => {
  const { directory, uses } = asked.routed
  const asker = askerOf(asked)
  const keyId = keyIdOf(asked)
  const known = isKeyId(keyId) ? directory.find(asker.realm, keyId) : Effect.fail(refuse("Forbidden.KeyNotFound"))
  return answer(asked.exchange, asRoot(asker, asked.routed, Effect.andThen(known, uses.of(keyId))))
}

const preview = (asked: RouteRequest, body: Readonly<Record<string, unknown>>): void => {
  const { operation, keyIds, region } = body
  const ids = listOf(keyIds).map(textOf).filter(isKeyId)
  const known = bulkOperations.find((one) => one === operation)
  if (known === undefined || ids.length === 0 || ids.length > previewMax) {
    return refuseWith(asked.exchange.response, invalid)
  }
  const { explainer, lifecycleClock } = asked.routed
  const by = { explainer, now: lifecycleClock.now }
  return answer(asked.exchange, previews(by, askerFor(asked, region), known, ids))
}

const lastUsesOf = (asked: RouteRequest, body: Readonly<Record<string, unknown>>): void => {
  const { keyIds, region } = body
  const ids = listOf(keyIds).map(textOf).filter(isKeyId)
  if (ids.length > previewMax) return refuseWith(asked.exchange.response, invalid)
  const asker = askerFor(asked, region)
  return answer(asked.exchange, asRoot(asker, asked.routed, lastUses(asked.routed, asker.realm, ids)))
}

const auditCounts = (asked: RouteRequest, body: Readonly<Record<string, unknown>>): void => {
  const { exchange, routed } = asked
  const { parameters, region } = body
  if (!isRecord(parameters)) return refuseWith(exchange.response, invalid)
  const asker = askerFor(asked, region)
  return answer(exchange, whileOpen(exchange, asRoot(asker, routed, routed.auditCounter.of(asker, parameters))))
}

const verdict = (asked: RouteRequest, body: Readonly<Record<string, unknown>>): void => {
  const { document, key, region } = body
  if (typeof document !== "string") return refuseWith(asked.exchange.response, invalid)
  const known = isRecord(key) ? { keyId: textOf(key["keyId"]), tags: textsOf(key["tags"]) } : undefined
  return answer(asked.exchange, verdictOf(document, askerFor(asked, region), known))
}

const timeline = (asked: RouteRequest): void => {
  const { query } = asked.exchange
  const range = query.get("regions") === "all" ? "account" : "region"
  return answer(asked.exchange, timelinePage(asked.routed, askerOf(asked), range, placeIn(query.get("after"))))
}

const routes: ReadonlyMap<string, (asked: RouteRequest) => void> = new Map([
  ["DELETE /session", ({ routed, exchange, session }) => routed.signIn.signOut(exchange, session)],
  ["POST /call", (asked) => withBody(asked.exchange.request, asked.exchange.response, (body) => call(asked, body))],
  ["GET /snapshot", (asked) => answer(asked.exchange, snapshotFor(asked.routed, askerOf(asked)))],
  [
    "GET /keys",
    (asked) =>
      answer(
        asked.exchange,
        whileOpen(asked.exchange, keysPage(asked.routed, askerOf(asked), wantedIn(asked.exchange.query)))
      )
  ],
  [
    "POST /preview",
    (asked) => withBody(asked.exchange.request, asked.exchange.response, (body) => preview(asked, body))
  ],
  [
    "GET /summary",
    (asked) => answer(asked.exchange, whileOpen(asked.exchange, keysSummary(asked.routed, askerOf(asked))))
  ],
  [
    "POST /last-uses",
    (asked) => withBody(asked.exchange.request, asked.exchange.response, (body) => lastUsesOf(asked, body))
  ],
  [
    "POST /verdict",
    (asked) => withBody(asked.exchange.request, asked.exchange.response, (body) => verdict(asked, body))
  ],
  [
    "POST /audit-counts",
    (asked) => withBody(asked.exchange.request, asked.exchange.response, (body) => auditCounts(asked, body))
  ],
  ["GET /alias", (asked) => answer(asked.exchange, aliasHolder(asked.routed, askerOf(asked), keyIdOf(asked)))],
  ["GET /key", (asked) => answer(asked.exchange, rowNow(askerOf(asked), asked.routed.directory, keyIdOf(asked)))],
  ["GET /history", history],
  ["GET /allowed", allowed],
  ["GET /key-uses", keyUses],
  ["GET /timeline", timeline],
  [
    "GET /clock",
    ({ exchange, routed }) =>
      answer(
        exchange,
        Effect.sync(() => clockView(routed))
      )
  ],
  ["GET /events", (asked) => asked.routed.live.open(asked.exchange, asked.session, askerOf(asked).realm)]
])

/** `route` is a method and a path, such as `GET /key`. */
export const answerRoute = (asked: RouteRequest, route: string): void => {
  const act = routes.get(route)
  return act === undefined ? refuseWith(asked.exchange.response, notFound) : act(asked)
}
