/** The console's server as functions: every answer is a reply or a refusal, and listeners hear of a lost session. */
import type {
  AllowedNow,
  AuditCounts,
  ClockView,
  HistoryPage,
  KeyRow,
  KeyUses,
  KeysPage,
  KeysSummary,
  LastUses,
  PolicyVerdict,
  Preview,
  Refusal,
  SessionView,
  VerdictKey,
  Snapshot,
  Timeline
} from "../../protocol.ts"
import { tracked } from "./progress.ts"
import { serverFault } from "./serverFaults.ts"
import { t } from "../text/text.ts"

export type Answer<A> = { readonly ok: true; readonly reply: A } | { readonly ok: false; readonly refusal: Refusal }

/** The answer of an operation, read by member name. */
export type Reply = Readonly<Record<string, unknown>>

export const base = "/console/api"
export const ownHeaders = { "x-keystate-console": "1" } as const

const lostListeners = new Set<() => void>()
export const onSessionLost = (listener: () => void): (() => void) => {
  lostListeners.add(listener)
  return () => lostListeners.delete(listener)
}

export const isRecord = (value: unknown): value is Reply =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const unreachableCode = "ServerUnreachable"

const unreachable = (): Refusal => ({
  code: unreachableCode,
  message: t("The server did not answer."),
  httpStatus: 0,
  hint: t(
    "Check that it is running. The page reloads its data once the server answers. Repeat your last call if it failed."
  ),
  isOurs: true
})

/** Whether the server may have performed the call in spite of this refusal. */
export const isAnswerLost = (refusal: Refusal | undefined): boolean => refusal?.code === unreachableCode

/** Whether the same request may succeed a little later: it got no answer, or the store did not answer. */
export const isTemporary = (refusal: Refusal | undefined): boolean =>
  refusal !== undefined && (isAnswerLost(refusal) || refusal.httpStatus >= 500)

const refusalIn = (body: Reply, status: number): Refusal => {
  const code = String(body["code"] ?? "InvalidAnswer")
  const own = serverFault(code)
  const message = own ?? String(body["message"] ?? t("The answer could not be read."))
  return { code, message, httpStatus: status, isOurs: own !== undefined || body["message"] === undefined }
}

interface Sent {
  readonly body?: object
  /** Cancels the request. */
  readonly signal?: AbortSignal
}

const ask = async <A>(method: string, path: string, { body, signal }: Sent = {}): Promise<Answer<A>> => {
  let response: Response
  try {
    response = await fetch(`${base}${path}`, {
      method,
      headers: body === undefined ? ownHeaders : { ...ownHeaders, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      credentials: "same-origin"
    })
  } catch {
    return { ok: false, refusal: unreachable() }
  }
  const parsed: unknown = await response.json().catch(() => undefined)
  if (response.status === 401 && path !== "/session") for (const tell of lostListeners) tell()
  // The connection broke in the middle of the answer, or a proxy answered.
  if (!isRecord(parsed) && (response.ok || response.status >= 500)) return { ok: false, refusal: unreachable() }
  if (!response.ok || !isRecord(parsed)) {
    return { ok: false, refusal: refusalIn(isRecord(parsed) ? parsed : {}, response.status) }
  }
  // The server writes the shapes of protocol.ts.
  return parsed as Answer<A>
}

const queryOf = (parameters: Readonly<Record<string, string | number | undefined>>): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  return `?${query.toString()}`
}

export const currentSession = (): Promise<Answer<SessionView>> => ask("GET", "/session")

export const signIn = (
  given:
    | { readonly token: string }
    | { readonly accessKeyId: string; readonly accessKeySecret: string; readonly securityToken: string }
): Promise<Answer<SessionView>> => ask("POST", "/session", { body: given })

export const signOut = (): Promise<Answer<object>> => ask("DELETE", "/session")

/** An operation of the API, performed as the signed-in caller. Parameters are texts, as on the wire. */
export const callOperation = (
  region: string,
  operation: string,
  parameters: Readonly<Record<string, string>>,
  api: "kms" | "ram" = "kms"
): Promise<Answer<Reply>> => tracked(ask("POST", "/call", { body: { api, operation, parameters, region } }))

export const readSnapshot = (region: string): Promise<Answer<Snapshot>> => ask("GET", `/snapshot${queryOf({ region })}`)
/** A page of the matching keys. */
export const readKeys = (
  region: string,
  wanted: Readonly<Record<string, string | number | undefined>>,
  signal?: AbortSignal
): Promise<Answer<KeysPage>> =>
  ask("GET", `/keys${queryOf({ region, ...wanted })}`, signal === undefined ? {} : { signal })
export const readSummary = (region: string): Promise<Answer<KeysSummary>> =>
  ask("GET", `/summary${queryOf({ region })}`)
/** The key that has the alias already, as far as the caller may know. */
export const readAliasHolder = (region: string, aliasName: string): Promise<Answer<{ readonly keyId?: string }>> =>
  ask("GET", `/alias${queryOf({ region, id: aliasName })}`)
export const readLastUses = (region: string, keyIds: ReadonlyArray<string>): Promise<Answer<LastUses>> =>
  ask("POST", "/last-uses", { body: { keyIds, region } })
/** Counts of the records that ListAuditRecords finds with these parameters. */
export const readAuditCounts = (
  region: string,
  parameters: Readonly<Record<string, string>>,
  signal: AbortSignal
): Promise<Answer<AuditCounts>> => ask("POST", "/audit-counts", { body: { parameters, region }, signal })
export const readVerdict = (
  region: string,
  asked: { readonly document: string; readonly key: VerdictKey | undefined },
  signal: AbortSignal
): Promise<Answer<PolicyVerdict>> => ask("POST", "/verdict", { body: { ...asked, region }, signal })
export const readPreviews = (
  region: string,
  operation: string,
  keyIds: ReadonlyArray<string>
): Promise<Answer<{ readonly previews: ReadonlyArray<Preview> }>> =>
  ask("POST", "/preview", { body: { operation, keyIds, region } })
export const readKey = (region: string, id: string): Promise<Answer<KeyRow>> =>
  ask("GET", `/key${queryOf({ region, id })}`)
export const readHistory = (region: string, id: string, before?: number): Promise<Answer<HistoryPage>> =>
  ask("GET", `/history${queryOf({ region, id, before })}`)
export const readAllowed = (region: string, id: string, as?: string): Promise<Answer<AllowedNow>> =>
  ask("GET", `/allowed${queryOf({ region, id, as })}`)
export const readUses = (region: string, id: string): Promise<Answer<KeyUses>> =>
  ask("GET", `/key-uses${queryOf({ region, id })}`)
/** Of the chosen region, unless `regions` is `all`. */
export interface TimelineQuery {
  readonly regions: "all" | undefined
  readonly after: string | undefined
}
export const readTimeline = (region: string, wanted: TimelineQuery): Promise<Answer<Timeline>> =>
  ask("GET", `/timeline${queryOf({ region, ...wanted })}`)
export const readClock = (): Promise<Answer<ClockView>> => ask("GET", "/clock")
