/** The threads that call a token: after any fault of them or of it, every answer is correct or an error. */
import { renameSync, writeFileSync } from "node:fs"
import type { Worker } from "node:worker_threads"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Scope } from "effect"
import { makePool } from "../../src/crypto/hsm/pool/pool.ts"
import type { CallFailed, CallTimeouts, Pool } from "../../src/crypto/hsm/pool/pool.ts"
import { unasked, unhurried } from "./inToken.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
afterAll(() => token.remove())

/** Threads that were started and ran. */
const threads = new Set<Worker>()
process.on("worker", (worker) => {
  threads.add(worker)
  worker.on("exit", () => threads.delete(worker))
})

let named = 0
const freshName = () => ({ id: crypto.getRandomValues(new Uint8Array(16)), label: `keystate test ${named++}` })
const spec = "Aliyun_AES_256"
const iv = new Uint8Array(12)
const aad = new Uint8Array(46).fill(1)
const plaintext = new TextEncoder().encode("text")

const withPool = <A>(
  use: (pool: Pool) => Effect.Effect<A, CallFailed, Scope.Scope>,
  timeouts: CallTimeouts = unhurried
) => Effect.scoped(Effect.flatMap(makePool(token, timeouts), use))

const endOf = <A>(call: Effect.Effect<A, CallFailed>) =>
  Effect.match(call, { onSuccess: () => "ok", onFailure: ({ failure }) => failure })

/** A pool that does not recover reaches the time limit of the test. */
const untilWell = (pool: Pool): Effect.Effect<void> =>
  Effect.gen(function* () {
    while (pool.trouble() !== undefined) yield* Effect.sleep(20)
  })

