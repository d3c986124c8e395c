/** Calls with many requests: each item has the result and the audit record of a single call, in order. */
import { Effect, Layer, ManagedRuntime } from "effect"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Audit } from "../../src/audit/audit.ts"
import { isKmsError } from "../../src/domain/errors.ts"
import { manyRequestsMax } from "../../src/domain/limits.ts"
import { optionsOf } from "../../src/index.ts"
import type { EngineOptions, KmsOptions } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { manyMethods } from "../../src/operation/many.ts"
import type { ItemResult, ManyMethodName } from "../../src/operation/many.ts"
import { createKms } from "../../src/promise.ts"
import { Proofs } from "../../src/proof/proofs.ts"
import type { AuditEntry } from "../../src/records/auditLine.ts"
import { entryOf } from "../../src/records/auditLine.ts"
import { Driver } from "../../src/store/driver.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { Store } from "../../src/store/store.ts"

const Plaintext = "aGVsbG8gd29ybGQ="

const engine = (store: EngineOptions["store"], options: KmsOptions = {}) => {
  const runtime = ManagedRuntime.make(engineLayer(optionsOf(store, { clock: "virtual", hsm: "simulator", ...options })))
  const run = runtime.runPromise
  /** Every record of the log, oldest first. */
  const records = (): Promise<ReadonlyArray<AuditEntry>> =>
    run(
      Effect.gen(function* () {
        yield* (yield* Audit).flush
        const segments = yield* (yield* Store).auditSegments({ afterSeq: 0, limit: 10_000 })
        return segments.flatMap(({ seq, lines }) => lines.map((_, index) => entryOf({ seq, line: index + 1 }, lines)))
      })
    )
  return { run, records, stop: () => runtime.dispose() }
}

const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(1) } as const

const stores = {
  "a store with one engine": () => engine("memory"),
  "a store that engines share": () => engine(Layer.effect(Driver, sharedMemoryDriver), { rootKey })
} as const

/** The names by which the items refer to keys: keys in each state, of other kinds, and names of no key. */
const makeKeys = async (kms: Kms["Service"], run: ReturnType<typeof engine>["run"]) => {
  const create = async (request?: Parameters<typeof kms.createKey>[0]): Promise<string> =>
    (await run(kms.createKey(request))).KeyMetadata.KeyId
  const [enabled, other, disabled, dying, dead] = [
    await create(),
    await create({ KeySpec: "Aliyun_SM4", ProtectionLevel: "HSM" }),
    await create(),
    await create(),
    await create()
  ]
  await run(kms.createAlias({ AliasName: "alias/many", KeyId: other }))
  await run(kms.scheduleKeyDeletion({ KeyId: dead, PendingWindowInDays: 7 }))
  const blobs: Array<string> = []
  for (const KeyId of [enabled, other, disabled, dying, dead]) {
    // The deleted key is only scheduled so far, so it makes no blob.
    if (KeyId !== dead) blobs.push((await run(kms.encrypt({ KeyId, Plaintext }))).CiphertextBlob)
  }
  await run(kms.advanceClock({ By: "8d" }))
  await run(kms.disableKey({ KeyId: disabled }))
  await run(kms.scheduleKeyDeletion({ KeyId: dying, PendingWindowInDays: 7 }))
  const keys = [
    enabled,
    other,
    disabled,
    dying,
    dead,
    "alias/many",
    "alias/none",
    "no key at all",
    await create({ Origin: "EXTERNAL" }),
    await create({ KeySpec: "EC_P256", ProtectionLevel: "HSM", KeyUsage: "SIGN/VERIFY" }),
    await create({ ProtectionLevel: "HSM" })
  ]
  const broken = blobs.map((blob) => `${blob.slice(0, -8)}AAAAAAA=`)
  return { keys, blobs: [...blobs, ...broken, "bm90IGEgYmxvYg==", "not Base64", ""] }
}

const contexts = fc.constantFrom(undefined, { tenant: "7" }, '{"tenant":"7"}', "{", { tenant: 7 })
/** A DryRun, a value of another type, or nothing. */
const dryRuns = fc.constantFrom(undefined, undefined, undefined, true, false, "maybe")

