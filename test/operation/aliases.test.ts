/** Aliases: their names, their keys, and their end (API reference 5). */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { placeFor, refusal, refused } from "./doors.ts"
import type { Place } from "./doors.ts"

const malformed = [
  "alias/",
  "alias",
  "a",
  "Alias/a",
  " alias/a",
  "alias/a ",
  "alias/a.b",
  "alias/ä",
  "alias/a\n",
  `alias/${"x".repeat(256)}`
]
const reserved = ["alias/acs", "alias/acs/oss", "alias/acsOfMine"]

describe.each(["memory", "sqlite"])("on the %s store", (kind) => {
  let place: Place
  let kms: PromiseKms
  beforeAll(async () => {
    place = placeFor(kind)
    kms = await createKms({ clock: "virtual", store: place.store })
  })
  afterAll(() => kms.close().finally(() => place[Symbol.dispose]()))

  const newKey = async (): Promise<string> => (await kms.createKey()).KeyMetadata.KeyId
  const aliasesOf = async (KeyId: string): Promise<ReadonlyArray<string>> =>
    (await kms.listAliasesByKeyId({ KeyId })).Aliases.Alias.map(({ AliasName }) => AliasName)

  it("CreateAlias accepts alias/ and 1 to 255 letters, digits, underscores, hyphens and slashes", async () => {
    const KeyId = await newKey()
    for (const AliasName of ["alias/a", "alias/A_b-c/9", "alias//", `alias/${"x".repeat(255)}`, "alias/ac"]) {
      await kms.createAlias({ KeyId, AliasName })
      expect((await kms.describeKey({ KeyId: AliasName })).KeyMetadata.KeyId).toBe(KeyId)
    }
    for (const AliasName of [...malformed, ...reserved]) {
      expect(await refused(kms.createAlias({ KeyId, AliasName }))).toEqual(["InvalidParameter", "AliasName"])
      expect(await refused(kms.updateAlias({ KeyId, AliasName }))).toEqual(["InvalidParameter", "AliasName"])
      expect(await refused(kms.deleteAlias({ AliasName }))).toEqual(["InvalidParameter", "AliasName"])
    }
  })

  it("an alias stands for its key in some operations, and the reply names the key", async () => {
    const KeyId = await newKey()
    await kms.createAlias({ KeyId, AliasName: "alias/orders" })
    const [listed] = (await kms.listAliasesByKeyId({ KeyId })).Aliases.Alias
    const AliasArn = "acs:kms:cn-hangzhou:1000000000000001:alias/orders"
    expect(listed).toEqual({ AliasName: "alias/orders", KeyId, AliasArn })
    for (const reference of ["alias/orders", AliasArn]) {
      const sealed = await kms.encrypt({ KeyId: reference, Plaintext: "aGk=" })
      expect(sealed.KeyId).toBe(KeyId)
      expect((await kms.generateDataKey({ KeyId: reference })).KeyId).toBe(KeyId)
      expect((await kms.listKeyVersions({ KeyId: reference })).TotalCount).toBe(1)
      expect((await refusal(kms.disableKey({ KeyId: reference }))).code).toBe("Unsupported.Alias")
    }
    expect((await refusal(kms.encrypt({ KeyId: "alias/Orders", Plaintext: "aGk=" }))).code).toBe(
      "Forbidden.AliasNotFound"
    )
  })

  it("an alias moves at once, also to its present key, and is listed once", async () => {
    const [from, to] = [await newKey(), await newKey()]
    await kms.createAlias({ KeyId: from, AliasName: "alias/moving" })
    await kms.updateAlias({ KeyId: from, AliasName: "alias/moving" })
    expect(await aliasesOf(from)).toEqual(["alias/moving"])
    await kms.updateAlias({ KeyId: to, AliasName: "alias/moving" })
    expect([await aliasesOf(from), await aliasesOf(to)]).toEqual([[], ["alias/moving"]])
    expect((await kms.describeKey({ KeyId: "alias/moving" })).KeyMetadata.KeyId).toBe(to)
  })

  it("simultaneous moves of one alias leave the alias with one key", async () => {
    const keys = await Promise.all(Array.from({ length: 12 }, newKey))
    await kms.createAlias({ KeyId: keys[0] ?? "", AliasName: "alias/contended" })
    await Promise.all(keys.map((KeyId) => kms.updateAlias({ KeyId, AliasName: "alias/contended" })))
    const holders = await Promise.all(keys.map(aliasesOf))
    expect(holders.flat()).toEqual(["alias/contended"])
    const removed = await Promise.allSettled(keys.map(() => kms.deleteAlias({ AliasName: "alias/contended" })))
    expect(removed.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
  })

  it("an alias survives PendingDeletion, can be deleted then, and is deleted with its key", async () => {
    const KeyId = await newKey()
    await kms.createAlias({ KeyId, AliasName: "alias/late" })
    await kms.createAlias({ KeyId, AliasName: "alias/later" })
    await kms.tagResource({ KeyId, Tags: '[{"TagKey":"gone","TagValue":"soon"}]' })
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    const call = kms.encrypt({ KeyId: "alias/late", Plaintext: "aGk=" })
    expect((await refusal(call)).code).toBe("Rejected.PendingDeletion")
    await kms.deleteAlias({ AliasName: "alias/late" })
    await kms.clock.advance("7d")
    expect((await refusal(kms.describeKey({ KeyId: "alias/later" }))).code).toBe("Forbidden.AliasNotFound")
    const { Alias } = (await kms.listAliases({ PageSize: 100 })).Aliases
    expect(Alias.filter((alias) => alias.KeyId === KeyId)).toEqual([])
    const tagged = await kms.listTagResources({ ResourceType: "key", Tag: [{ Key: "gone" }] })
    expect(tagged.TagResources.TagResource).toEqual([])
    const next = await newKey()
    await kms.createAlias({ KeyId: next, AliasName: "alias/later" })
    expect(await aliasesOf(next)).toEqual(["alias/later"])
  })
})
