/** The store enforces quotas: they are exact, also for two services on one store. */
import { Effect, Exit, Layer, Scope } from "effect"
import { describe, expect, it } from "vitest"
import { Kms } from "../../src/kms.ts"
import type { KmsShape } from "../../src/kms.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { Driver } from "../../src/store/driver.ts"
import { sharedMemoryDriver } from "../../src/store/memory/memoryStore.ts"
import { aliasesPerRealmMax, groupsMax, keysPerRealmMax } from "../../src/domain/limits.ts"

const callsAtOnce = 1000

/** Two services on one shared memory store, for the duration of `work`. */
const onTwo = <A>(work: (services: readonly [KmsShape, KmsShape]) => Effect.Effect<A, unknown>): Promise<A> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const store = Layer.succeed(Driver, yield* sharedMemoryDriver)
      const rootKey = { kind: "bytes", bytes: new Uint8Array(32).fill(7) } as const
      const options = optionsOf(store, { clock: "virtual", rootKey })
      const scope = yield* Scope.make()
      const open = Layer.build(Layer.fresh(engineLayer(options))).pipe(Scope.provide(scope))
      const kmsOf = Effect.flatMap(open, (context) => Effect.provide(Kms, context))
      const services = [yield* kmsOf, yield* kmsOf] as const
      return yield* Effect.ensuring(work(services), Scope.close(scope, Exit.void))
    })
  )

/** The number of successful calls, and the refusals of the others. */
const outcomes = (call: (at: number) => Effect.Effect<unknown, { readonly code: string }>) =>
  Effect.gen(function* () {
    const told = yield* Effect.forEach(
      Array.from({ length: callsAtOnce }, (_, at) => at),
      (at) => Effect.match(call(at), { onSuccess: () => "Success", onFailure: ({ code }) => code }),
      { concurrency: "unbounded" }
    )
    return Object.fromEntries([...Map.groupBy(told, (code) => code)].map(([code, all]) => [code, all.length]))
  })

describe("quotas of two services on one store", () => {
  it("a thousand CreateKey calls through two services create as many keys as the quota allows", async () => {
    const [seen, total] = await onTwo((services) =>
      Effect.gen(function* () {
        const counts = yield* outcomes((at) => services[at % 2 === 0 ? 0 : 1].createKey({}))
        return [counts, (yield* services[0].listKeys({})).TotalCount] as const
      })
    )
    expect(seen).toEqual({ Success: keysPerRealmMax, "Rejected.LimitExceeded": callsAtOnce - keysPerRealmMax })
    expect(total).toBe(keysPerRealmMax)
  })

  it("a thousand calls through two services create as many RAM groups as the quota allows", async () => {
    const [seen, total] = await onTwo((services) =>
      Effect.gen(function* () {
        const counts = yield* outcomes((at) => services[at % 2 === 0 ? 0 : 1].ram.createGroup({ GroupName: `g${at}` }))
        return [counts, (yield* services[0].ram.listGroups({ MaxItems: 1000 })).Groups.Group.length] as const
      })
    )
    expect(seen).toEqual({ Success: groupsMax, "LimitExceeded.Group": callsAtOnce - groupsMax })
    expect(total).toBe(groupsMax)
  })

  it("a thousand calls through two services create as many aliases as the quota allows", async () => {
    const [seen, total] = await onTwo((services) =>
      Effect.gen(function* () {
        const keys = yield* Effect.forEach(Array.from({ length: 20 }), () => services[0].createKey({}))
        const counts = yield* outcomes((at) => {
          const key = keys[at % keys.length]?.KeyMetadata.KeyId ?? ""
          return services[at % 2 === 0 ? 0 : 1].createAlias({ KeyId: key, AliasName: `alias/${at}` })
        })
        return [counts, (yield* services[1].listAliases({})).TotalCount] as const
      })
    )
    expect(seen).toEqual({ Success: aliasesPerRealmMax, "Rejected.LimitExceeded": callsAtOnce - aliasesPerRealmMax })
    expect(total).toBe(aliasesPerRealmMax)
  })
})
