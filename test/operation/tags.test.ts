/** Tags: their form, their number, and their six operations (API reference 9). */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { overHttp, placeFor, refusal, refused, textAt } from "./doors.ts"
import type { Ask, Place } from "./doors.ts"

const json = (tags: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })))

const numbered = (count: number, from = 0): Readonly<Record<string, string>> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`t${at + from}`, `v${at}`]))

/** Names that every object has. Here they are ordinary names. */
const unlucky = Object.fromEntries(
  ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then"].map((name) => [name, `my ${name}`])
)

describe.each(["memory", "sqlite"])("on the %s store", (kind) => {
  let place: Place
  let kms: PromiseKms
  beforeAll(async () => {
    place = placeFor(kind)
    kms = await createKms({ clock: "virtual", store: place.store })
  })
  afterAll(() => kms.close().finally(() => place[Symbol.dispose]()))

  const newKey = async (request: Parameters<PromiseKms["createKey"]>[0] = {}): Promise<string> =>
    (await kms.createKey(request)).KeyMetadata.KeyId

  const tagsOf = async (KeyId: string): Promise<ReadonlyArray<readonly [string, string]>> =>
    (await kms.listResourceTags({ KeyId })).Tags.Tag.map((tag) => {
      expect(tag.KeyId).toBe(KeyId)
      return [tag.TagKey, tag.TagValue]
    })

  it("TagResource replaces the value of a tag, and UntagResource removes a tag", async () => {
    const KeyId = await newKey()
    expect(await tagsOf(KeyId)).toEqual([])
    await kms.tagResource({ KeyId, Tags: json({ team: "a", stage: "" }) })
    await kms.tagResource({ KeyId, Tags: json({ team: "b" }) })
    expect(await tagsOf(KeyId)).toEqual([
      ["team", "b"],
      ["stage", ""]
    ])
    await kms.untagResource({ KeyId, TagKeys: '["team","never there"]' })
    expect(await tagsOf(KeyId)).toEqual([["stage", ""]])
    await kms.tagResource({ KeyId, Tags: json({ a: "1", b: "2" }) })
    await kms.untagResource({ KeyId, TagKeys: "a,stage" })
    expect(await tagsOf(KeyId)).toEqual([["b", "2"]])
  })

  it("a tag may have the name of a member of Object.prototype", async () => {
    const KeyId = await newKey()
    await kms.tagResource({ KeyId, Tags: json(unlucky) })
    expect(await tagsOf(KeyId)).toEqual(Object.entries(unlucky))
    for (const [Key, Value] of Object.entries(unlucky)) {
      const found = await kms.listTagResources({ ResourceType: "key", Tag: [{ Key, Value }] })
      expect(found.TagResources.TagResource.map(({ ResourceId }) => ResourceId)).toContain(KeyId)
    }
    const plain = await newKey({ Tags: json({ plain: "x" }) })
    const byName = await kms.listTagResources({ ResourceType: "key", ResourceId: [plain], Tag: [{ Key: "toString" }] })
    expect(byName.TagResources.TagResource).toEqual([])
    await kms.untagResource({ KeyId, TagKeys: '["__proto__","constructor"]' })
    expect((await tagsOf(KeyId)).map(([name]) => name)).toEqual(["prototype", "toString", "hasOwnProperty", "then"])
    const made = await newKey({ Tags: json(unlucky) })
    expect(await tagsOf(made)).toEqual(Object.entries(unlucky))
  })

  it("a key gets at most 10 tags by TagResource, also by simultaneous calls", async () => {
    const KeyId = await newKey()
    await kms.tagResource({ KeyId, Tags: json(numbered(10)) })
    expect(await refused(kms.tagResource({ KeyId, Tags: json({ more: "" }) }))).toEqual([
      "Rejected.LimitExceeded",
      undefined
    ])
    await kms.tagResource({ KeyId, Tags: json({ t3: "another value" }) })
    const other = await newKey()
    const settled = await Promise.allSettled(
      Array.from({ length: 12 }, (_, at) => kms.tagResource({ KeyId: other, Tags: json(numbered(3, at * 3)) }))
    )
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(3)
    expect(await tagsOf(other)).toHaveLength(9)
  })

  it("a key has at most 20 tags by TagResources, which refuses all keys for one excess", async () => {
    const first = await newKey()
    const second = await newKey({ Tags: json(numbered(20)) })
    expect(await tagsOf(second)).toHaveLength(20)
    expect((await refusal(kms.createKey({ Tags: json(numbered(21)) }))).code).toBe("Rejected.LimitExceeded")
    const tag = (ResourceId: ReadonlyArray<string>) =>
      kms.tagResources({ ResourceType: "key", ResourceId, Tag: [{ Key: "more", Value: "x" }] })
    expect((await refusal(tag([first, second]))).code).toBe("Rejected.LimitExceeded")
    expect(await tagsOf(first)).toEqual([])
    await kms.untagResource({ KeyId: second, TagKeys: "t0" })
    await tag([first, second])
    expect([(await tagsOf(first)).length, (await tagsOf(second)).length]).toEqual([1, 20])
  })

  it("TagResource refuses an invalid tag with a code for the reason", async () => {
    const KeyId = await newKey()
    const wrong: ReadonlyArray<readonly [string, string, string | undefined]> = [
      [json({ "": "x" }), "InvalidParameter.TagKey", undefined],
      [json({ ["k".repeat(129)]: "x" }), "InvalidParameter.TagKey", undefined],
      [json({ ["键".repeat(43)]: "x" }), "InvalidParameter.TagKey", undefined],
      [json({ "acs:mine": "x" }), "InvalidParameter.TagKey", undefined],
      [json({ aliyunMine: "x" }), "InvalidParameter.TagKey", undefined],
      [json({ ok: "v".repeat(129) }), "InvalidParameter.TagValue", undefined],
      [`[{"TagKey":"a","TagValue":"1"},{"TagKey":"a","TagValue":"2"}]`, "Duplicate.TagKey", undefined],
      [`[{"TagKey":"a"}]`, "InvalidParameter", "Tags"],
      [`[{"TagKey":"a","TagValue":1}]`, "InvalidParameter", "Tags"],
      [`[{"TagKey":"a","TagValue":"1","Size":"2"}]`, "InvalidParameter", "Tags"],
      [`{"TagKey":"a","TagValue":"1"}`, "InvalidParameter", "Tags"],
      [`[{"TagKey":"a","TagValue":"1","TagValue":"2"}]`, "InvalidParameter", "Tags"],
      ["no JSON", "InvalidParameter", "Tags"]
    ]
    for (const [Tags, ...answer] of wrong) {
      expect([Tags, ...(await refused(kms.tagResource({ KeyId, Tags })))]).toEqual([Tags, ...answer])
      expect([Tags, ...(await refused(kms.createKey({ Tags })))]).toEqual([Tags, ...answer])
    }
    expect(await refused(kms.tagResource({ KeyId, Tags: "[]" }))).toEqual(["MissingParameter", "Tags"])
    expect(await tagsOf(KeyId)).toEqual([])
    await kms.tagResource({ KeyId, Tags: json({ ["k".repeat(128)]: "v".repeat(128), ["键".repeat(42)]: "" }) })
    expect(await tagsOf(KeyId)).toHaveLength(2)
  })

  it("a key can have the tag that a cloud service's own policy requires", async () => {
    const marks = { "acs:rds:instance-encryption": "true", "acs:alikafka:instance-encryption": "true" }
    const KeyId = await newKey({ Tags: json({ "acs:ecs:disk-encryption": "true" }) })
    await kms.tagResource({ KeyId, Tags: json(marks) })
    expect((await tagsOf(KeyId)).map(([name]) => name)).toEqual(["acs:ecs:disk-encryption", ...Object.keys(marks)])
    await kms.untagResource({ KeyId, TagKeys: '["acs:rds:instance-encryption"]' })
    expect(await tagsOf(KeyId)).toHaveLength(2)
    for (const name of [
      "acs:rds",
      "acs:rds:instance",
      "acs::instance-encryption",
      "acs:rds:-encryption",
      "acs:rds:a:b-encryption",
      "ACS:rds:instance-encryption",
      "acs:RDS:instance-encryption",
      "acs:rds:instance-encryption ",
      "acs:rds:instance-encryption\n",
      "aliyun:rds:instance-encryption"
    ]) {
      const refusal = await refused(kms.tagResource({ KeyId, Tags: json({ [name]: "true" }) }))
      expect([name, refusal]).toEqual([name, ["InvalidParameter.TagKey", undefined]])
    }
  })

  it("UntagResources removes the named tags or all tags, and requires one of the two", async () => {
    const keys = [await newKey({ Tags: json(numbered(3)) }), await newKey({ Tags: json(numbered(3)) })]
    const common = { ResourceType: "key", ResourceId: keys } as const
    expect(await refused(kms.untagResources(common))).toEqual(["MissingParameter", "TagKey"])
    await kms.untagResources({ ...common, TagKey: ["t0"], All: true })
    for (const KeyId of keys) expect((await tagsOf(KeyId)).map(([name]) => name)).toEqual(["t1", "t2"])
    await kms.untagResources({ ...common, All: true })
    for (const KeyId of keys) expect(await tagsOf(KeyId)).toEqual([])
  })

  it("a key that is named twice, by its id and by its ARN, is one key", async () => {
    const { KeyId, Arn } = (await kms.createKey({ Tags: json({ once: "1" }) })).KeyMetadata
    const { TagResources } = await kms.listTagResources({ ResourceType: "key", ResourceId: [KeyId, Arn, KeyId] })
    expect(TagResources.TagResource).toEqual([
      { ResourceId: KeyId, ResourceType: "key", TagKey: "once", TagValue: "1" }
    ])
  })
})

