/** Who is signed in to the console: sessions in memory, each standing for a caller of the API and for nothing more. */
import { createHmac, timingSafeEqual } from "node:crypto"
import { Clock, Context, Effect, Layer, Redacted, Result } from "effect"
import { AccessKeys } from "../../authorization/accessKeys.ts"
import type { Caller } from "../../authorization/caller.ts"
import { encodeBase64Url } from "../../encoding/base64.ts"
import { Randomness } from "../../platform/services.ts"

/** A session that is not used ends after half an hour, and any session after half a day. */
export const idleMillis = 30 * 60_000
const lifeMillis = 12 * 3_600_000
/** The token that `serve` prints is for whoever starts it and opens a browser at once. */
const tokenMillis = 60 * 60_000
/** Wrong tries of one access key from one address, after which they have to wait. */
export const failuresMax = 10
const failureMillis = 60_000
/** Pairs of address and access key that are remembered for their wrong tries. */
const failuresKeptMax = 10_000
/** Sessions of one account; the oldest makes way for the next. */
const sessionsMax = 1000

export interface Session {
  readonly id: string
  readonly caller: Caller
  /** Undefined where the one-time token began it: that stands for the root. */
  readonly accessKeyId: string | undefined
  /** Of temporary credentials; a session ends with them. */
  readonly securityToken: string | undefined
  readonly startedAt: number
  usedAt: number
}

export interface AccessKeyGiven {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
  readonly securityToken: string | undefined
}

export type SignInFault = "WrongAccessKey" | "WrongToken" | "TooManyTries"

export class Sessions extends Context.Service<
  Sessions,
  {
    readonly withAccessKey: (given: AccessKeyGiven, from: string) => Result.Result<Session, SignInFault>
    /** A token has 256 random bits: tries are not counted, so that a stranger cannot keep its owner out. */
    readonly withToken: (token: string) => Result.Result<Session, SignInFault>
    /** The session, unless it ended or its access key was taken away. `touch`: whether looking counts as use. */
    readonly find: (id: string, touch: boolean) => Session | undefined
    /** When it will end if nobody uses it. */
    readonly endsAt: (session: Session) => number
    readonly end: (id: string) => void
    /** A token that begins one session as the root, once. */
    readonly newToken: () => Redacted.Redacted<string>
  }
>()("keystate/console/Sessions") {
  static readonly layer: Layer.Layer<Sessions, never, AccessKeys | Randomness> = Layer.effect(
    Sessions,
    Effect.gen(function* () {
      const keys = yield* AccessKeys
      const randomness = yield* Randomness
      const wall = yield* Clock.Clock
      const sessions = new Map<string, Session>()
      const tokens = new Map<string, number>()
      const failures = new Map<string, { count: number; until: number }>()
      const now = (): number => wall.currentTimeMillisUnsafe()
      const secretName = (): string => encodeBase64Url(randomness.bytes(32))
      /** Texts are compared by their digests under a key of this process: in constant time, whatever their lengths. */
      const comparing = randomness.bytes(32)
      const digest = (text: string): Uint8Array => createHmac("sha256", comparing).update(text).digest()
      const isSame = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

      /**
       * By address and access key: by the address alone, one person behind a proxy would keep out everybody there; by the
       * access key alone, a stranger would keep out its owner.
       */
      const tryOf = (accessKeyId: string, from: string): string => `${from} ${accessKeyId}`
      const mayTry = (by: string): boolean => {
        const failed = failures.get(by)
        if (failed === undefined || failed.until <= now()) return true
        return failed.count < failuresMax
      }
      const noteFailure = (by: string): void => {
        const before = failures.get(by)
        const count = before === undefined || before.until <= now() ? 1 : before.count + 1
        failures.delete(by)
        const oldest = failures.keys().next()
        if (failures.size >= failuresKeptMax && oldest.done === false) failures.delete(oldest.value)
        failures.set(by, { count, until: now() + failureMillis })
      }

      const begin = (caller: Caller, by: Pick<Session, "accessKeyId" | "securityToken">): Session => {
        for (const [id, session] of sessions) if (!isAlive(session)) sessions.delete(id)
        const others = [...sessions.values()].filter(({ caller: { account } }) => account === caller.account)
        const [oldest] = others
        if (others.length >= sessionsMax && oldest !== undefined) sessions.delete(oldest.id)
        const session: Session = { id: secretName(), caller, ...by, startedAt: now(), usedAt: now() }
        sessions.set(session.id, session)
        return session
      }

      const endsAt = ({ usedAt, startedAt }: Session): number => Math.min(usedAt + idleMillis, startedAt + lifeMillis)
      const isAlive = (session: Session): boolean => {
        if (endsAt(session) <= now()) return false
        if (session.accessKeyId === undefined) return true
        const found = keys.find(session.accessKeyId, session.securityToken, now())
        return Result.isSuccess(found) && found.success.active
      }

      return {
        withAccessKey: ({ accessKeyId, secret, securityToken }, from) => {
          const by = tryOf(accessKeyId, from)
          if (!mayTry(by)) return Result.fail("TooManyTries")
          const found = keys.find(accessKeyId, securityToken, now())
          // An unknown access key takes as long as a wrong secret, and gets the same answer.
          const known = Result.isSuccess(found) ? Redacted.value(found.success.secret) : secretName()
          const right = isSame(Redacted.value(secret), known)
          if (Result.isFailure(found) || !right || !found.success.active) {
            noteFailure(by)
            return Result.fail("WrongAccessKey")
          }
          return Result.succeed(begin(found.success.caller, { accessKeyId, securityToken }))
        },
        withToken: (token) => {
          for (const [known, until] of tokens) {
            if (until <= now()) tokens.delete(known)
            else if (isSame(token, known)) {
              tokens.delete(known)
              return Result.succeed(begin(keys.root.caller, { accessKeyId: undefined, securityToken: undefined }))
            }
          }
          return Result.fail("WrongToken")
        },
        endsAt,
        find: (id, touch) => {
          const session = sessions.get(id)
          if (session === undefined) return undefined
          if (!isAlive(session)) {
            sessions.delete(id)
            return undefined
          }
          if (touch) session.usedAt = now()
          return session
        },
        end: (id) => void sessions.delete(id),
        newToken: () => {
          const token = secretName()
          tokens.set(token, now() + tokenMillis)
          return Redacted.make(token, { label: "ConsoleToken" })
        }
      }
    })
  )
}
