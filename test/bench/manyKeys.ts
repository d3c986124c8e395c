/** A store with 100,000 keys: the time to the first answer, and the effect on Encrypt. */
import { Effect, ManagedRuntime } from "effect"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { Kms } from "../../src/kms.ts"
import { benchRootKey } from "./benchStore.ts"
import { fill } from "./filledStore.ts"
import { alternate, median, perSecond, rate, rowAtMost } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const startRounds = 5
const encrypts = 10_000
const rounds = 7

const Plaintext = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="

/** Seconds from nothing to the first answered Encrypt. */
const startSeconds = async (directory: string, keyId: string): Promise<number> => {
  const startedAt = process.hrtime.bigint()
  const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory }, benchRootKey)))
  await runtime.runPromise(Effect.flatMap(Kms, (kms) => kms.encrypt({ KeyId: keyId, Plaintext })))
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
  await runtime.dispose()
  return seconds
}

export const manyKeys = async (): Promise<ReadonlyArray<Row>> => {
  const [large, small] = [scratchDirectory(), scratchDirectory()]
  const { keyId: largeKey } = await fill(large, { keys: 100_000, sampleSize: 1 })
  const { keyId: smallKey } = await fill(small, { keys: 100, sampleSize: 1 })
  const starts: Array<number> = []
  for (let i = 0; i < startRounds; i++) starts.push(await startSeconds(large, largeKey))
  const encrypting = (directory: string, KeyId: string) => {
    const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory }, benchRootKey)))
    const rateOf = async (): Promise<number> => {
      const startedAt = process.hrtime.bigint()
      await runtime.runPromise(
        Effect.gen(function* () {
          const kms = yield* Kms
          for (let i = 0; i < encrypts; i++) yield* kms.encrypt({ KeyId, Plaintext })
        })
      )
      return perSecond(encrypts, startedAt)
    }
    return { rateOf, stop: () => runtime.dispose() }
  }
  const many = encrypting(large, largeKey)
  const few = encrypting(small, smallKey)
  const measured = await alternate(rounds, few.rateOf, many.rateOf)
  await Promise.all([many.stop(), few.stop()])
  const seconds = median(starts)
  return [
    rowAtMost("start to first answer with 100,000 keys / 1 s", seconds, 1, `${Math.round(seconds * 1000)} ms`),
    rowAtMost(
      "Encrypt time with 100,000 keys / with 100 keys",
      1 / measured.ratio,
      1.3,
      `${rate(measured.ours)} and ${rate(measured.floor)}`
    )
  ]
}
