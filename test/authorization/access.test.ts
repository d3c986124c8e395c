/** Access control over HTTP, tested with users that have only the given policies. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { allow, arn, at, deny, root, startService } from "./people.ts"
import type { Credentials, Parameters, Service } from "./people.ts"

const unknown = "00000000-0000-4000-8000-000000000000"
const Plaintext = "aGVsbG8="

let service: Service
let mine: string
let other: string
let signer: string
let blob: string
beforeAll(async () => {
  service = await startService()
  mine = await service.newKey()
  other = await service.newKey()
  signer = await service.newKey({ KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
  await service.ask(root, "CreateAlias", { AliasName: "alias/mine", KeyId: mine })
  await service.ask(root, "CreateAlias", { AliasName: "alias/other", KeyId: other })
  blob = at((await service.ask(root, "Encrypt", { KeyId: mine, Plaintext })).body, "CiphertextBlob")
})
afterAll(() => service[Symbol.asyncDispose]())

const codes = (who: Credentials, calls: ReadonlyArray<readonly [string, Parameters?]>, scheme: "V1" | "V3" = "V1") =>
  Promise.all(calls.map(async ([action, given]) => (await service.ask(who, action, given, { scheme })).code))

describe("a user", () => {
  it("a user without policies may only call DescribeRegions", async () => {
    const nobody = await service.user("nobody")
    expect(
      await codes(nobody, [
        ["DescribeRegions"],
        ["ListKeys"],
        ["CreateKey"],
        ["ListAliases"],
        ["DescribeAccountKmsStatus"],
        ["Encrypt", { KeyId: mine, Plaintext }],
        ["Decrypt", { CiphertextBlob: blob }],
        ["DescribeKey", { KeyId: mine }]
      ])
    ).toEqual(["ok", ...Array<string>(7).fill("Forbidden.NoPermission")])
  })

  it.each(["V1", "V3"] as const)(
    "a user may do exactly what each policy permits, with requests signed by %s",
    async (scheme) => {
      const key = arn(`key/${mine}`)
      const families: ReadonlyArray<readonly [string, ReadonlyArray<object>, string, Parameters]> = [
        ["keys", [allow("kms:ListKeys", arn("key"))], "ListKeys", {}],
        ["create", [allow("kms:CreateKey", arn("key"))], "CreateKey", {}],
        ["aliases", [allow("kms:ListAliases", arn("alias"))], "ListAliases", {}],
        ["account", [allow("kms:DescribeAccountKmsStatus", "*")], "DescribeAccountKmsStatus", {}],
        ["describe", [allow("kms:DescribeKey", key)], "DescribeKey", { KeyId: mine }],
        ["encrypt", [allow("kms:Encrypt", key)], "Encrypt", { KeyId: "alias/mine", Plaintext }],
        ["decrypt", [allow("kms:Decrypt", key)], "Decrypt", { CiphertextBlob: blob }],
        ["data", [allow("kms:GenerateDataKey", key)], "GenerateDataKey", { KeyId: key }],
        [
          "describing",
          [allow("kms:UpdateKeyDescription", key)],
          "UpdateKeyDescription",
          { KeyId: mine, Description: "d" }
        ],
        ["version", [allow("kms:ListKeyVersions", key)], "ListKeyVersions", { KeyId: mine }],
        [
          "protect",
          [allow("kms:SetDeletionProtection", key)],
          "SetDeletionProtection",
          { ProtectedResourceArn: key, EnableDeletionProtection: "false" }
        ],
        ["names", [allow("kms:ListAliasesByKeyId", key)], "ListAliasesByKeyId", { KeyId: mine }],
        [
          "tag",
          [allow("kms:TagResource", key)],
          "TagResource",
          { KeyId: mine, Tags: '[{"TagKey":"a","TagValue":"b"}]' }
        ],
        [
          "tags",
          [allow("kms:TagResources", key)],
          "TagResources",
          { ResourceType: "key", "ResourceId.1": mine, "Tag.1.Key": "a", "Tag.1.Value": "b" }
        ],
        ["tagged", [allow("kms:ListTagResources", arn("key"))], "ListTagResources", { ResourceType: "key" }],
        ["public", [allow("kms:ListKeyVersions", arn(`key/${signer}`))], "ListKeyVersions", { KeyId: signer }],
        [
          "rotate",
          [allow("kms:UpdateRotationPolicy", key)],
          "UpdateRotationPolicy",
          { KeyId: mine, EnableAutomaticRotation: "false" }
        ]
      ]
      for (const [family, statements, action, parameters] of families) {
        const user = await service.user(`${family}-${scheme}`, ...statements)
        expect([action, (await service.ask(user, action, parameters, { scheme })).code]).toEqual([action, "ok"])
        const beyond: ReadonlyArray<readonly [string, Parameters]> = [
          ["Encrypt", { KeyId: other, Plaintext }],
          ["DescribeKey", { KeyId: other }],
          ["ScheduleKeyDeletion", { KeyId: mine }],
          ["CreateAlias", { AliasName: "alias/new", KeyId: mine }],
          ["CreateUser", { UserName: "intruder" }],
          ["CreateAccount", {}],
          ["AdvanceClock", { By: "1d" }]
        ]
        expect(await codes(user, beyond, scheme)).toEqual(beyond.map(() => "Forbidden.NoPermission"))
      }
    }
  )

  it("UpdateAlias needs permission for the alias and for its old and new key", async () => {
    const alias = (name: string): string => arn(`alias/${name}`)
    const keys = [arn(`key/${mine}`), arn(`key/${other}`)]
    const both = await service.user(
      "both",
      allow(["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"], [alias("a"), ...keys])
    )
    const noAlias = await service.user("no-alias", allow("kms:*Alias", keys))
    const onlyMine = await service.user("only-mine", allow("kms:*Alias", [alias("a"), arn(`key/${mine}`)]))
    const onlyOther = await service.user("only-other", allow("kms:*Alias", [alias("a"), arn(`key/${other}`)]))
    const refused = "Forbidden.NoPermission"
    const outcome = async (who: Credentials, action: string, KeyId?: string): Promise<string> =>
      (await service.ask(who, action, { AliasName: "alias/a", ...(KeyId === undefined ? {} : { KeyId }) })).code
    expect(await outcome(noAlias, "CreateAlias", mine)).toBe(refused)
    expect(await outcome(onlyOther, "CreateAlias", mine)).toBe(refused)
    expect(await outcome(both, "CreateAlias", mine)).toBe("ok")
    for (const who of [noAlias, onlyMine, onlyOther]) expect(await outcome(who, "UpdateAlias", other)).toBe(refused)
    expect(await outcome(both, "UpdateAlias", other)).toBe("ok")
    for (const who of [noAlias, onlyMine]) expect(await outcome(who, "DeleteAlias")).toBe(refused)
    expect(await outcome(onlyOther, "DeleteAlias")).toBe("ok")
  })

  it("ReEncrypt needs ReEncryptFrom on the source and ReEncryptTo on the destination", async () => {
    const from = await service.user("from", allow("kms:ReEncryptFrom", arn(`key/${mine}`)))
    const to = await service.user("to", allow("kms:ReEncryptTo", arn(`key/${other}`)))
    const way = await service.user(
      "way",
      allow("kms:ReEncryptFrom", arn(`key/${mine}`)),
      allow("kms:ReEncryptTo", arn(`key/${other}`))
    )
    const named = await service.user("named", allow("kms:ReEncrypt", arn("key/*")))
    const given = { CiphertextBlob: blob, DestinationKeyId: "alias/other" }
    const outcomes = await Promise.all(
      [from, to, named, way].map(async (who) => (await service.ask(who, "ReEncrypt", given)).code)
    )
    expect(outcomes).toEqual([...Array<string>(3).fill("Forbidden.NoPermission"), "ok"])
    const back = { CiphertextBlob: blob, DestinationKeyId: mine }
    expect((await service.ask(way, "ReEncrypt", back)).code).toBe("Forbidden.NoPermission")
  })

  it("conditions on the address, the time and the key's tags restrict a user", async () => {
    const tagged = await service.newKey()
    await service.ask(root, "TagResource", { KeyId: tagged, Tags: '[{"TagKey":"Project","TagValue":"blue"}]' })
    const when = (Condition: object): object => allow("kms:DescribeKey", arn("key/*"), { Condition })
    const here = await service.user("here", when({ IpAddress: { "acs:SourceIp": "10.1.0.0/16" } }))
    const project = await service.user("project", when({ StringEquals: { "kms:tag/Project": "blue" } }))
    const earlier = await service.user("earlier", when({ DateLessThan: { "acs:CurrentTime": "2020-01-01T00:00:00Z" } }))
    const later = await service.user("later", when({ DateGreaterThan: { "acs:CurrentTime": "2020-01-01T00:00:00Z" } }))
    const secure = await service.user("secure", when({ Bool: { "acs:SecureTransport": "true" } }))
    const from = async (who: Credentials, KeyId: string, address = "127.0.0.1"): Promise<string> =>
      (await service.ask(who, "DescribeKey", { KeyId }, { from: address })).code
    const refused = "Forbidden.NoPermission"
    expect([
      await from(here, mine, "10.1.2.3"),
      await from(here, mine, "::ffff:10.1.2.3"),
      await from(here, mine)
    ]).toEqual(["ok", "ok", refused])
    expect([await from(project, tagged), await from(project, mine)]).toEqual(["ok", refused])
    expect([await from(earlier, mine), await from(later, mine), await from(secure, mine)]).toEqual([
      refused,
      "ok",
      refused
    ])
  })
})

describe("conditions on tags and on the caller", () => {
  const condition = (action: string, resource: string, Condition: object): object =>
    allow(action, resource, { Condition })
  const tagText = (key: string, value: string): string => JSON.stringify([{ TagKey: key, TagValue: value }])
  const refused = "Forbidden.NoPermission"

  it("acs:ResourceTag tests the key's tags, like kms:tag", async () => {
    const tagged = await service.newKey({ Tags: tagText("Team", "blue") })
    for (const name of ["acs:ResourceTag/Team", "kms:tag/Team"]) {
      const who = await service.user(
        name.startsWith("acs") ? "byresource" : "bykey",
        condition("kms:*", arn("key/*"), { StringEquals: { [name]: "blue" } })
      )
      expect(await codes(who, [["DescribeKey", { KeyId: tagged }]])).toEqual(["ok"])
      expect(await codes(who, [["DescribeKey", { KeyId: mine }]])).toEqual([refused])
    }
  })

  it("acs:RequestTag tests the tags in CreateKey, TagResource and TagResources", async () => {
    const blue = { StringEquals: { "acs:RequestTag/Team": ["blue", "green"] } }
    const who = await service.user(
      "tagger",
      condition("kms:CreateKey", arn("key"), blue),
      condition("kms:TagResource", arn("key/*"), blue),
      condition("kms:TagResources", arn("key/*"), blue)
    )
    const many = (value: string): Parameters => ({
      ResourceType: "key",
      "ResourceId.1": mine,
      "Tag.1.Key": "Team",
      "Tag.1.Value": value
    })
    expect(
      await codes(who, [
        ["CreateKey", { Tags: tagText("Team", "blue") }],
        ["CreateKey", { Tags: tagText("Team", "red") }],
        ["CreateKey", { Tags: tagText("team", "blue") }],
        ["CreateKey"],
        ["TagResource", { KeyId: mine, Tags: tagText("Team", "green") }],
        ["TagResource", { KeyId: mine, Tags: tagText("Team", "Green") }],
        ["TagResources", many("blue")],
        ["TagResources", many("red")]
      ])
    ).toEqual(["ok", refused, refused, refused, "ok", refused, "ok", refused])
  })

  it("a Deny on acs:RequestTag prevents a tag on keys, and does not apply to UntagResource", async () => {
    const who = await service.user(
      "curbed",
      allow("kms:*", "*"),
      deny("kms:TagResource", "*", { Condition: { StringLike: { "acs:RequestTag/Team": "*" } } }),
      deny("kms:UntagResource", "*", { Condition: { StringLike: { "acs:RequestTag/Team": "*" } } })
    )
    expect(
      await codes(who, [
        ["TagResource", { KeyId: other, Tags: tagText("Team", "x") }],
        ["TagResource", { KeyId: other, Tags: tagText("Other", "x") }],
        ["UntagResource", { KeyId: other, TagKeys: "Team" }]
      ])
    ).toEqual([refused, "ok", "ok"])
  })

  it("acs:PrincipalARN is the user's ARN, and acs:Service, acs:SourceVpc and the directory are absent", async () => {
    const is = (name: string, value: string): object =>
      condition("kms:DescribeKey", "*", { StringLike: { [name]: value } })
    const named = await service.user("named2", is("acs:PrincipalARN", "acs:ram:*:*:user/named?"))
    const stranger = await service.user("stranger", is("acs:PrincipalARN", "acs:ram:*:*:user/named?"))
    expect(await codes(named, [["DescribeKey", { KeyId: mine }]])).toEqual(["ok"])
    expect(await codes(stranger, [["DescribeKey", { KeyId: mine }]])).toEqual([refused])
    const absent = ["acs:Service", "acs:SourceVpc", "acs:PrincipalRDId", "acs:PrincipalRDPath"]
    const who = await service.user("somewhere", ...absent.map((name) => is(name, "*")))
    expect(await codes(who, [["DescribeKey", { KeyId: mine }]])).toEqual([refused])
  })
})

describe("a caller without permissions", () => {
  it("a caller without permissions gets one refusal for unknown and forbidden keys, for every operation", async () => {
    const nobody = await service.user("outsider", allow("kms:DescribeKey", arn("key/11111111-*")))
    const masked = (text: string, KeyId: string): string =>
      text.replaceAll(KeyId, "<key>").replaceAll(/"RequestId":"[^"]*"/g, "")
    const calls: ReadonlyArray<readonly [string, (KeyId: string) => Parameters]> = [
      ["DescribeKey", (KeyId) => ({ KeyId })],
      ["DescribeKey", (KeyId) => ({ KeyId: arn(`key/${KeyId}`) })],
      ["Encrypt", (KeyId) => ({ KeyId, Plaintext })],
      ["EnableKey", (KeyId) => ({ KeyId })],
      ["ListKeyVersions", (KeyId) => ({ KeyId })],
      ["ListAliasesByKeyId", (KeyId) => ({ KeyId })],
      ["CreateAlias", (KeyId) => ({ AliasName: "alias/x", KeyId })],
      ["SetDeletionProtection", (KeyId) => ({ ProtectedResourceArn: KeyId, EnableDeletionProtection: "true" })],
      [
        "TagResources",
        (KeyId) => ({ ResourceType: "key", "ResourceId.1": KeyId, "Tag.1.Key": "a", "Tag.1.Value": "b" })
      ]
    ]
    for (const [action, given] of calls) {
      const [forbidden, absent] = await Promise.all(
        [mine, unknown].map((KeyId) => service.ask(nobody, action, given(KeyId)))
      )
      expect(forbidden?.status).toBe(403)
      expect(masked(absent?.text ?? "", unknown)).toBe(masked(forbidden?.text ?? "", mine))
    }
  })
})

describe("a Deny", () => {
  it("another spelling of the key does not bypass a Deny", async () => {
    const who = await service.user(
      "denied",
      allow("*", "*"),
      deny("kms:encrypt", arn(`key/${mine}`)),
      deny("kms:ReEncryptTo", arn(`key/${mine}`))
    )
    const spellings = [mine, arn(`key/${mine}`), "alias/mine", arn("alias/mine")]
    for (const KeyId of spellings) {
      expect((await service.ask(who, "Encrypt", { KeyId, Plaintext })).code).toBe("Forbidden.NoPermission")
      const reEncrypt = await service.ask(who, "ReEncrypt", { CiphertextBlob: blob, DestinationKeyId: KeyId })
      expect(reEncrypt.code).toBe("Forbidden.NoPermission")
    }
    const twins = [
      mine.toUpperCase(),
      ` ${mine}`,
      `${mine} `,
      arn(`key/${mine}`).toUpperCase(),
      arn(`key/${mine}/`),
      arn(`key//${mine}`),
      "ALIAS/mine",
      "alias/Mine",
      "alias//mine",
      "alias/mine/",
      "alias/mi%6ee"
    ]
    for (const KeyId of twins) {
      const { status, code } = await service.ask(who, "Encrypt", { KeyId, Plaintext })
      expect([KeyId, status]).toEqual([KeyId, 404])
      expect(code).toMatch(/^Forbidden\.(Key|Alias)NotFound$/)
    }
    expect((await service.ask(who, "Encrypt", { KeyId: other, Plaintext })).code).toBe("ok")
    expect((await service.ask(who, "encrypt", { KeyId: mine, Plaintext })).code).toBe("InvalidAction.NotFound")
  })
})
