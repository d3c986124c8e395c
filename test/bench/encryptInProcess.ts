/** Encrypt of 32 bytes through the whole engine, against direct calls of the same primitives, and of node:crypto. */
import { Effect, ManagedRuntime } from "effect"
import { prepareVersionKey, sealMessage } from "../../src/crypto/message.ts"
import { aes256GcmDerived } from "../../src/crypto/blob.ts"
import { nativePrimitives, nodeSymmetric } from "../../src/crypto/native/nativePrimitives.ts"
import type { Primitives } from "../../src/crypto/primitives.ts"
import { encodeBase64 } from "../../src/encoding/base64.ts"
import { KeyId, KeyVersionId } from "../../src/domain/ids.ts"
import { Randomness } from "../../src/platform/services.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { Kms } from "../../src/kms.ts"
import { toBytes } from "../../src/operation/cryptography/symmetric.ts"
import { alternate, perCpuSecond, rate, row } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

/** Enough for several garbage collections: a shorter round would not include the cost of most of the floor's garbage. */
const count = 60_000
const rounds = 7

export const encryptInProcess = async (): Promise<ReadonlyArray<Row>> => {
  const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory: scratchDirectory() }, {})))
  const { kms, randomness } = await runtime.runPromise(Effect.all({ kms: Kms, randomness: Randomness }))
  const { KeyMetadata } = await runtime.runPromise(kms.createKey({}))
  const Plaintext = encodeBase64(new Uint8Array(32).fill(7))
  const request = { KeyId: KeyMetadata.KeyId, Plaintext }
  const context = new Uint8Array(0)

  /**
   * The minimal work of a service with this blob format and this answer. It seals and opens the message (sealMessage
   * does both), encodes it in Base64, and draws a request id.
   */
  const floorOf = (primitives: Primitives) => {
    const key = prepareVersionKey({
      primitives,
      algorithm: aes256GcmDerived,
      row: {
        keyId: KeyId.make("6c1f0a2e-51a0-4a52-9d0f-3d6b4f3f2a10"),
        keyVersionId: KeyVersionId.make("0f6d1a52-9b1b-4f0e-8a39-1d1f0a7c6b21")
      },
      material: randomness.bytes(32)
    })
    const bare = () => {
      const plaintext = toBytes(Plaintext)
      const nonce = randomness.bytes(16)
      const blob = sealMessage({ primitives, key, nonce, plaintext, context })
      if (blob === undefined) throw new Error("the blob does not open")
      return { CiphertextBlob: encodeBase64(blob), RequestId: randomness.uuid() }
    }
    return async (): Promise<number> => {
      const before = process.cpuUsage()
      for (let i = 0; i < count; i++) bare()
      return perCpuSecond(count, before)
    }
  }
  const ours = async (): Promise<number> => {
    const before = process.cpuUsage()
    await runtime.runPromise(
      Effect.gen(function* () {
        for (let i = 0; i < count; i++) yield* kms.encrypt(request)
      })
    )
    return perCpuSecond(count, before)
  }
  const measured = async (name: string, primitives: Primitives, goal: number): Promise<Row> => {
    const { floor, ours: own, ratio } = await alternate(rounds, floorOf(primitives), ours)
    return row(`in-process Encrypt of 32 bytes / ${name}`, ratio, goal, `${rate(own)} of ${rate(floor)}`)
  }
  const rows = [
    await measured("the same work bare on node:crypto", { ...nativePrimitives, ...nodeSymmetric }, 0.9),
    // Cheaper primitives make each call faster and lower this ratio (docs/decisions/0055).
    await measured("the same primitives bare", nativePrimitives, 0.35)
  ]
  await runtime.dispose()
  return rows
}
