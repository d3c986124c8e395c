/** Sessions, tokens and blocks of the console last as long as they should while the system clock is set. */
import { Clock, Effect, Layer, Redacted, Result } from "effect"
import { expect, it } from "vitest"
import { AccessKeys } from "../../src/authorization/accessKeys.ts"
import { Sessions } from "../../src/console/server/sessions.ts"
import { AccountId } from "../../src/domain/ids.ts"
import { Randomness } from "../../src/platform/services.ts"
import { Uptime } from "../../src/timers/uptime.ts"

const minute = 60_000
const year = 365 * 24 * 60 * minute

const key = {
  accessKeyId: "rootid",
  secret: Redacted.make("rootsecret"),
  active: true,
  caller: { kind: "root", account: AccountId.make("1000000000000001") }
} as const

/** A machine whose clock a test sets, and whose time passes only when the test says so. */
const open = async () => {
  const time = { wall: Date.UTC(2026, 0), elapsed: 0, asleep: 0 }
  const real = await Effect.runPromise(Clock.Clock)
  const clock: Clock.Clock = Object.assign(Object.create(real), {
    currentTimeMillisUnsafe: () => time.wall,
    monotonicTimeNanosUnsafe: () => BigInt(time.elapsed) * 1_000_000n
  })
  const keys = Layer.succeed(AccessKeys, {
    find: () => Result.succeed(key),
    root: key,
    rootIsUnseen: false,
    rootSeen: Effect.void
  })
  const randomness = Layer.succeed(Randomness, {
    bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    uuid: () => crypto.randomUUID()
  })
  const uptime = Layer.succeed(Uptime, { boot: undefined, millis: () => 0, asleepMillis: () => time.asleep })
  const layer = Sessions.layer.pipe(Layer.provide(Layer.mergeAll(keys, randomness, uptime)))
  const sessions = await Sessions.pipe(
    Effect.provide(layer),
    Effect.provideService(Clock.Clock, clock),
    Effect.runPromise
  )
  const signIn = (secret = "rootsecret") =>
    sessions.withAccessKey({ accessKeyId: "rootid", secret: Redacted.make(secret), securityToken: undefined }, "::1")
  return { time, sessions, signIn }
}

it("keeps a session while the system clock is set a year ahead, so that its user can reject that time", async () => {
  const { time, sessions, signIn } = await open()
  const { id } = Result.getOrThrow(signIn())
  time.wall += year
  expect(sessions.find(id, true)).toBeDefined()
})

it("ends an idle session after 30 minutes although it began while the system clock was a year ahead", async () => {
  const { time, sessions, signIn } = await open()
  time.wall += year
  const session = Result.getOrThrow(signIn())
  time.wall -= year
  expect(sessions.endsAt(session)).toBe(time.wall + 30 * minute)
  time.elapsed += 31 * minute
  expect(sessions.find(session.id, true)).toBeUndefined()
})

it("counts the time in which the machine was suspended", async () => {
  const { time, sessions, signIn } = await open()
  const { id } = Result.getOrThrow(signIn())
  time.asleep += 31 * minute
  expect(sessions.find(id, true)).toBeUndefined()
})

it("lifts the block of a guesser after a minute although the system clock was a year ahead", async () => {
  const { time, signIn } = await open()
  time.wall += year
  for (let count = 0; count < 10; count++) expect(signIn("guess")).toMatchObject({ failure: "WrongAccessKey" })
  expect(signIn()).toMatchObject({ failure: "TooManyTries" })
  time.wall -= year
  time.elapsed += 61_000
  expect(Result.isSuccess(signIn())).toBe(true)
})

it("takes the one-time token for an hour, whatever the system clock says", async () => {
  const { time, sessions } = await open()
  const early = Redacted.value(sessions.newToken())
  time.wall += year
  const late = Redacted.value(sessions.newToken())
  expect(Result.isSuccess(sessions.withToken(early))).toBe(true)
  time.wall -= year
  time.elapsed += 61 * minute
  expect(sessions.withToken(late)).toMatchObject({ failure: "WrongToken" })
})
