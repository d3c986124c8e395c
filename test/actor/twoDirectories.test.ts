/** Two services on one store: each sees the other's changes when it decides, and retries after a conflict. */
import { Effect, Exit, Layer, Scope } from "effect"
import type { Context } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { KeyDirectory } from "../../src/actor/keyDirectory.ts"
import { Kms } from "../../src/kms.ts"
import { serviceLayer, storedEngineLayer } from "../../src/main.ts"
import { AccountId, KeyId, RegionId } from "../../src/domain/ids.ts"
import { Store } from "../../src/store/store.ts"

const realm = { account: AccountId.make("1000000000000001"), region: RegionId.make("cn-hangzhou") }
const options = {
  realm,
  store: "memory",
  clock: { mode: "frozen", at: 1_767_225_600_000 },
  crypto: "native",
  hsm: "none",
  audit: "batched",
  rootKey: undefined,
  accessKey: undefined,
  seed: "two directories",
  fixtures: undefined,
  deletionWindowMax: 30,
  failpoints: undefined,
  randomness: undefined
} as const

const day = 86_400_000

const scope = Scope.makeUnsafe()
const open = Effect.gen(function* () {
  const stored = yield* Layer.build(storedEngineLayer(options)).pipe(Scope.provide(scope))
  const build = Layer.build(Layer.fresh(serviceLayer(options))).pipe(Effect.provide(stored), Scope.provide(scope))
  return { stored, first: yield* build, second: yield* build }
})
type Opened = Effect.Success<typeof open>

describe("two services on one store", () => {
  let opened: Opened
  const kmsOf = (context: Context.Context<Kms>) => Effect.runSync(Effect.provide(Kms, context))
  beforeAll(async () => {
    opened = await Effect.runPromise(open)
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

  const newKey = async () => {
    const [first, second] = [kmsOf(opened.first), kmsOf(opened.second)]
    const { KeyMetadata } = await Effect.runPromise(first.createKey())
    await Effect.runPromise(second.describeKey({ KeyId: KeyMetadata.KeyId }))
    return { first, second, keyId: KeyMetadata.KeyId }
  }

  it("a service decides a change again if the other service on its store committed first", async () => {
    const { first, second, keyId } = await newKey()
    await Effect.runPromise(first.disableKey({ KeyId: keyId }))
    await Effect.runPromise(second.updateKeyDescription({ KeyId: keyId, Description: "by the second" }))
    const { KeyMetadata } = await Effect.runPromise(second.describeKey({ KeyId: keyId }))
    expect(KeyMetadata).toMatchObject({ KeyState: "Disabled", Description: "by the second" })
  })

  it("a service refuses a change by the stored configuration, not by its cached one", async () => {
    const { first, second, keyId } = await newKey()
    await Effect.runPromise(first.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 }))
    const refused = await Effect.runPromise(Effect.flip(second.disableKey({ KeyId: keyId })))
    expect(refused).toMatchObject({ code: "Rejected.StateModifiedFailed", keyState: "PendingDeletion" })
  })

  it("a service refuses a key that another disabled, after a conflict with that change", async () => {
    const { first, second, keyId } = await newKey()
    await Effect.runPromise(second.encrypt({ KeyId: keyId, Plaintext: "AAAA" }))
    await Effect.runPromise(first.disableKey({ KeyId: keyId }))
    await Effect.runPromise(second.tagResource({ KeyId: keyId, Tags: '[{"TagKey":"a","TagValue":"b"}]' }))
    const refused = await Effect.runPromise(Effect.flip(second.encrypt({ KeyId: keyId, Plaintext: "AAAA" })))
    expect(refused.code).toBe("Rejected.Disabled")
  })

  it("two services on one store answer every simultaneous change and keep one journal", async () => {
    const { first, second, keyId } = await newKey()
    const changes = Array.from({ length: 40 }, (_, n) =>
      (n % 2 === 0 ? first : second).updateKeyDescription({ KeyId: keyId, Description: `change ${n}` })
    )
    await Effect.runPromise(Effect.all(changes, { concurrency: "unbounded" }))
    const entries = await Effect.runPromise(
      Effect.flatMap(Store, (store) => store.journal({ keyId: KeyId.make(keyId), afterSeq: 0, limit: 100 })).pipe(
        Effect.provide(opened.stored)
      )
    )
    expect(entries).toHaveLength(41)
  })

  const cause = { principal: "root", requestId: "a request", operation: "an operation" }
  const actorOf = (context: Opened["first"], keyId: string) =>
    Effect.runPromise(
      Effect.provide(KeyDirectory, context).pipe(Effect.flatMap((all) => all.find(realm, KeyId.make(keyId))))
    )

  it("a deletion keeps its full window if another service has dated a change after its end", async () => {
    const { keyId } = await newKey()
    const { at } = options.clock
    const [ahead, behind] = [await actorOf(opened.first, keyId), await actorOf(opened.second, keyId)]
    await Effect.runPromise(ahead.tell({ type: "DisableKey", at: at + 9 * day }, cause))
    const told = behind.tell({ type: "ScheduleKeyDeletion", at, dueAt: at + 7 * day }, cause)
    const { context } = await Effect.runPromise(told)
    expect(context.deletion?.dueAt).toBe(at + 16 * day)
  })

  it("a service refuses material that expired while the import waited", async () => {
    const { first } = await newKey()
    const { at } = options.clock
    const { KeyMetadata } = await Effect.runPromise(first.createKey({ Origin: "EXTERNAL" }))
    const actor = await actorOf(opened.first, KeyMetadata.KeyId)
    const told = actor.tell({ type: "ImportKeyMaterial", at, fingerprint: "f", expiresAt: at }, cause)
    expect(await Effect.runPromise(Effect.flip(told))).toMatchObject({
      code: "InvalidParameter",
      parameter: "KeyMaterialExpireUnix"
    })
  })

  it("two services on one store send only data to their keys", async () => {
    const { first, keyId } = await newKey()
    const directory = Effect.runSync(Effect.provide(KeyDirectory, opened.first))
    const actor = await Effect.runPromise(directory.find(realm, KeyId.make(keyId)))
    const told: Array<ReadonlyArray<unknown>> = []
    const tell = actor.tell.bind(actor)
    Object.assign(actor, {
      tell: (...message: Parameters<typeof tell>) => {
        told.push(message)
        return tell(...message)
      }
    })
    const messages = [
      first.updateKeyDescription({ KeyId: keyId, Description: "told" }),
      first.tagResource({ KeyId: keyId, Tags: '[{"TagKey":"a","TagValue":"b"}]' }),
      first.untagResource({ KeyId: keyId, TagKeys: '["a"]' }),
      first.setDeletionProtection({
        KeyId: keyId,
        EnableDeletionProtection: true,
        DeletionProtectionDescription: "why"
      }),
      first.setDeletionProtection({ KeyId: keyId, EnableDeletionProtection: false }),
      first.createAlias({ KeyId: keyId, AliasName: "alias/told" }),
      first.deleteAlias({ AliasName: "alias/told" }),
      first.disableKey({ KeyId: keyId }),
      first.enableKey({ KeyId: keyId }),
      first.scheduleKeyDeletion({ KeyId: keyId, PendingWindowInDays: 7 })
    ]
    await Effect.runPromise(Effect.all(messages, { concurrency: 1 }))
    expect(told).toHaveLength(messages.length)
    for (const message of told) {
      const given = message.filter((part) => part !== undefined)
      expect(structuredClone(given)).toEqual(given)
      expect(JSON.parse(JSON.stringify(given))).toEqual(given)
    }
  })
})
