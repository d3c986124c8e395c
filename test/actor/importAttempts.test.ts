/** An import token permits sixteen wrong uses in any order, and none after them. */
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Fiber } from "effect"
import { describe, expect, it } from "vitest"
import { importFailuresMax } from "../../machines/importSession.ts"
import type { CryptoProvider } from "../../src/crypto/provider.ts"
import { Kms, optionsOf } from "../../src/index.ts"
import { wrap } from "../guide/material.ts"
import { serviceOver } from "./changedProviders.ts"

/** Counts and delays unwrapping, so that attempts overlap. */
const counting =
  (count: { unwraps: number }) =>
  (provider: CryptoProvider): CryptoProvider => ({
    ...provider,
    importMaterial: (request) =>
      Effect.suspend(() => {
        count.unwraps++
        return Effect.andThen(Effect.sleep(1), Effect.ensuring(provider.importMaterial(request), Effect.sleep(1)))
      })
  })

const wrapping = "RSAES_PKCS1_V1_5"

const newToken = Effect.fnUntraced(function* (KeyId: string) {
  const kms = yield* Kms
  return yield* kms.getParametersForImport({ KeyId, WrappingAlgorithm: wrapping, WrappingKeySpec: "RSA_2048" })
})

interface Parameters {
  readonly KeyId: string
  readonly ImportToken: string
  readonly PublicKey: string
}

const importBytes = ({ ImportToken, KeyId }: Parameters, bytes: Uint8Array) =>
  Effect.flatMap(Kms, (kms) =>
    kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial: Buffer.from(bytes).toString("base64") })
  ).pipe(
    Effect.as("Success"),
    Effect.catch(({ code }) => Effect.succeed<string>(code))
  )

const rightBytes = ({ PublicKey }: Parameters, material: Uint8Array): Uint8Array =>
  Buffer.from(wrap(PublicKey, wrapping, material), "base64")

/** Simultaneous wrong attempts. */
const tries = (parameters: Parameters, count: number) =>
  Effect.all(
    Array.from({ length: count }, () => importBytes(parameters, randomBytes(256).fill(0, 0, 1))),
    { concurrency: "unbounded" }
  )

const inScratch = async (work: (start: Start) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-attempts-"))
  const start: Start = (count, program) => {
    const options = optionsOf({ directory }, { clock: "virtual" })
    return Effect.runPromise(program.pipe(Effect.provide(serviceOver(options, counting(count)))).pipe(Effect.orDie))
  }
  try {
    await work(start)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Runs a program on a new service each time, with the same data. */
type Start = <A, E>(count: { unwraps: number }, program: Effect.Effect<A, E, Kms>) => Promise<A>

const newExternalKey = Effect.flatMap(Kms, (kms) => kms.createKey({ Origin: "EXTERNAL" }))

describe("wrong uses of an import token", () => {
  it("counts wrong uses of an import token over a restart, and refuses a right use after the limit", () =>
    inScratch(async (start) => {
      const count = { unwraps: 0 }
      const parameters = await start(
        count,
        Effect.gen(function* () {
          const { KeyId } = (yield* newExternalKey).KeyMetadata
          const parameters = yield* newToken(KeyId)
          expect(new Set(yield* tries(parameters, 10))).toEqual(new Set(["InvalidKeyMaterial"]))
          return parameters
        })
      )
      expect(count.unwraps).toBe(10)
      await start(
        count,
        Effect.gen(function* () {
          expect(new Set(yield* tries(parameters, 40))).toEqual(new Set(["InvalidKeyMaterial"]))
          const right = rightBytes(parameters, randomBytes(32))
          expect(yield* importBytes(parameters, right)).toBe("InvalidKeyMaterial")
          expect(count.unwraps).toBe(importFailuresMax)
          const fresh = yield* newToken(parameters.KeyId)
          expect(yield* importBytes(fresh, rightBytes(fresh, randomBytes(32)))).toBe("Success")
        })
      )
    }))

  it("counts wrong uses of an import token whose caller does not wait for the answer", () =>
    inScratch(async (start) => {
      const count = { unwraps: 0 }
      await start(
        count,
        Effect.gen(function* () {
          const { KeyId } = (yield* newExternalKey).KeyMetadata
          const parameters = yield* newToken(KeyId)
          for (let turn = 0; turn < 3 * importFailuresMax; turn++) {
            const fiber = yield* Effect.forkChild(tries(parameters, 1))
            const before = count.unwraps
            for (let wait = 0; wait < 20 && count.unwraps === before; wait++) yield* Effect.yieldNow
            yield* Fiber.interrupt(fiber)
          }
          expect(count.unwraps).toBeGreaterThan(0)
          expect(count.unwraps).toBeLessThanOrEqual(importFailuresMax)
        })
      )
    }))
})