describe("tags over HTTP", () => {
  let server: RunningServer
  let ask: Ask
  beforeAll(async () => {
    server = await startServer({ clock: "virtual" })
    ask = overHttp(server.url)
  })
  afterAll(() => server.stop())

  const rowsOf = (body: Readonly<Record<string, unknown>>): ReadonlyArray<unknown> => {
    const found: unknown = Reflect.get(Object(body["TagResources"]), "TagResource")
    return Array.isArray(found) ? found : []
  }

  it("TagResources over HTTP accepts numbered tags in any order, within their limits", async () => {
    const made = await ask("CreateKey")
    const id = textAt(made.body, "KeyMetadata", "KeyId")
    const common = { RegionId: "cn-hangzhou", ResourceType: "key", "ResourceId.1": id }
    expect(
      await ask("TagResources", { ...common, "Tag.2.Value": "2", "Tag.10.Key": "__proto__", "Tag.2.Key": "b" })
    ).toMatchObject({ code: "Success" })
    const { body } = await ask("ListTagResources", common)
    expect(rowsOf(body)).toEqual([
      { ResourceId: id, ResourceType: "key", TagKey: "b", TagValue: "2" },
      { ResourceId: id, ResourceType: "key", TagKey: "__proto__", TagValue: "" }
    ])
    const tag = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`Tag.${at + 1}.Key`, `t${at}`]))
    const ids = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`ResourceId.${at + 1}`, id]))
    for (const [request, parameter] of [
      [{ ...common, ...tag(21) }, "Tag"],
      [{ ...common, ...tag(1), ...ids(51) }, "ResourceId"],
      [{ ...common, "Tag.1.Size": "1" }, "Tag"],
      [{ ...common, "Tag.x.Key": "1" }, "Tag"],
      [{ ...common, ...tag(1), "ResourceId.0": id }, "ResourceId"]
    ] as const) {
      expect(await ask("TagResources", request)).toMatchObject({ code: "InvalidParameter", parameter })
    }
    expect(await ask("UntagResources", { ...common, "TagKey.1": "b" })).toMatchObject({ code: "Success" })
    expect(rowsOf((await ask("ListTagResources", common)).body)).toHaveLength(1)
  })

  it("ListTagResources lists 200 tags on a page, each once, and marks the last page", async () => {
    const Tags = json(numbered(20))
    for (let made = 0; made < 25; made++) await ask("CreateKey", { Tags })
    const pages: Array<number> = []
    const seen = new Set<string>()
    let NextToken = ""
    do {
      const { code, body } = await ask("ListTagResources", { ResourceType: "key", "Tag.1.Key": "t7", NextToken })
      expect(code).toBe("Success")
      const rows = rowsOf(body)
      for (const row of rows) seen.add(JSON.stringify(row))
      pages.push(rows.length)
      NextToken = textAt(body, "NextToken")
    } while (NextToken !== "")
    expect(pages).toEqual([200, 200, 100])
    expect(seen.size).toBe(500)
    for (const NextToken of ["AAAA", "-1", "MA==", "!"]) {
      const answer = await ask("ListTagResources", { ResourceType: "key", NextToken })
      expect(answer).toMatchObject({ code: "InvalidParameter", parameter: "NextToken" })
    }
  })
})
