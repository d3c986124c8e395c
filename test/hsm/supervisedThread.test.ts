/** Calls to a thread that was ended. */
import type { Worker } from "node:worker_threads"
import { afterAll, expect, it } from "vitest"
import { makeSupervisedThread } from "../../src/crypto/hsm/pool/supervisedThread.ts"
import type { Outcome, SupervisedThread } from "../../src/crypto/hsm/pool/supervisedThread.ts"
import { makeThreads } from "../../src/crypto/hsm/thread/threads.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
afterAll(() => token.remove())

const started: Array<Worker> = []
process.on("worker", (worker) => {
  started.push(worker)
})

const ping = (seat: SupervisedThread): Promise<Outcome | undefined> =>
  new Promise((resolve) => seat.ask([{ call: "ping", asks: {} }], 120, ([outcome]) => resolve(outcome)))

it("a stopped idle thread gets no call: another thread answers, and no call is lost", async () => {
  const seat = makeSupervisedThread(makeThreads(token, 4000))
  expect(await ping(seat)).toMatchObject({ ok: true })
  for (const thread of started) void thread.terminate()
  expect(await ping(seat)).toMatchObject({ ok: true })
  expect(started).toHaveLength(2)
  await seat.close()
})
