/** Filters and pages of ListKeys, and pages of the other lists (API reference 3, 5, 7, 12). */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { placeFor, refused } from "./doors.ts"
import type { Place } from "./doors.ts"

type Filter = readonly [key: string, ...values: ReadonlyArray<string>]

describe.each(["memory", "sqlite"])("on the %s store", (kind) => {
  let place: Place
  let kms: PromiseKms
  const named = new Map<string, string>()
  beforeAll(async () => {
    place = placeFor(kind)
    kms = await createKms({ clock: "virtual", hsm: "simulator", store: place.store })
    const births = {
      aes: {},
      hsm: { ProtectionLevel: "HSM" },
      sm4: { KeySpec: "Aliyun_SM4", ProtectionLevel: "HSM" },
      signer: { KeySpec: "EC_P256" },
      waiting: { Origin: "EXTERNAL" },
      disabled: {},
      doomed: {}
    } as const
    for (const [name, request] of Object.entries(births)) {
      named.set((await kms.createKey(request)).KeyMetadata.KeyId, name)
    }
    named.set((await kms.createServiceKey({ Service: "OSS" })).KeyMetadata.KeyId, "service")
    const idOf = (name: string): string => [...named].find(([, each]) => each === name)?.[0] ?? ""
    await kms.disableKey({ KeyId: idOf("disabled") })
    await kms.scheduleKeyDeletion({ KeyId: idOf("doomed") })
  })
  afterAll(() => kms.close().finally(() => place[Symbol.dispose]()))

  const found = async (...filters: ReadonlyArray<Filter>): Promise<ReadonlyArray<string | undefined>> => {
    const Filters = JSON.stringify(filters.map(([Key, ...Values]) => ({ Key, Values })))
    const { Keys, TotalCount } = await kms.listKeys({ Filters, PageSize: 100 })
    expect(TotalCount).toBe(Keys.Key.length)
    return Keys.Key.map(({ KeyId }) => named.get(KeyId))
  }

  it("a filter finds the keys that have one of its values, oldest first", async () => {
    const all = ["aes", "hsm", "sm4", "signer", "waiting", "disabled", "doomed", "service"]
    expect(await found()).toEqual(all)
    expect(await found(["KeyState", "Disabled", "PendingDeletion"])).toEqual(["disabled", "doomed"])
    expect(await found(["KeyState", "PendingImport"])).toEqual(["waiting"])
    expect(await found(["KeySpec", "EC_P256", "Aliyun_SM4"])).toEqual(["sm4", "signer"])
    expect(await found(["KeyUsage", "SIGN/VERIFY"])).toEqual(["signer"])
    expect(await found(["ProtectionLevel", "HSM"])).toEqual(["hsm", "sm4"])
    expect(await found(["CreatorType", "Service"])).toEqual(["service"])
    expect(await found(["CreatorType", "User"])).toEqual(all.slice(0, -1))
    expect(await found(["KeySpec"])).toEqual(all)
    expect(await found(["KeySpec", "EC_SM2"])).toEqual([])
  })

  it("several filters must all match, and a filter that is given twice adds to its values", async () => {
    expect(await found(["ProtectionLevel", "HSM"], ["KeySpec", "Aliyun_AES_256"])).toEqual(["hsm"])
    expect(await found(["KeyState", "Disabled"], ["CreatorType", "User"], ["KeyState", "PendingImport"])).toEqual([
      "waiting",
      "disabled"
    ])
    expect(await found(["KeyState", "Disabled"], ["ProtectionLevel", "HSM"])).toEqual([])
  })

  it("the newer filters find keys by id, alias, creator and tag", async () => {
    const idOf = (name: string): string => [...named].find(([, each]) => each === name)?.[0] ?? ""
    const awkward = 'a"b\\\\c\n中😀'
    await kms.tagResource({ KeyId: idOf("aes"), Tags: '[{"TagKey":"team","TagValue":"orders"}]' })
    await kms.tagResource({
      KeyId: idOf("hsm"),
      Tags: JSON.stringify([
        { TagKey: "team", TagValue: "billing" },
        { TagKey: "owner", TagValue: "orders" },
        { TagKey: awkward, TagValue: awkward }
      ])
    })
    await kms.createAlias({ KeyId: idOf("signer"), AliasName: "alias/sign" })
    await kms.createAlias({ KeyId: idOf("signer"), AliasName: "alias/sign-too" })
    const { Arn } = (await kms.describeKey({ KeyId: idOf("disabled") })).KeyMetadata
    expect(await found(["KeyId", idOf("aes"), "no-key", Arn])).toEqual(["aes", "disabled"])
    expect(await found(["keyId", idOf("aes")], ["KeyId", idOf("sm4")])).toEqual(["aes", "sm4"])
    expect(await found(["AliasName", "alias/sign", "alias/sign-too", "sign"])).toEqual(["signer"])
    expect(await found(["AliasName", "alias/acs/oss"])).toEqual(["service"])
    expect(await found(["AliasName", "alias/none"])).toEqual([])
    expect(await found(["Creator", "OSS"])).toEqual(["service"])
    expect(await found(["Creator", "1000000000000001"], ["KeyState", "Disabled"])).toEqual(["disabled"])
    expect(await found(["TagKey", "team"])).toEqual(["aes", "hsm"])
    expect(await found(["TagKey", "team"], ["TagValue", "orders"])).toEqual(["aes"])
    expect(await found(["TagKey", "team", "owner"], ["TagValue", "orders"])).toEqual(["aes", "hsm"])
    expect(await found(["TagValue", "orders"], ["ProtectionLevel", "HSM"])).toEqual(["hsm"])
    expect(await found(["TagKey", awkward])).toEqual(["hsm"])
    expect(await found(["TagKey", awkward], ["TagValue", awkward])).toEqual(["hsm"])
    expect(await found(["TagKey", "none"], ["TagValue", "orders"])).toEqual([])
    expect(await found(["DKMSInstanceId", "kst-1"])).toEqual([])
    expect(await found(["DKMSInstanceId"], ["TagKey"], ["KeyId"], ["AliasName"])).toHaveLength(named.size)
  })

  it("TotalCount counts the matching keys, and a page past the end is empty", async () => {
    const page = (PageNumber: number) =>
      kms.listKeys({ Filters: '[{"Key":"CreatorType","Values":["User"]}]', PageNumber, PageSize: 3 })
    const names = async (PageNumber: number) => {
      const { Keys, ...numbers } = await page(PageNumber)
      expect(numbers).toMatchObject({ TotalCount: 7, PageNumber, PageSize: 3 })
      for (const { KeyId, KeyArn } of Keys.Key) expect(KeyArn).toMatch(new RegExp(`^acs:kms:.*:key/${KeyId}$`))
      return Keys.Key.map(({ KeyId }) => named.get(KeyId))
    }
    expect([await names(1), await names(2), await names(3), await names(4)]).toEqual([
      ["aes", "hsm", "sm4"],
      ["signer", "waiting", "disabled"],
      ["doomed"],
      []
    ])
    expect(await kms.listKeys({ PageNumber: 1_000_000_000 })).toMatchObject({ TotalCount: 8, Keys: { Key: [] } })
    expect(await kms.listKeys()).toMatchObject({ PageNumber: 1, PageSize: 10 })
  })

  it("ListKeys refuses an invalid filter", async () => {
    const filter = { Key: "KeyState", Values: ["Enabled"] }
    for (const wrong of [
      "{}",
      "[",
      '["KeyState"]',
      JSON.stringify([{ Key: "KeyState" }]),
      '[{"Key":"KeyState","Values":["Enabled"],"Values":["Disabled"]}]',
      JSON.stringify([{ Key: "KeyState", Values: "Enabled" }]),
      JSON.stringify([{ ...filter, More: 1 }]),
      JSON.stringify([{ Key: "keystate", Values: [] }]),
      JSON.stringify([{ Key: "KeyID", Values: [] }]),
      JSON.stringify([{ Key: "__proto__", Values: ["x"] }]),
      JSON.stringify([{ Key: "KeyState", Values: ["constructor"] }]),
      JSON.stringify(Array.from({ length: 11 }, () => filter)),
      JSON.stringify([{ Key: "KeyState", Values: Array.from({ length: 11 }, () => "Enabled") }])
    ]) {
      expect(await refused(kms.listKeys({ Filters: wrong }))).toEqual(["InvalidParameter", "Filters"])
    }
    const tenTimes = JSON.stringify(Array.from({ length: 10 }, () => filter))
    expect((await kms.listKeys({ Filters: tenTimes })).TotalCount).toBe(5)
  })

  it("lists refuse a page below 1 and more entries than their maximum", async () => {
    const [KeyId = ""] = named.keys()
    const lists = [
      [(page: object) => kms.listKeys(page), 100],
      [(page: object) => kms.listAliases(page), 100],
      [(page: object) => kms.listAliasesByKeyId({ KeyId, ...page }), 101],
      [(page: object) => kms.listKeyVersions({ KeyId, ...page }), 101]
    ] as const
    for (const [list, most] of lists) {
      for (const PageNumber of [0, -1, 1.5, "1e3", " 1", "0x1", "01", 2 ** 53, Number.NaN]) {
        expect(await refused(list({ PageNumber }))).toEqual(["InvalidParameter", "PageNumber"])
      }
      for (const PageSize of [0, most + 1, "ten"]) {
        expect(await refused(list({ PageSize }))).toEqual(["InvalidParameter", "PageSize"])
      }
      expect(await list({ PageNumber: "2", PageSize: String(most) })).toMatchObject({ PageNumber: 2, PageSize: most })
    }
  })

  it("an account and a region do not see keys of others", async () => {
    const [KeyId = ""] = named.keys()
    const { Arn } = (await kms.describeKey({ KeyId })).KeyMetadata
    expect((await kms.describeKey({ KeyId: Arn })).KeyMetadata.KeyId).toBe(KeyId)
    for (const reference of [
      Arn.replace("cn-hangzhou", "cn-shanghai"),
      Arn.replace("1000000000000001", "1000000000000002"),
      `${Arn}x`,
      KeyId.toUpperCase()
    ]) {
      expect((await refused(kms.describeKey({ KeyId: reference })))[0]).toBe("Forbidden.KeyNotFound")
    }
  })
})
