/** Console sessions, kept in the store. Each session acts as one caller of the API, with that caller's permissions. */
import { Clock, Context, Effect, Layer, Redacted, Result, Schema } from "effect"
import { AccessKeys } from "../../authorization/accessKeys.ts"
import type { AccessKey } from "../../authorization/accessKeys.ts"
import type { Caller } from "../../authorization/caller.ts"
import type { ServiceError } from "../../domain/errorGroups.ts"
import { encodeBase64Url } from "../../encoding/base64.ts"
import { Randomness } from "../../platform/services.ts"
import { Proofs } from "../../proof/proofs.ts"
import { Store } from "../../store/store.ts"
import { orLater, orRefused } from "../../store/unavailable.ts"
import { Uptime } from "../../timers/uptime.ts"
import { attemptOf, makeAttempts } from "./attempts.ts"
import type { Attempts } from "./attempts.ts"
import { isSame, nameOf, openWith, proofOf, sealWith } from "./secrets.ts"
import { entryFields, makeExpiringEntries } from "./expiringEntries.ts"
import type { ExpiringEntries } from "./expiringEntries.ts"

/** An unused session ends after half an hour, every session after half a day. */
const idleMillis = 30 * 60_000
const lifeMillis = 12 * 3_600_000
/** A use is recorded if the last recorded use is older than this. An idle session may end earlier by this much. */
const touchMillis = 60_000
/** `serve` prints the token for the operator and opens a browser at once. */
const tokenMillis = 60 * 60_000
/** The approximate limit of sessions of one account. A further session ends the oldest. */
const sessionsMax = 1000
/** The approximate limit of unused one-time tokens. */
const tokensMax = 1000

/** The stored part of a session. The secret in the browser's cookie is not stored. */
const Kept = Schema.Struct({
  ...entryFields,
  /** Absent for a session of the root that began with a one-time token. */
  accessKeyId: Schema.optionalKey(Schema.String),
  /** The security token of temporary credentials, sealed with the session's secret. */
  sealedToken: Schema.optionalKey(Schema.String),
  startedAt: Schema.Finite,
  proof: Schema.String
})
type Kept = typeof Kept.Type

const KeptToken = Schema.Struct({ ...entryFields, proof: Schema.String })
type KeptToken = typeof KeptToken.Type

export interface Session {
  /** The secret in the browser's cookie. */
  readonly id: string
  readonly caller: Caller
  /** Undefined for a session of the root that began with a one-time token. */
  readonly accessKeyId: string | undefined
  /** When it ends without further use, by the clock of sessions. */
  readonly until: number
}

export interface AccessKeyGiven {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
  readonly securityToken: string | undefined
}

export type SignInFault = "WrongAccessKey" | "WrongToken" | "TooManyTries"

type SignedIn = Effect.Effect<Result.Result<Session, SignInFault>, ServiceError>

/** Shared by the functions below. */
interface Desk {
  readonly keys: AccessKeys["Service"]
  /** Real time, for temporary credentials: the store's time, if several servers share it. */
  readonly now: () => number
  /** The clock of sessions, tokens and blocks, milliseconds. */
  readonly sessionNow: () => number
  /** An unguessable name of 256 random bits. */
  readonly secretName: () => string
  readonly sessions: ExpiringEntries<Kept>
  readonly tokens: ExpiringEntries<KeptToken>
  readonly attempts: Attempts
}

/** The access key of a session, and the proof that the session began with it. */
interface Begun {
  readonly accessKeyId?: string
  readonly securityToken?: string
  readonly startedAt: number
}

const sessionProof = (id: string, { accessKeyId, startedAt }: Begun, { secret }: AccessKey): string =>
  proofOf(id, ["session", accessKeyId ?? null, startedAt, Redacted.value(secret)])

const tokenProof = (token: string, until: number, { secret }: AccessKey): string =>
  proofOf(token, ["token", until, Redacted.value(secret)])

