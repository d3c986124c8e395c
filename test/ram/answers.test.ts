/** Answers of RAM and STS: XML and JSON, statuses, pages and refusals. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { account, at, document, allow, root, startService } from "../authorization/people.ts"
import type { Heard, Parameters, Service } from "../authorization/people.ts"

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service[Symbol.asyncDispose]())

const ram = (action: string, parameters: Parameters = {}): Promise<Heard> => service.ram(root, action, parameters)
const code = async (action: string, parameters: Parameters = {}): Promise<string> =>
  (await ram(action, parameters)).code

const trust = document({
  Effect: "Allow",
  Action: "sts:AssumeRole",
  Principal: { RAM: [`acs:ram::${account}:root`] }
})

describe("XML replies of RAM", () => {
  it("an XML reply of RAM has the operation's name in its root element", async () => {
    const made = await ram("CreateUser", { UserName: "xml", DisplayName: "<X&Y>", Format: "XML" })
    expect(made.text).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?><CreateUserResponse><User><UserId>[0-9]{18}<\/UserId><UserName>xml</
    )
    expect(made.text).toContain("<DisplayName>&lt;X&amp;Y&gt;</DisplayName>")
    const listed = await ram("ListUsers", { Format: "XML" })
    expect(listed.text).toMatch(/<ListUsersResponse><Users><User><UserId>.*<IsTruncated>false<\/IsTruncated>/)
    const who = await service.sts(root, "GetCallerIdentity", { Format: "xml" })
    expect(who.text).toContain(`<GetCallerIdentityResponse><AccountId>${account}</AccountId>`)
  })

  it("an XML refusal of RAM has the root element Error", async () => {
    const refused = await ram("GetUser", { UserName: "absent", Format: "XML" })
    expect(refused.status).toBe(404)
    expect(refused.text).toMatch(/<Error><RequestId>.*<Code>EntityNotExist\.User<\/Code>/)
  })
})

describe("text that XML cannot carry", () => {
  it.each(["Comments", "DisplayName"])(
    "RAM refuses text that XML cannot carry in %s of a user, in every format",
    async (name) => {
      for (const Format of ["JSON", "XML"]) {
        const refused = await ram("CreateUser", { UserName: "unwritable", [name]: "a\u0001b", Format })
        expect(refused.status).toBe(400)
        expect(refused.text).toMatch(/InvalidParameter[^.]/)
      }
      expect(await code("GetUser", { UserName: "unwritable" })).toBe("EntityNotExist.User")
    }
  )
})

describe("lists of RAM", () => {
  it("a list of RAM continues from its marker until each item was listed once, by name", async () => {
    const names = ["m-3", "m-1", "m-5", "m-2", "m-4"]
    for (const GroupName of names) await ram("CreateGroup", { GroupName })
    const seen: Array<string> = []
    let Marker = ""
    for (let more = true; more;) {
      const { body } = await ram("ListGroups", { MaxItems: "2", ...(Marker === "" ? {} : { Marker }) })
      const { Group } = body["Groups"] as { readonly Group: ReadonlyArray<{ readonly GroupName: string }> }
      expect(Group.length).toBeLessThanOrEqual(2)
      seen.push(...Group.map(({ GroupName }) => GroupName))
      more = body["IsTruncated"] === true
      expect("Marker" in body).toBe(more)
      Marker = more ? String(body["Marker"]) : ""
    }
    expect(seen).toEqual(names.toSorted())
  })

  it("a list of RAM refuses invalid page sizes and markers", async () => {
    expect(await code("ListGroups", { MaxItems: "0" })).toBe("InvalidParameter")
    expect(await code("ListGroups", { MaxItems: "1001" })).toBe("InvalidParameter")
    expect(await code("ListGroups", { Marker: "not base64!" })).toBe("InvalidParameter")
    expect(await code("ListGroups", { Marker: "" })).toBe("ok")
  })
})

describe("an invalid parameter of RAM", () => {
  const refusals: ReadonlyArray<readonly [string, Parameters, string]> = [
    ["CreateUser", { UserName: "a b" }, "InvalidParameter.UserName.InvalidChars"],
    ["CreateUser", { UserName: "u".repeat(65) }, "InvalidParameter.UserName.Length"],
    ["CreateUser", {}, "MissingParameter"],
    ["CreateUser", { UserName: "u", Comments: "c".repeat(129) }, "InvalidParameter.Comments.Length"],
    ["CreateUser", { UserName: "u", Email: "nowhere" }, "InvalidParameter.Email.Format"],
    ["CreateUser", { UserName: "u", MobilePhone: "call me" }, "InvalidParameter.MobilePhone.Format"],
    ["CreateGroup", { GroupName: "a/b" }, "InvalidParameter.GroupName.InvalidChars"],
    ["CreatePolicy", { PolicyName: "a_b", PolicyDocument: "{}" }, "InvalidParameter.PolicyName.InvalidChars"],
    ["CreatePolicy", { PolicyName: "p", PolicyDocument: "{}" }, "MalformedPolicyDocument"],
    ["CreatePolicy", { PolicyName: "p", PolicyDocument: "x".repeat(6145) }, "InvalidParameter.PolicyDocument.Length"],
    ["GetPolicy", { PolicyName: "p", PolicyType: "Mine" }, "InvalidParameter.PolicyType"],
    [
      "GetPolicyVersion",
      { PolicyName: "p", PolicyType: "Custom", VersionId: "1" },
      "InvalidParameter.VersionId.Format"
    ],
    ["CreateRole", { RoleName: "r", AssumeRolePolicyDocument: document(allow("*", "*")) }, "MalformedPolicyDocument"],
    ["CreateRole", { RoleName: "r", AssumeRolePolicyDocument: trust, MaxSessionDuration: "3599" }, "InvalidParameter"],
    ["CreateLoginProfile", { UserName: "xml", Password: "short" }, "InvalidParameter.Password.TooWeak"],
    ["SetAccountAlias", { AccountAlias: "a" }, "InvalidParameter.AccountAlias.Length"],
    ["SetAccountAlias", { AccountAlias: "a--b" }, "InvalidParameter.AccountAlias.Format"],
    ["ChangePassword", { OldPassword: "a", NewPassword: "b" }, "InvalidAction.NotFound"]
  ]
  it.each(refusals)("RAM refuses %s %j with %s", async (action, parameters, expected) => {
    const heard = await ram(action, parameters)
    expect(heard.code).toBe(expected)
    expect(heard.status).toBe(expected === "InvalidAction.NotFound" ? 404 : 400)
  })
})

describe("an invalid parameter of STS", () => {
  const RoleArn = `acs:ram::${account}:role/r`
  const refusals: ReadonlyArray<readonly [Parameters, string]> = [
    [{ RoleSessionName: "shift" }, "MissingRoleArn"],
    [{ RoleArn }, "MissingRoleSessionName"],
    [{ RoleArn: "r", RoleSessionName: "shift" }, "InvalidParameter.RoleArn"],
    [{ RoleArn: `acs:ram::${account}:user/r`, RoleSessionName: "shift" }, "InvalidParameter.RoleArn"],
    [{ RoleArn, RoleSessionName: "s" }, "InvalidParameter.RoleSessionName"],
    [{ RoleArn, RoleSessionName: "shift", DurationSeconds: "899" }, "InvalidParameter.DurationSeconds"],
    [{ RoleArn, RoleSessionName: "shift", Policy: "x".repeat(2049) }, "InvalidParameter.PolicySize"],
    [{ RoleArn, RoleSessionName: "shift", ExternalId: "a b" }, "InvalidParameter.ExternalId"],
    [{ RoleArn, RoleSessionName: "shift", SourceIdentity: "alice" }, "InvalidParameter"]
  ]
  it.each(refusals)("AssumeRole refuses %j with %s", async (parameters, expected) => {
    expect((await service.sts(root, "AssumeRole", parameters)).code).toBe(expected)
  })
})

describe("names that KMS and RAM share", () => {
  it.each(["CreatePolicy", "UpdatePolicy", "DeletePolicy", "ListPolicies"])(
    "KMS refuses %s, an operation of RAM, with a hint",
    async (action) => {
      const heard = await service.ask(root, action, { PolicyName: "p" })
      expect([heard.status, heard.code]).toEqual([404, "InvalidAction.NotFound"])
      expect(String(heard.body["Hint"])).toContain("RAM")
    }
  )

  it("the audit log distinguishes operations of KMS and RAM with the same name", async () => {
    await ram("CreateRole", { RoleName: "tagged", AssumeRolePolicyDocument: trust })
    await ram("TagResources", {
      ResourceType: "role",
      ResourceNames: '["tagged"]',
      Tag: '[{"Key":"team","Value":"shop"}]'
    })
    const tags = await ram("ListTagResources", { ResourceType: "role", ResourceNames: '["tagged"]' })
    expect(tags.body["TagResources"]).toEqual([
      { ResourceType: "role", ResourceName: "tagged", TagKey: "team", TagValue: "shop" }
    ])
    const lines = await service.auditLines()
    expect(lines).toContainEqual(expect.objectContaining({ operation: "ram:TagResources", subject: "role/tagged" }))
  })
})

describe("policies of RAM", () => {
  it("a policy has up to five versions, and the default version is in force", async () => {
    const versions = ["kms:ListKeys", "kms:ListAliases", "kms:DescribeKey", "kms:Encrypt", "kms:Decrypt"]
    const PolicyName = "versioned"
    for (const [number, action] of versions.entries()) {
      const PolicyDocument = document(allow(action, "*"))
      const operation = number === 0 ? "CreatePolicy" : "CreatePolicyVersion"
      expect(await code(operation, { PolicyName, PolicyDocument })).toBe("ok")
    }
    const sixth = { PolicyName, PolicyDocument: document(allow("kms:ReEncrypt*", "*")) }
    expect(await code("CreatePolicyVersion", sixth)).toBe("LimitExceeded.Policy.Version")
    const RotateStrategy = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
    const made = await ram("CreatePolicyVersion", { ...sixth, RotateStrategy })
    expect(made.body["PolicyVersion"]).toMatchObject({ VersionId: "v6", IsDefaultVersion: false })
    const listed = await ram("ListPolicyVersions", { PolicyName, PolicyType: "Custom" })
    expect(listed.text.match(/"VersionId":"v[0-9]"/g)).toEqual(
      ["v1", "v3", "v4", "v5", "v6"].map((version) => `"VersionId":"${version}"`)
    )
    expect(await code("DeletePolicyVersion", { PolicyName, VersionId: "v1" })).toBe(
      "DeleteConflict.Policy.Version.Default"
    )
    expect(await code("SetDefaultPolicyVersion", { PolicyName, VersionId: "v2" })).toBe("EntityNotExist.Policy.Version")
    expect(await code("SetDefaultPolicyVersion", { PolicyName, VersionId: "v3" })).toBe("ok")
    const shown = await ram("GetPolicy", { PolicyName, PolicyType: "Custom" })
    expect(at(shown.body, "DefaultPolicyVersion", "PolicyDocument")).toBe(document(allow("kms:DescribeKey", "*")))
    expect(await code("DeletePolicy", { PolicyName })).toBe("DeleteConflict.Policy.Version")
    expect(await code("DeletePolicy", { PolicyName, CascadingDelete: "true" })).toBe("ok")
  })

  it("a policy of the system is listed, shown and attached, and cannot be changed", async () => {
    const listed = await ram("ListPolicies", { PolicyType: "System" })
    expect(listed.text).toContain('"PolicyName":"AdministratorAccess"')
    const shown = await ram("GetPolicy", { PolicyName: "AliyunKMSFullAccess", PolicyType: "System" })
    expect(shown.body).toMatchObject({ Policy: { PolicyType: "System" }, DefaultPolicyVersion: { VersionId: "v1" } })
    expect(await code("DeletePolicy", { PolicyName: "AliyunKMSFullAccess" })).toBe("EntityNotExist.Policy")
    const PolicyDocument = document(allow("*", "*"))
    expect(await code("CreatePolicy", { PolicyName: "AliyunKMSFullAccess", PolicyDocument })).toBe(
      "EntityAlreadyExists.Policy"
    )
  })
})

describe("a renamed user", () => {
  it("a renamed user keeps its access keys, groups and policies", async () => {
    const who = await service.user("before", allow("kms:ListKeys", "*"))
    await ram("CreateGroup", { GroupName: "movers" })
    await ram("AddUserToGroup", { GroupName: "movers", UserName: "before" })
    expect((await service.ask(who, "ListKeys")).code).toBe("ok")
    expect(await code("UpdateUser", { UserName: "before", NewUserName: "after" })).toBe("ok")
    expect(await code("GetUser", { UserName: "before" })).toBe("EntityNotExist.User")
    expect((await service.ask(who, "ListKeys")).code).toBe("ok")
    expect((await service.sts(who, "GetCallerIdentity")).body["Arn"]).toBe(`acs:ram::${account}:user/after`)
    expect((await ram("ListGroupsForUser", { UserName: "after" })).text).toContain('"GroupName":"movers"')
    expect(await code("UpdateGroup", { GroupName: "movers", NewGroupName: "moved", NewComments: "x" })).toBe("ok")
    expect((await ram("ListUsersForGroup", { GroupName: "moved" })).text).toContain('"UserName":"after"')
  })

  it("UpdateUser removes a text that is set to an empty one", async () => {
    await ram("CreateUser", { UserName: "texts", Comments: "c", DisplayName: "d" })
    await ram("UpdateUser", { UserName: "texts", NewComments: "" })
    expect((await ram("GetUser", { UserName: "texts" })).body["User"]).toMatchObject({ Comments: "", DisplayName: "d" })
  })
})