const itemOf = ({
  keys,
  blobs
}: Awaited<ReturnType<typeof makeKeys>>): Record<ManyMethodName, fc.Arbitrary<unknown>> => {
  const common = { EncryptionContext: contexts, DryRun: dryRuns }
  const key = fc.constantFrom(...keys, undefined, 7)
  const odd = fc.constantFrom(undefined, null, {}, { Unknown: "parameter" })
  const plaintext = fc.constantFrom(Plaintext, "", new Uint8Array([1, 2, 3]), "x".repeat(9000), undefined)
  return {
    encryptMany: fc.oneof(
      { weight: 9, arbitrary: fc.record({ ...common, KeyId: key, Plaintext: plaintext }) },
      { weight: 1, arbitrary: odd }
    ),
    decryptMany: fc.oneof(
      { weight: 9, arbitrary: fc.record({ ...common, CiphertextBlob: fc.constantFrom(...blobs, undefined) }) },
      { weight: 1, arbitrary: odd }
    ),
    generateDataKeys: fc.oneof(
      {
        weight: 9,
        arbitrary: fc.record({
          ...common,
          KeyId: key,
          KeySpec: fc.constantFrom(undefined, "AES_128", "AES_512"),
          NumberOfBytes: fc.constantFrom(undefined, 16, 0, 5000)
        })
      },
      { weight: 1, arbitrary: odd }
    )
  }
}

type AnyResult = ItemResult<Readonly<Record<string, unknown>>, unknown>

/** A method that is called without its types. */
const untyped = (kms: Kms["Service"], name: string) =>
  Reflect.get(kms, name) as (given: unknown) => Effect.Effect<unknown, unknown>

const singles = async (
  service: ReturnType<typeof engine>,
  kms: Kms["Service"],
  name: ManyMethodName,
  items: ReadonlyArray<unknown>
) => {
  const operation = manyMethods[name]
  const method = untyped(kms, `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`)
  const results: Array<AnyResult> = []
  for (const item of items) {
    const call = Effect.match(method(item), {
      onSuccess: (reply) => ({ ok: true, reply }) as AnyResult,
      onFailure: (error): AnyResult => ({ ok: false, error })
    })
    results.push(await service.run(call))
  }
  return results
}

const requestIdOf = (result: AnyResult): unknown =>
  result.ok ? result.reply["RequestId"] : isKmsError(result.error) && result.error.requestId

/** The parts that must be equal: all but random bytes and request ids. A ciphertext is compared by its content. */
const comparable = async (
  service: ReturnType<typeof engine>,
  kms: Kms["Service"],
  result: AnyResult,
  item: unknown
) => {
  if (!result.ok) {
    if (!isKmsError(result.error)) throw result.error
    const { code, httpStatus, message, hint, parameter, resource, allowedStates } = result.error
    return { code, httpStatus, message, hint, parameter, resource, allowedStates }
  }
  const { CiphertextBlob, KeyId, KeyVersionId, Plaintext: text, ...rest } = result.reply
  const members = { KeyId, KeyVersionId, names: Object.keys(rest) }
  if (typeof CiphertextBlob !== "string") return { ...members, text }
  const EncryptionContext: unknown = Reflect.get(Object(item), "EncryptionContext")
  const opened = await service.run(untyped(kms, "decrypt")({ CiphertextBlob, EncryptionContext }))
  const held: unknown = Reflect.get(Object(opened), "Plaintext")
  // A new data key is random: only its length is compared, and that both forms contain the same key.
  return text === undefined ? { ...members, held } : { ...members, isSame: held === text, length: String(text).length }
}

/** The records of the results, in the order of the results. */
const recordsOf = (records: ReadonlyArray<AuditEntry>, results: ReadonlyArray<AnyResult>) => {
  const byRequest = Map.groupBy(records, ({ requestId }) => requestId)
  return results.map((result) =>
    (byRequest.get(String(requestIdOf(result))) ?? []).map(({ alarm, at, keyId, operation, outcome, principal }) => ({
      alarm,
      at,
      keyId,
      operation,
      outcome,
      principal
    }))
  )
}