const untilOf = (startedAt: number, usedAt: number): number => Math.min(usedAt + idleMillis, startedAt + lifeMillis)

const begin = (desk: Desk, signedBy: AccessKey, by: Omit<Begun, "startedAt">): Effect.Effect<Session, ServiceError> =>
  Effect.suspend(() => {
    const { caller } = signedBy
    const { accessKeyId, securityToken } = by
    const id = desk.secretName()
    const startedAt = desk.sessionNow()
    const kept: Kept = {
      id: nameOf(id),
      owner: caller.account,
      until: untilOf(startedAt, startedAt),
      startedAt,
      ...(accessKeyId === undefined ? {} : { accessKeyId }),
      ...(securityToken === undefined ? {} : { sealedToken: sealWith(id, securityToken) }),
      proof: sessionProof(id, { ...by, startedAt }, signedBy)
    }
    const session: Session = { id, caller, accessKeyId, until: kept.until }
    return orRefused(desk.sessions.edit(kept.id, () => ({ entry: kept, answer: session })))
  })

/** The access key of a session, if it is still the one that the session began with. */
const signerOf = ({ keys, now }: Desk, id: string, kept: Kept): AccessKey | undefined => {
  const { accessKeyId, sealedToken } = kept
  if (accessKeyId === undefined) return keys.root
  const securityToken = sealedToken === undefined ? undefined : openWith(id, sealedToken)
  if (sealedToken !== undefined && securityToken === undefined) return undefined
  const found = keys.find(accessKeyId, securityToken, now())
  return Result.isSuccess(found) && found.success.active ? found.success : undefined
}

const sessionOf = (desk: Desk, id: string, kept: Kept): Session | undefined => {
  const signer = signerOf(desk, id, kept)
  if (signer === undefined || !isSame(kept.proof, sessionProof(id, kept, signer))) return undefined
  return { id, caller: signer.caller, accessKeyId: kept.accessKeyId, until: kept.until }
}

const withAccessKey = (desk: Desk, { accessKeyId, secret, securityToken }: AccessKeyGiven, from: string): SignedIn =>
  Effect.gen(function* () {
    const by = attemptOf(accessKeyId, from)
    if (!(yield* orRefused(desk.attempts.count(by)))) return Result.fail("TooManyTries")
    yield* desk.keys.current
    const found = desk.keys.find(accessKeyId, securityToken, desk.now())
    // An unknown access key takes as long as a wrong secret, and gets the same answer.
    const known = Result.isSuccess(found) ? Redacted.value(found.success.secret) : desk.secretName()
    const isRight = isSame(Redacted.value(secret), known)
    if (Result.isFailure(found) || !isRight || !found.success.active) return Result.fail("WrongAccessKey")
    yield* orRefused(desk.attempts.forgive(by))
    const given = securityToken === undefined ? { accessKeyId } : { accessKeyId, securityToken }
    return Result.succeed(yield* begin(desk, found.success, given))
  })

const withToken = (desk: Desk, token: string): SignedIn =>
  Effect.gen(function* () {
    const { root } = desk.keys
    const taken = yield* orRefused(desk.tokens.edit(nameOf(token), (found) => ({ entry: undefined, answer: found })))
    if (taken === undefined || !isSame(taken.proof, tokenProof(token, taken.until, root))) {
      return Result.fail("WrongToken")
    }
    return Result.succeed(yield* begin(desk, root, {}))
  })

/** Records the use of a session, if the last recorded use is old enough. Returns the session's end. */
const touch = (desk: Desk, { id, startedAt, until: known }: Kept): Effect.Effect<number> => {
  const until = untilOf(startedAt, desk.sessionNow())
  if (until < known + touchMillis) return Effect.succeed(known)
  // A session that was ended in the meantime stays ended.
  const later = (found: Kept | undefined) => found && { ...found, until: Math.max(found.until, until) }
  const written = desk.sessions.edit(id, (found) => ({ entry: later(found), answer: undefined }))
  return Effect.as(orLater("The use of a console session", written), until)
}

