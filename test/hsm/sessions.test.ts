/** Sessions: the reported number is correct, and none remains at the end. */
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { makePool } from "../../src/crypto/hsm/pool/pool.ts"
import type { Pool } from "../../src/crypto/hsm/pool/pool.ts"
import { makeFaultyToken } from "./faultyModule.ts"
import { withModule } from "./inToken.ts"

const token = makeFaultyToken()
afterAll(() => {
  token.heal()
  token.remove()
})

const name = { id: new Uint8Array(16).fill(1), label: "keystate sessions" }
const digest = new Uint8Array(32)

/** A token that does not return reaches the time limit of the test. */
const untilWell = (pool: Pool) =>
  Effect.gen(function* () {
    do yield* Effect.sleep(50)
    while (pool.trouble() !== undefined)
  })

const said = (pool: Pool) => ({ said: pool.sessions(), open: token.sessions() })

const used = Effect.gen(function* () {
  const pool = yield* makePool(token)
  yield* pool.call("makePair", { name, spec: "RSA_2048", unwraps: false })
  expect(said(pool)).toEqual({ said: 2, open: 2 })
  const sign = pool.call("sign", { name, algorithm: "RSA_PSS_SHA_256", digest })
  // Enough simultaneous calls to need the second thread.
  const signs = Effect.all(
    Array.from({ length: 24 }, () => sign),
    { concurrency: "unbounded" }
  )
  yield* signs
  expect(said(pool)).toEqual({ said: 4, open: 4 })
  withModule(token, ({ module, slot }) => module.C_CloseAllSessions(slot))
  yield* signs
  expect(said(pool)).toEqual({ said: 4, open: 4 })
  for (const failing of ["C_OpenSession", "C_Login"]) {
    withModule(token, ({ module, slot }) => module.C_CloseAllSessions(slot))
    token.arm({ function: failing, how: "CKR_DEVICE_ERROR", after: false, times: undefined })
    expect((yield* Effect.flip(sign)).failure).toBe("Unreachable")
    expect(said(pool), failing).toEqual({ said: 0, open: 0 })
    token.heal()
    yield* untilWell(pool)
    yield* sign
    expect(said(pool), failing).toEqual({ said: 4, open: 4 })
  }
}).pipe(Effect.scoped)

describe("token sessions", () => {
  it.live("token sessions are counted correctly with every thread and after faults, and none remains", () =>
    Effect.gen(function* () {
      yield* used
      expect(token.sessions()).toBe(0)
    })
  )
})
