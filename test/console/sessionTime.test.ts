/** Sessions, tokens and blocks of the console keep their duration while the system clock is set. */
import { Clock, Effect, Layer, ManagedRuntime, Redacted, Result } from "effect"
import { expect, it, onTestFinished } from "vitest"
import { AccessKeys } from "../../src/authorization/accessKeys.ts"
import { Sessions } from "../../src/console/server/sessions.ts"
import { AccountId } from "../../src/domain/ids.ts"
import { Randomness } from "../../src/platform/services.ts"
import { Proofs } from "../../src/proof/proofs.ts"
import { memoryStoreLayer } from "../../src/store/memory/memoryStore.ts"
import { Uptime } from "../../src/timers/uptime.ts"

const minute = 60_000
const year = 365 * 24 * 60 * minute

const key = {
  accessKeyId: "rootid",
  secret: Redacted.make("rootsecret"),
  active: true,
  caller: { kind: "root", account: AccountId.make("1000000000000001") }
} as const

/** A machine whose clock and time a test controls. */
const open = async () => {
  const time = { wall: Date.UTC(2026, 0), elapsed: 0, asleep: 0 }
  const real = await Effect.runPromise(Clock.Clock)
  const clock: Clock.Clock = Object.assign(Object.create(real), {
    currentTimeMillisUnsafe: () => time.wall,
    monotonicTimeNanosUnsafe: () => BigInt(time.elapsed) * 1_000_000n
  })
  const keys = Layer.succeed(AccessKeys, {
    find: () => Result.succeed(key),
    current: Effect.void,
    root: key,
    rootIsUnseen: false,
    rootSeen: Effect.void
  })
  const randomness = Layer.succeed(Randomness, {
    bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
    uuid: () => crypto.randomUUID()
  })
  const uptime = Layer.succeed(Uptime, { boot: undefined, millis: () => 0, asleepMillis: () => time.asleep })
  const store = Layer.provideMerge(Proofs.layer, memoryStoreLayer)
  const layer = Sessions.layer.pipe(
    Layer.provide(Layer.mergeAll(keys, randomness, uptime, store)),
    Layer.provide(Layer.succeed(Clock.Clock, clock))
  )
  const runtime = ManagedRuntime.make(layer)
  onTestFinished(() => runtime.dispose())
  const sessions = await runtime.runPromise(Sessions)
  const signIn = (secret = "rootsecret") =>
    Effect.runPromise(
      sessions.withAccessKey({ accessKeyId: "rootid", secret: Redacted.make(secret), securityToken: undefined }, "::1")
    )
  const find = (id: string) => Effect.runPromise(sessions.find(id, true))
  return { time, sessions, signIn, find }
}

it("a session survives a system clock that is a year ahead", async () => {
  const { time, signIn, find } = await open()
  const { id } = Result.getOrThrow(await signIn())
  time.wall += year
  expect(await find(id)).toBeDefined()
})

it("an idle session ends after 30 minutes, also after a start with a wrong system clock", async () => {
  const { time, sessions, signIn, find } = await open()
  time.wall += year
  const session = Result.getOrThrow(await signIn())
  time.wall -= year
  expect(sessions.endsAt(session)).toBe(time.wall + 30 * minute)
  time.elapsed += 31 * minute
  expect(await find(session.id)).toBeUndefined()
})

it("the age of a session includes the time in which the machine was suspended", async () => {
  const { time, signIn, find } = await open()
  const { id } = Result.getOrThrow(await signIn())
  time.asleep += 31 * minute
  expect(await find(id)).toBeUndefined()
})

it("the block after wrong secrets ends after a minute, also with a wrong system clock", async () => {
  const { time, signIn } = await open()
  time.wall += year
  for (let count = 0; count < 10; count++) expect(await signIn("guess")).toMatchObject({ failure: "WrongAccessKey" })
  expect(await signIn()).toMatchObject({ failure: "TooManyTries" })
  time.wall -= year
  time.elapsed += 61_000
  expect(Result.isSuccess(await signIn())).toBe(true)
})

it("the one-time token is valid for an hour, independent of the system clock", async () => {
  const { time, sessions } = await open()
  const early = Redacted.value(await Effect.runPromise(sessions.newToken))
  time.wall += year
  const late = Redacted.value(await Effect.runPromise(sessions.newToken))
  expect(Result.isSuccess(await Effect.runPromise(sessions.withToken(early)))).toBe(true)
  time.wall -= year
  time.elapsed += 61 * minute
  expect(await Effect.runPromise(sessions.withToken(late))).toMatchObject({ failure: "WrongToken" })
})

it("a session ends 30 minutes after its last use", async () => {
  const { time, signIn, find } = await open()
  const { id } = Result.getOrThrow(await signIn())
  for (let count = 0; count < 4; count++) {
    time.elapsed += 29 * minute
    expect(await find(id)).toBeDefined()
  }
  time.elapsed += 30 * minute
  expect(await find(id)).toBeUndefined()
})

it("a session in constant use ends after 12 hours", async () => {
  const { time, signIn, find } = await open()
  const { id } = Result.getOrThrow(await signIn())
  for (let passed = 0; passed < 12 * 60 - 20; passed += 20) {
    time.elapsed += 20 * minute
    expect(await find(id)).toBeDefined()
  }
  time.elapsed += 20 * minute
  expect(await find(id)).toBeUndefined()
})
