/** Threads inside the module: they are never stopped there, and the process is not harmed. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import type { Worker } from "node:worker_threads"
import { afterAll, afterEach, describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { makePool } from "../../src/crypto/hsm/pool/pool.ts"
import { patience } from "../patience.ts"
import { programOf } from "../programs.ts"
import { makeFaultyToken } from "./faultyModule.ts"
import { unasked } from "./inToken.ts"

const token = makeFaultyToken()
afterEach(() => token.heal())
afterAll(() => token.remove())

/** Threads that were started and ran. */
const threads = new Set<Worker>()
process.on("worker", (worker) => {
  threads.add(worker)
  worker.on("exit", () => threads.delete(worker))
})

const endThreads = Effect.promise(() => Promise.all([...threads].map((thread) => thread.terminate())))

const spec = "Aliyun_AES_256"
const iv = new Uint8Array(12)
const aad = new Uint8Array(46).fill(1)
const plaintext = new TextEncoder().encode("text")

const until = (isSo: () => boolean) =>
  Effect.gen(function* () {
    while (!isSo()) yield* Effect.sleep(20)
  })

/** The calls of a new thread to connect, to find the key, and to use it. */
const functions = [
  "C_GetTokenInfo",
  "C_OpenSession",
  "C_FindObjectsInit",
  "C_FindObjects",
  "C_DecryptInit",
  "C_Decrypt"
]

describe("a thread that is stopped", () => {
  for (const inside of functions) {
    it.live(`a thread that is stopped in ${inside} does no harm, and another thread answers its calls`, () =>
      Effect.gen(function* () {
        const pool = yield* makePool(token, unasked)
        const name = { id: new Uint8Array(16).fill(7), label: `keystate threads ${inside}` }
        yield* pool.call("makeSecret", { name, spec })
        const sealed = yield* pool.call("seal", { name, spec, iv, aad, plaintext })
        for (let round = 0; round < 3; round++) {
          yield* endThreads
          token.arm({ function: inside, how: "pause", after: true, times: 1 })
          const opening = yield* Effect.forkChild(pool.call("unseal", { name, spec, iv, aad, sealed }))
          yield* until(() => token.hits() === 1)
          const ending = yield* Effect.forkChild(endThreads, { startImmediately: true })
          token.heal()
          expect(yield* Fiber.join(opening)).toStrictEqual(new Uint8Array(plaintext))
          yield* Fiber.join(ending)
        }
      }).pipe(Effect.scoped)
    )
  }
})

describe("a slow token", () => {
  it.live("a slow token gets calls from a second thread while the first one waits", () =>
    Effect.gen(function* () {
      const pool = yield* makePool(token, unasked)
      const name = { id: new Uint8Array(16).fill(9), label: "keystate threads slow" }
      yield* pool.call("makeSecret", { name, spec })
      const sealed = yield* pool.call("seal", { name, spec, iv, aad, plaintext })
      const opening = Effect.forkChild(pool.call("unseal", { name, spec, iv, aad, sealed }), { startImmediately: true })
      token.arm({ function: "C_Decrypt", how: "pause", after: true, times: undefined })
      const slow = yield* opening
      yield* until(() => token.hits() === 1)
      // The time of a fast token for a thousand calls.
      yield* Effect.sleep(50)
      token.heal()
      expect(yield* Fiber.join(slow)).toStrictEqual(new Uint8Array(plaintext))
      token.arm({ function: "C_Decrypt", how: "pause", after: true, times: undefined })
      // Calls of one tick go in one message, to one thread.
      const first = yield* opening
      yield* until(() => token.hits() === 1)
      const second = yield* opening
      yield* until(() => token.hits() === 2)
      token.heal()
      for (const one of [first, second]) expect(yield* Fiber.join(one)).toStrictEqual(new Uint8Array(plaintext))
    }).pipe(Effect.scoped)
  )
})

describe("threads that connect at once", () => {
  it.live("threads that connect at the same time connect one after the other, as modules require", () =>
    Effect.gen(function* () {
      const pool = yield* makePool(token, unasked)
      const name = { id: new Uint8Array(16).fill(8), label: "keystate threads pair" }
      yield* pool.call("makePair", { name, spec: "RSA_2048", unwraps: false })
      const sign = pool.call("sign", { name, algorithm: "RSA_PSS_SHA_256", digest: new Uint8Array(32) })
      yield* endThreads
      token.arm({ function: "C_Initialize", how: "pause", after: true, times: undefined })
      const signing = yield* Effect.forkChild(Effect.replicateEffect(sign, 24, { concurrency: "unbounded" }))
      yield* until(() => token.hits() === 1 && threads.size === 2)
      yield* Effect.sleep(500)
      expect(token.hits()).toBe(1)
      token.heal()
      expect(yield* Fiber.join(signing)).toHaveLength(24)
    }).pipe(Effect.scoped)
  )
})

const leaver = await programOf("hsmLeaver")

/** Its status or signal, and its output. */
const leaving = async (waitsMillis: number, meanwhile: () => Promise<void>) => {
  token.arm({ function: "C_FindObjects", how: "pause", after: true, times: 1 })
  const child = spawn(process.execPath, [leaver, token.module, token.label, token.pinFile, String(waitsMillis)])
  let said = ""
  child.stderr.on("data", (some: Buffer) => (said += some.toString()))
  await expect.poll(() => token.hits()).toBe(1)
  child.stdin.write("exit\n")
  await meanwhile()
  const [status, signal]: ReadonlyArray<unknown> = child.exitCode === null ? await once(child, "close") : []
  return { status, signal, said }
}

describe("a process that ends itself while a thread is in the module", () => {
  it.live("a process that ends itself waits until its thread has left the module", () =>
    Effect.gen(function* () {
      const meanwhile = async () => {
        await new Promise((resolve) => setTimeout(resolve, 500))
        token.heal()
      }
      const end = yield* Effect.promise(() => leaving(patience, meanwhile))
      expect(end).toEqual({ status: 3, signal: null, said: "" })
    })
  )

  it.live("a process that ends itself is killed with a message if its thread does not leave the module", () =>
    Effect.gen(function* () {
      const end = yield* Effect.promise(() => leaving(2000, async () => {}))
      expect(end).toEqual({
        status: null,
        signal: "SIGKILL",
        said: "keystate: killed: the token's module does not return\n"
      })
    })
  )
})
