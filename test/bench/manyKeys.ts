/** A store with 100,000 keys: the time to the first answer, and the effect on Encrypt. */
import { Effect, ManagedRuntime } from "effect"
import { create, freeze } from "../../machines/cmk.ts"
import { AccountId, KeyId, KeyVersionId, RegionId } from "../../src/domain/ids.ts"
import { Randomness } from "../../src/platform/services.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { Kms } from "../../src/kms.ts"
import { Store } from "../../src/store/store.ts"
import { genesis } from "../../src/records/hashChain.ts"
import type { Change } from "../../src/records/rows.ts"
import { alternate, median, perSecond, rate, rowAtMost } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const startRounds = 5
const encrypts = 10_000
const rounds = 7

/** Other accounts' keys: an account has 200 at most. */
const changeFor = (index: number, uuid: () => string): Change => {
  const keyId = KeyId.make(uuid())
  const keyVersionId = KeyVersionId.make(uuid())
  const realm = {
    account: AccountId.make(String(2_000_000 + Math.floor(index / 200))),
    region: RegionId.make("cn-hangzhou")
  }
  const at = 1_767_225_600_000 + index
  const input = {
    origin: "Aliyun_KMS",
    kind: "symmetric",
    spec: "Aliyun_AES_256",
    usage: "ENCRYPT/DECRYPT",
    protection: "SOFTWARE",
    serviceKey: false,
    newestVersionId: keyVersionId,
    newestVersionAt: at,
    rotationIntervalMillis: null
  } as const
  const metadata = { description: `key ${index}`, creator: realm.account, createdAt: at }
  const requestId = uuid()
  return {
    keyId,
    realm,
    expectedEpoch: 0,
    previous: genesis,
    entry: {
      keyId,
      seq: 1,
      at,
      principal: "bench",
      requestId,
      payload: { type: "CreateKey", input, realm, metadata }
    },
    snapshot: freeze(create(input).next),
    metadata,
    deadlines: [],
    newVersions: [{ keyId, keyVersionId, createdAt: at, stored: { sealed: new Uint8Array(65), publicKey: undefined } }],
    eraseMaterial: false,
    dropAliases: false,
    owed: [],
    audit: {
      at,
      requestId,
      principal: "bench",
      operation: "CreateKey",
      keyId,
      outcome: "Success",
      before: null,
      after: "Enabled"
    }
  }
}

const fill = (directory: string, keys: number): Promise<string> => {
  const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory }, {})))
  const filling = Effect.gen(function* () {
    const store = yield* Store
    const { uuid } = yield* Randomness
    const kms = yield* Kms
    for (let from = 0; from < keys; from += 250) {
      const batch = Array.from({ length: Math.min(250, keys - from) }, (_, i) => changeFor(from + i, uuid))
      yield* Effect.forEach(batch, store.commit, { concurrency: "unbounded", discard: true })
    }
    return (yield* kms.createKey()).KeyMetadata.KeyId
  })
  return runtime.runPromise(filling).finally(() => runtime.dispose())
}

const Plaintext = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="

/** Seconds from nothing to the first answered Encrypt. */
const startSeconds = async (directory: string, keyId: string): Promise<number> => {
  const startedAt = process.hrtime.bigint()
  const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory }, {})))
  await runtime.runPromise(Effect.flatMap(Kms, (kms) => kms.encrypt({ KeyId: keyId, Plaintext })))
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
  await runtime.dispose()
  return seconds
}

export const manyKeys = async (): Promise<ReadonlyArray<Row>> => {
  const [large, small] = [scratchDirectory(), scratchDirectory()]
  const largeKey = await fill(large, 100_000)
  const smallKey = await fill(small, 100)
  const starts: Array<number> = []
  for (let i = 0; i < startRounds; i++) starts.push(await startSeconds(large, largeKey))
  const encrypting = (directory: string, KeyId: string) => {
    const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory }, {})))
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