describe("a pool of threads on a token", () => {
  it.live("a pool of token threads seals, opens, and refuses changed input, also for empty text", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const name = freshName()
        yield* pool.call("makeSecret", { name, spec })
        for (const text of [plaintext, new Uint8Array(0), new Uint8Array(6144)]) {
          const sealed = yield* pool.call("seal", { name, spec, iv, aad, plaintext: text })
          expect(sealed.length).toBe(text.length + 16)
          expect(yield* pool.call("unseal", { name, spec, iv, aad, sealed })).toStrictEqual(new Uint8Array(text))
          const changed = sealed.with(0, (sealed[0] ?? 0) ^ 1)
          for (const [wrongAad, wrong] of [
            [aad, changed],
            [aad, sealed.slice(0, -1)],
            [aad, new Uint8Array(3)],
            [new Uint8Array(46), sealed]
          ] as const) {
            expect(yield* endOf(pool.call("unseal", { name, spec, iv, aad: wrongAad, sealed: wrong }))).toBe("Rejected")
          }
          expect(yield* pool.call("unseal", { name, spec, iv, aad, sealed })).toStrictEqual(new Uint8Array(text))
        }
      })
    )
  )

  it.live("a pool of token threads answers nothing while its token is away, and works after its return", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const name = freshName()
        const check = yield* pool.call("makeSecret", { name, spec })
        const away = `${token.tokens}.away`
        renameSync(token.tokens, away)
        expect(yield* endOf(pool.call("checkSecret", { name, spec }))).toBe("Unreachable")
        expect(pool.trouble()).toBeDefined()
        renameSync(away, token.tokens)
        yield* untilWell(pool)
        expect(yield* pool.call("checkSecret", { name, spec })).toStrictEqual(check)
      })
    )
  )

  it.live("a pool of token threads replaces threads that are killed during calls, without a wrong answer", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const name = freshName()
        const check = yield* pool.call("makeSecret", { name, spec })
        const state = { ended: false }
        const killing = Effect.gen(function* () {
          for (let kills = 0; kills < 6; kills++) {
            yield* Effect.sleep(150)
            const running = [...threads].at(-1 - (kills % 2))
            if (running !== undefined) yield* Effect.promise(() => running.terminate())
          }
          state.ended = true
        })
        const names = Array.from({ length: 4 }, freshName)
        const working = Effect.gen(function* () {
          const outcomes: Array<string> = []
          while (!state.ended) {
            const sealed = yield* Effect.result(pool.call("seal", { name, spec, iv, aad, plaintext }))
            if (sealed._tag === "Success") {
              const opened = yield* Effect.result(pool.call("unseal", { name, spec, iv, aad, sealed: sealed.success }))
              if (opened._tag === "Success") expect(opened.success).toStrictEqual(new Uint8Array(plaintext))
            }
            outcomes.push(sealed._tag)
          }
          return outcomes
        })
        const making = Effect.forEach(names, (name) => endOf(pool.call("makeSecret", { name, spec })))
        const [, worked, made] = yield* Effect.all([killing, working, making], { concurrency: "unbounded" })
        expect(worked).toContain("Success")
        yield* untilWell(pool)
        expect(yield* pool.call("checkSecret", { name, spec })).toStrictEqual(check)
        for (const [i, end] of made.entries()) {
          const held = yield* pool.call("list", { labelPrefix: names[i]?.label ?? "" })
          if (end === "ok") expect(held.length).toBe(1)
        }
      })
    )
  )

  it.live("a pool of token threads loses and repeats no call when a thread is killed with a waiting message", () =>
    withPool(
      (pool) =>
        Effect.gen(function* () {
          const name = freshName()
          yield* pool.call("makeSecret", { name, spec })
          const sealed = yield* pool.call("seal", { name, spec, iv, aad, plaintext })
          for (let round = 0; round < 3; round++) {
            let answers = 0
            // More calls than two messages contain, so that one message waits in the thread's queue.
            const opening = Effect.forEach(
              Array.from({ length: 96 }),
              () =>
                Effect.tap(pool.call("unseal", { name, spec, iv, aad, sealed }), () => Effect.sync(() => answers++)),
              { concurrency: "unbounded" }
            )
            const killing = Effect.promise(() => Promise.all([...threads].map((thread) => thread.terminate())))
            const [opened] = yield* Effect.all([opening, killing], { concurrency: "unbounded" })
            expect(opened).toStrictEqual(Array.from({ length: 96 }, () => new Uint8Array(plaintext)))
            expect(answers).toBe(96)
          }
        }),
      unasked
    )
  )

  it.live("a pool of token threads uses no thread that was killed while idle", () =>
    withPool(
      (pool) =>
        Effect.gen(function* () {
          const name = freshName()
          yield* pool.call("makeSecret", { name, spec })
          const sealed = yield* pool.call("seal", { name, spec, iv, aad, plaintext })
          const unseal = pool.call("unseal", { name, spec, iv, aad, sealed })
          // Each call is sent alone, so that both threads start.
          const makings = Array.from({ length: 4 }, () => pool.call("makeSecret", { name: freshName(), spec }))
          yield* Effect.all(makings, { concurrency: "unbounded" })
          expect(threads.size).toBeGreaterThan(1)
          for (const thread of threads) void thread.terminate()
          const opened = yield* Effect.all(
            Array.from({ length: 40 }, () => unseal),
            { concurrency: "unbounded" }
          )
          expect(opened).toStrictEqual(Array.from({ length: 40 }, () => new Uint8Array(plaintext)))
        }),
      unasked
    )
  )

  it.live("a pool of token threads reports a destroyed key as missing, also after a second destruction", () =>
    withPool((pool) =>
      Effect.gen(function* () {
        const name = freshName()
        yield* pool.call("makeSecret", { name, spec })
        yield* pool.call("destroy", { name })
        yield* pool.call("destroy", { name })
        expect(yield* endOf(pool.call("checkSecret", { name, spec }))).toBe("Missing")
        expect(pool.trouble()).toBeUndefined()
      })
    )
  )

  it.live("a pool of token threads reports a wrong PIN, label or module at once, without a retry", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const pinFile = `${token.pinFile}.wrong`
        writeFileSync(pinFile, "not the pin\n", { mode: 0o600 })
        const refusal = (options: typeof token) => Effect.flip(makePool(options))
        // The login belongs to the process: while another session has one, no PIN is needed.
        const wrong = yield* refusal({ ...token, pinFile })
        expect(wrong).toMatchObject({ failure: "PinRefused", detail: "CKR_PIN_INCORRECT" })
        expect(yield* refusal({ ...token, pinFile: `${pinFile}.none` })).toMatchObject({ failure: "PinRefused" })
        expect((yield* refusal({ ...token, label: "another" })).detail).toContain("no token is labelled another")
        expect((yield* refusal({ ...token, module: "/nowhere/module.so" })).failure).toBe("Unreachable")
      })
    )
  )
})
