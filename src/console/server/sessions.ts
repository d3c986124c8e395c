/** Console sessions, kept in memory. Each one acts as one caller of the API, with that caller's permissions. */
import { createHmac, timingSafeEqual } from "node:crypto"
import { Clock, Context, Effect, Layer, Redacted, Result } from "effect"
import { AccessKeys } from "../../authorization/accessKeys.ts"
import type { Caller } from "../../authorization/caller.ts"
import { encodeBase64Url } from "../../encoding/base64.ts"
import { Randomness } from "../../platform/services.ts"
import { Uptime } from "../../timers/uptime.ts"
import { attemptOf, makeAttempts } from "./attempts.ts"
import type { Attempts } from "./attempts.ts"

/** An unused session ends after half an hour, every session after half a day. */
const idleMillis = 30 * 60_000
const lifeMillis = 12 * 3_600_000
/** `serve` prints the token for the person who starts it and opens a browser at once. */
const tokenMillis = 60 * 60_000
/** Sessions of one account. A further one ends the oldest. */
const sessionsMax = 1000

export interface Session {
  readonly id: string
  readonly caller: Caller
  /** Undefined for a session of the root that the one-time token began. */
  readonly accessKeyId: string | undefined
  /** Set for temporary credentials; the session ends when they expire. */
  readonly securityToken: string | undefined
  /** In elapsed time, which the system clock does not change. */
  readonly startedAt: number
  usedAt: number
}

export interface AccessKeyGiven {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
  readonly securityToken: string | undefined
}

export type SignInFault = "WrongAccessKey" | "WrongToken" | "TooManyTries"

/** What the functions below share: the tables of this process, and the services that they use. */
interface Desk {
  readonly keys: AccessKeys["Service"]
  /** Real time, for temporary credentials. */
  readonly now: () => number
  /** Elapsed time. A session, a token or a block must not last longer or shorter because the system clock was set. */
  readonly elapsed: () => number
  /** An unguessable name of 256 random bits. */
  readonly secretName: () => string
  /** Compares in constant time, whatever the lengths. */
  readonly isSame: (a: string, b: string) => boolean
  readonly sessions: Map<string, Session>
  /** One-time tokens, and until when each is valid. */
  readonly tokens: Map<string, number>
  readonly attempts: Attempts
}

/** Compares digests under a key of this process, so that the time taken does not depend on the texts. */
const comparerOf = (key: Uint8Array): Desk["isSame"] => {
  const digest = (text: string): Uint8Array => createHmac("sha256", key).update(text).digest()
  return (a, b) => timingSafeEqual(digest(a), digest(b))
}

const endOf = ({ usedAt, startedAt }: Session): number => Math.min(usedAt + idleMillis, startedAt + lifeMillis)

const isAlive = ({ elapsed, keys, now }: Desk, session: Session): boolean => {
  if (endOf(session) <= elapsed()) return false
  if (session.accessKeyId === undefined) return true
  const found = keys.find(session.accessKeyId, session.securityToken, now())
  return Result.isSuccess(found) && found.success.active
}

const dropEnded = (desk: Desk): void => {
  for (const [id, session] of desk.sessions) if (!isAlive(desk, session)) desk.sessions.delete(id)
}

const makeRoom = ({ sessions }: Desk, { account }: Caller): void => {
  const others = [...sessions.values()].filter(({ caller }) => caller.account === account)
  const [oldest] = others
  if (others.length >= sessionsMax && oldest !== undefined) sessions.delete(oldest.id)
}

const begin = (desk: Desk, caller: Caller, by: Pick<Session, "accessKeyId" | "securityToken">): Session => {
  dropEnded(desk)
  makeRoom(desk, caller)
  const at = desk.elapsed()
  const session: Session = { id: desk.secretName(), caller, ...by, startedAt: at, usedAt: at }
  desk.sessions.set(session.id, session)
  return session
}