const find = (desk: Desk, id: string, isUse: boolean): Effect.Effect<Session | undefined, ServiceError> =>
  Effect.gen(function* () {
    yield* desk.keys.current
    const kept = yield* orRefused(desk.sessions.find(nameOf(id)))
    const session = kept === undefined ? undefined : sessionOf(desk, id, kept)
    if (kept === undefined || session === undefined || !isUse) return session
    return { ...session, until: yield* touch(desk, kept) }
  })

const newToken = (desk: Desk): Effect.Effect<Redacted.Redacted<string>, ServiceError> =>
  Effect.suspend(() => {
    const token = desk.secretName()
    const until = desk.sessionNow() + tokenMillis
    const entry: KeptToken = { id: nameOf(token), owner: "", until, proof: tokenProof(token, until, desk.keys.root) }
    const answer = Redacted.make(token, { label: "ConsoleToken" })
    return orRefused(desk.tokens.edit(entry.id, () => ({ entry, answer })))
  })

/**
 * Sessions use the store's clock if several servers share the store. Otherwise they use the start time of this server
 * plus elapsed time, so that setting the system clock does not change a session's length.
 */
const sessionClock = Effect.gen(function* () {
  const { storeTime } = yield* Proofs
  if (storeTime !== undefined) return storeTime
  const clock = yield* Clock.Clock
  const { asleepMillis } = yield* Uptime
  const elapsed = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6 + asleepMillis()
  const origin = clock.currentTimeMillisUnsafe() - elapsed()
  return () => Math.floor(origin + elapsed())
})

export class Sessions extends Context.Service<
  Sessions,
  {
    readonly withAccessKey: (given: AccessKeyGiven, from: string) => SignedIn
    /** A token has 256 random bits. Attempts are not counted, so that a stranger cannot block its owner. */
    readonly withToken: (token: string) => SignedIn
    /**
     * The session, unless it ended or its access key was revoked, on any server. `isUse` says whether this counts as a
     * use.
     */
    readonly find: (id: string, isUse: boolean) => Effect.Effect<Session | undefined, ServiceError>
    /** The real time at which the session ends without further use. */
    readonly endsAt: (session: Session) => number
    /** When this returns, no server accepts the session any more. */
    readonly end: (id: string) => Effect.Effect<void, ServiceError>
    /** A token that begins one session as the root, once, on any server. */
    readonly newToken: Effect.Effect<Redacted.Redacted<string>, ServiceError>
  }
>()("keystate/console/Sessions") {
  static readonly layer: Layer.Layer<Sessions, never, AccessKeys | Proofs | Randomness | Store | Uptime> = Layer.effect(
    Sessions,
    Effect.gen(function* () {
      const randomness = yield* Randomness
      const store = yield* Store
      const clock = yield* Clock.Clock
      const { storeTime: now = () => clock.currentTimeMillisUnsafe() } = yield* Proofs
      const sessionNow = yield* sessionClock
      const kept = { store, now: sessionNow }
      const desk: Desk = {
        keys: yield* AccessKeys,
        now,
        sessionNow,
        secretName: () => encodeBase64Url(randomness.bytes(32)),
        sessions: makeExpiringEntries({ ...kept, name: "console.sessions", schema: Kept, perOwner: sessionsMax }),
        tokens: makeExpiringEntries({ ...kept, name: "console.tokens", schema: KeptToken, perOwner: tokensMax }),
        attempts: makeAttempts(store, sessionNow)
      }
      return {
        withAccessKey: (given, from) => withAccessKey(desk, given, from),
        withToken: (token) => withToken(desk, token),
        endsAt: ({ until }) => now() + until - sessionNow(),
        find: (id, isUse) => find(desk, id, isUse),
        end: (id) => orRefused(desk.sessions.edit(nameOf(id), () => ({ entry: undefined, answer: undefined }))),
        newToken: newToken(desk)
      }
    })
  )
}