describe.each(Object.entries(stores))("calls with many items on %s", (_, start) => {
  let service: ReturnType<typeof engine>
  let kms: Kms["Service"]
  let names: Awaited<ReturnType<typeof makeKeys>>
  beforeAll(async () => {
    service = start()
    kms = await service.run(Effect.service(Kms))
    names = await makeKeys(kms, service.run)
  })
  afterAll(() => service.stop())

  it.each(Object.keys(manyMethods) as Array<ManyMethodName>)(
    "%s gives each item the result and the audit record of a single call",
    async (name) => {
      await fc.assert(
        fc.asyncProperty(fc.array(itemOf(names)[name], { minLength: 1, maxLength: 90 }), async (items) => {
          const one = await singles(service, kms, name, items)
          const all = (await service.run(untyped(kms, name)(items))) as ReadonlyArray<AnyResult>
          const records = await service.records()
          expect(all).toHaveLength(items.length)
          expect(new Set(all.map(requestIdOf)).size).toBe(items.length)
          for (const [place, item] of items.entries()) {
            const [single, many] = [one[place], all[place]]
            if (single === undefined || many === undefined) throw new Error(`item ${place} has no result`)
            expect(await comparable(service, kms, many, item)).toEqual(await comparable(service, kms, single, item))
          }
          const recorded = recordsOf(records, all)
          expect(recorded.every((found) => found.length === 1)).toBe(true)
          expect(recorded).toEqual(recordsOf(records, one))
        }),
        { numRuns: 8 }
      )
    }
  )

  it("a revocation during a call with many items refuses every later item and call", async () => {
    const { KeyId } = (await service.run(kms.createKey())).KeyMetadata
    const items = Array.from({ length: 500 }, () => ({ KeyId, Plaintext }))
    const running = service.run(kms.encryptMany(items))
    await service.run(kms.disableKey({ KeyId }))
    const after = await service.run(kms.encryptMany(items.slice(0, 3)))
    const codes = (await running).map((result) => (result.ok ? "Success" : result.error.code))
    const refusedAt = codes.indexOf("Rejected.Disabled")
    expect(codes.slice(refusedAt < 0 ? codes.length : refusedAt)).not.toContain("Success")
    expect(after.map((result) => result.ok || result.error.code)).toEqual(Array(3).fill("Rejected.Disabled"))
  })
})

it("a call with many requests asks the shared store once for every 64 requests", async () => {
  const service = stores["a store that engines share"]()
  const kms = await service.run(Effect.service(Kms))
  const { counts } = await service.run(Effect.service(Proofs))
  const keyIds: Array<string> = []
  for (let n = 0; n < 4; n++) keyIds.push((await service.run(kms.createKey())).KeyMetadata.KeyId)
  for (const KeyId of keyIds) await service.run(kms.encrypt({ KeyId, Plaintext }))
  const before = counts().requests
  const items = Array.from({ length: 129 }, (_, n) => ({ KeyId: keyIds[n % 4] ?? "", Plaintext }))
  expect((await service.run(kms.encryptMany(items))).every(({ ok }) => ok)).toBe(true)
  expect(counts().requests - before).toBe(3)
  await service.stop()
})

it("a call with many items and a strict audit returns after every record is stored", async () => {
  const service = engine("memory", { audit: "strict" })
  const kms = await service.run(Effect.service(Kms))
  const audit = await service.run(Effect.service(Audit))
  const { KeyId } = (await service.run(kms.createKey())).KeyMetadata
  const made = await service.run(kms.generateDataKeys(Array.from({ length: 100 }, () => ({ KeyId }))))
  expect([made.length, audit.waiting()]).toEqual([100, 0])
  await service.stop()
})

it("a call with many items counts each item against the request quota", async () => {
  await using kms = await createKms({ requestQuotas: { symmetric: 5 } })
  const { KeyId } = (await kms.createKey()).KeyMetadata
  const results = await kms.encryptMany(Array.from({ length: 300 }, () => ({ KeyId, Plaintext })))
  const codes = results.map((result) => (result.ok ? "Success" : result.error.code))
  expect(codes.slice(0, 5)).toEqual(Array(5).fill("Success"))
  expect(codes).toContain("Rejected.Throttling")
})

it("a call with many items answers the items of its beginning if the caller changes the array", async () => {
  await using kms = await createKms()
  const { KeyId } = (await kms.createKey()).KeyMetadata
  const items = Array.from({ length: 200 }, () => ({ KeyId, Plaintext }))
  const running = kms.encryptMany(items)
  items.length = 0
  expect((await running).filter(({ ok }) => ok)).toHaveLength(200)
})

it("a call with an empty array has an empty answer", async () => {
  await using kms = await createKms()
  expect(await kms.encryptMany([])).toEqual([])
})

it(`refuses more than ${manyRequestsMax} requests, and a request that is no array, as a whole`, async () => {
  await using kms = await createKms()
  const { KeyId } = (await kms.createKey()).KeyMetadata
  const refusal = async (requests: unknown) =>
    Reflect.apply(kms.encryptMany, kms, [requests]).then(
      () => undefined,
      (error: unknown) => isKmsError(error) && [error.code, error.hint]
    )
  expect(await refusal(Array.from({ length: manyRequestsMax + 1 }, () => ({ KeyId, Plaintext })))).toEqual([
    "InvalidParameter",
    "requests holds 10001 requests; the limit is 10000."
  ])
  expect(await refusal({ KeyId, Plaintext })).toEqual(["InvalidParameter", "requests must be an array of requests."])
})