const withAccessKey = (
  desk: Desk,
  { accessKeyId, secret, securityToken }: AccessKeyGiven,
  from: string
): Result.Result<Session, SignInFault> => {
  const by = attemptOf(accessKeyId, from)
  if (!desk.attempts.mayTry(by)) return Result.fail("TooManyTries")
  const found = desk.keys.find(accessKeyId, securityToken, desk.now())
  // An unknown access key takes as long as a wrong secret, and gets the same answer.
  const known = Result.isSuccess(found) ? Redacted.value(found.success.secret) : desk.secretName()
  const isRight = desk.isSame(Redacted.value(secret), known)
  if (Result.isFailure(found) || !isRight || !found.success.active) {
    desk.attempts.noteFailure(by)
    return Result.fail("WrongAccessKey")
  }
  return Result.succeed(begin(desk, found.success.caller, { accessKeyId, securityToken }))
}

const withToken = (desk: Desk, token: string): Result.Result<Session, SignInFault> => {
  for (const [known, until] of desk.tokens) {
    if (until <= desk.elapsed()) desk.tokens.delete(known)
    else if (desk.isSame(token, known)) {
      desk.tokens.delete(known)
      const noKey = { accessKeyId: undefined, securityToken: undefined }
      return Result.succeed(begin(desk, desk.keys.root.caller, noKey))
    }
  }
  return Result.fail("WrongToken")
}

const find = (desk: Desk, id: string, touch: boolean): Session | undefined => {
  const session = desk.sessions.get(id)
  if (session === undefined) return undefined
  if (!isAlive(desk, session)) {
    desk.sessions.delete(id)
    return undefined
  }
  if (touch) session.usedAt = desk.elapsed()
  return session
}

const newToken = (desk: Desk): Redacted.Redacted<string> => {
  const token = desk.secretName()
  desk.tokens.set(token, desk.elapsed() + tokenMillis)
  return Redacted.make(token, { label: "ConsoleToken" })
}

export class Sessions extends Context.Service<
  Sessions,
  {
    readonly withAccessKey: (given: AccessKeyGiven, from: string) => Result.Result<Session, SignInFault>
    /** A token has 256 random bits. Attempts are not counted, so that a stranger cannot block its owner. */
    readonly withToken: (token: string) => Result.Result<Session, SignInFault>
    /** The session, unless it ended or its access key was revoked. `touch` says whether this counts as use. */
    readonly find: (id: string, touch: boolean) => Session | undefined
    /** The real time at which the session ends if it is not used again. */
    readonly endsAt: (session: Session) => number
    readonly end: (id: string) => void
    /** A token that begins one session as the root, once. */
    readonly newToken: () => Redacted.Redacted<string>
  }
>()("keystate/console/Sessions") {
  static readonly layer: Layer.Layer<Sessions, never, AccessKeys | Randomness | Uptime> = Layer.effect(
    Sessions,
    Effect.gen(function* () {
      const randomness = yield* Randomness
      const clock = yield* Clock.Clock
      const { asleepMillis } = yield* Uptime
      const now = (): number => clock.currentTimeMillisUnsafe()
      const elapsed = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6 + asleepMillis()
      const desk: Desk = {
        keys: yield* AccessKeys,
        now,
        elapsed,
        secretName: () => encodeBase64Url(randomness.bytes(32)),
        isSame: comparerOf(randomness.bytes(32)),
        sessions: new Map(),
        tokens: new Map(),
        attempts: makeAttempts(elapsed)
      }
      return {
        withAccessKey: (given, from) => withAccessKey(desk, given, from),
        withToken: (token) => withToken(desk, token),
        endsAt: (session) => now() + Math.round(endOf(session) - elapsed()),
        find: (id, touch) => find(desk, id, touch),
        end: (id) => void desk.sessions.delete(id),
        newToken: () => newToken(desk)
      }
    })
  )
}
