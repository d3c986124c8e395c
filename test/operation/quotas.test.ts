/** Quotas are exact, also for simultaneous calls (API reference 11). */
import { describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { aliasesPerRealmMax, keysPerRealmMax } from "../../src/domain/limits.ts"
import { placeFor, refusal } from "./doors.ts"

const granted = (results: ReadonlyArray<PromiseSettledResult<unknown>>): number =>
  results.filter(({ status }) => status === "fulfilled").length

const codes = (results: ReadonlyArray<PromiseSettledResult<unknown>>): ReadonlySet<unknown> =>
  new Set(
    results.flatMap((result) => (result.status === "rejected" ? [Reflect.get(Object(result.reason), "code")] : []))
  )

const times = <A>(count: number, make: (at: number) => Promise<A>) =>
  Promise.allSettled(Array.from({ length: count }, (_, at) => make(at)))

describe.each(["memory", "sqlite"])("on the %s store", (kind) => {
  it("simultaneous CreateKey calls never exceed the quota of keys", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    await kms.createServiceKey({ Service: "OSS" })
    await times(190, () => kms.createKey())
    const results = await times(50, () => kms.createKey())
    expect([granted(results), codes(results)]).toEqual([10, new Set(["Rejected.LimitExceeded"])])
    expect((await kms.listKeys()).TotalCount).toBe(keysPerRealmMax + 1)
    // A service key does not count, and a deleted key frees its place.
    await kms.createServiceKey({ Service: "ECS" })
    const { Keys } = await kms.listKeys({ Filters: '[{"Key":"CreatorType","Values":["User"]}]' })
    await kms.scheduleKeyDeletion({ KeyId: Keys.Key[0]?.KeyId ?? "", PendingWindowInDays: 7 })
    expect((await refusal(kms.createKey())).code).toBe("Rejected.LimitExceeded")
    await kms.clock.advance("7d")
    expect(granted(await times(5, () => kms.createKey({ Origin: "EXTERNAL" })))).toBe(1)
  })

  it("a refused key does not use up the quota", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    await times(199, () => kms.createKey())
    await times(20, () => kms.createKey({ ProtectionLevel: "HSM" }))
    expect(granted(await times(2, () => kms.createKey()))).toBe(1)
  })

  it("simultaneous CreateAlias calls never exceed the quota, and a used name is reported first", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    const { KeyId } = (await kms.createKey()).KeyMetadata
    const bind = (name: string) => kms.createAlias({ KeyId, AliasName: `alias/${name}` })
    for (const batch of ["a", "b", "c"]) await times(batch === "c" ? 95 : 100, (at) => bind(`${batch}${at}`))
    const results = await times(40, (at) => bind(`last/${at}`))
    expect([granted(results), codes(results)]).toEqual([5, new Set(["Rejected.LimitExceeded"])])
    expect((await kms.listAliases()).TotalCount).toBe(aliasesPerRealmMax)
    expect((await refusal(bind("a0"))).code).toBe("AliasAlreadyExists")
    await kms.deleteAlias({ AliasName: "alias/a0" })
    await bind("a0")
    expect((await refusal(bind("one-more"))).code).toBe("Rejected.LimitExceeded")
  })

  it("one of 20 simultaneous CreateAlias calls for a name succeeds", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    const keys = await Promise.all(Array.from({ length: 20 }, async () => (await kms.createKey()).KeyMetadata.KeyId))
    const results = await Promise.allSettled(keys.map((KeyId) => kms.createAlias({ KeyId, AliasName: "alias/wanted" })))
    expect([granted(results), codes(results)]).toEqual([1, new Set(["AliasAlreadyExists"])])
  })
})
