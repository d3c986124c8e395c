/** The requests of Terraform's provider for its `alicloud_ram_*` resources, and the answers that it reads. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startServer } from "../guide/serverFixture.ts"
import type { RunningServer } from "../guide/serverFixture.ts"
import { codeOf, popClient } from "./vendorClients.ts"

let server: RunningServer
let rpc: ReturnType<typeof popClient>
beforeAll(async () => {
  server = await startServer()
  rpc = popClient(server.url, "2015-05-01")
})
afterAll(() => server.stop())

const code = (action: string, parameters: object = {}): Promise<string> => codeOf(rpc(action, parameters))

/** The members at a path, as `jsonpath.Get` finds them. */
const at = (answer: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((value, name) => (value as Readonly<Record<string, unknown>>)[name], answer)

const items = (answer: unknown, ...path: ReadonlyArray<string>): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const found = at(answer, ...path)
  expect(found).toBeInstanceOf(Array)
  return found as ReadonlyArray<Readonly<Record<string, unknown>>>
}

const policyDocument =
  '{"Version":"1","Statement":[{"Action":["kms:*"],"Resource":["acs:kms:*:*:*"],"Effect":"Allow"}]}'
const trust =
  '{ "Statement": [ { "Action": "sts:AssumeRole", "Effect": "Allow", ' +
  '"Principal": { "Service": [ "apigateway.aliyuncs.com", "ecs.aliyuncs.com" ] } } ], "Version": "1" }'

/** `DescribeRamUser`: by id, in the list, and then by name. */
const describeUser = async (id: string): Promise<Readonly<Record<string, unknown>>> => {
  const listed = await rpc("ListUsers", { MaxItems: 100 })
  expect(at(listed, "IsTruncated")).toBe(false)
  const found = items(listed, "Users", "User").find((user) => user["UserId"] === id)
  return at(await rpc("GetUser", { UserName: found?.["UserName"] }), "User") as Readonly<Record<string, unknown>>
}

const createUser = async (UserName: string, more: object = {}): Promise<string> =>
  String(at(await rpc("CreateUser", { UserName, ...more }), "User", "UserId"))

describe("alicloud_ram_user", () => {
  it("Terraform creates, reads, renames and destroys alicloud_ram_user with all its parts", async () => {
    const id = await createUser("tf-user", { DisplayName: "d", MobilePhone: "86-18688888888", Comments: "c" })
    expect(await describeUser(id)).toMatchObject({ UserName: "tf-user", Email: "", Comments: "c" })
    await rpc("UpdateUser", {
      UserName: "tf-user",
      NewUserName: "tf-renamed",
      NewDisplayName: "",
      NewMobilePhone: "",
      NewEmail: "",
      NewComments: ""
    })
    expect(await describeUser(id)).toMatchObject({ UserName: "tf-renamed", DisplayName: "", Comments: "" })

    const UserName = "tf-renamed"
    await rpc("CreateAccessKey", { UserName })
    await rpc("AttachPolicyToUser", { UserName, PolicyName: "ReadOnlyAccess", PolicyType: "System" })
    await rpc("CreateGroup", { GroupName: "tf-force" })
    await rpc("AddUserToGroup", { UserName, GroupName: "tf-force" })
    expect(await code("DeleteUser", { UserName })).toMatch(/^DeleteConflict\.User\./)
    for (const key of items(await rpc("ListAccessKeys", { UserName }), "AccessKeys", "AccessKey")) {
      await rpc("DeleteAccessKey", { UserName, UserAccessKeyId: key["AccessKeyId"] })
    }
    for (const policy of items(await rpc("ListPoliciesForUser", { UserName }), "Policies", "Policy")) {
      const { PolicyName, PolicyType } = policy
      await rpc("DetachPolicyFromUser", { UserName, PolicyName, PolicyType })
    }
    for (const group of items(await rpc("ListGroupsForUser", { UserName }), "Groups", "Group")) {
      await rpc("RemoveUserFromGroup", { UserName, GroupName: group["GroupName"] })
    }
    expect(await code("DeleteLoginProfile", { UserName })).toBe("EntityNotExist.User.LoginProfile")
    expect(await code("UnbindMFADevice", { UserName })).toBe("EntityNotExist.User.MFADevice")
    expect(await code("DeleteUser", { UserName })).toBe("ok")
    expect(await code("GetUser", { UserName })).toBe("EntityNotExist.User")
  })
})

describe("alicloud_ram_group and alicloud_ram_group_membership", () => {
  it("Terraform creates, reads, updates and destroys alicloud_ram_group and its memberships", async () => {
    const made = await rpc("CreateGroup", { GroupName: "tf-group", Comments: "c" })
    expect(at(made, "Group", "GroupName")).toBe("tf-group")
    expect(await rpc("GetGroup", { GroupName: "tf-group" })).toMatchObject({ Group: { Comments: "c" } })
    await rpc("UpdateGroup", { GroupName: "tf-group", NewComments: "changed" })
    expect(await rpc("GetGroup", { GroupName: "tf-group" })).toMatchObject({ Group: { Comments: "changed" } })
    for (const UserName of ["tf-one", "tf-two"]) {
      await createUser(UserName)
      await rpc("AddUserToGroup", { UserName, GroupName: "tf-group" })
    }
    const members = items(await rpc("ListUsersForGroup", { GroupName: "tf-group" }), "Users", "User")
    expect(members.map(({ UserName }) => UserName)).toEqual(["tf-one", "tf-two"])
    expect(await code("DeleteGroup", { GroupName: "tf-group" })).toBe("DeleteConflict.Group.User")
    for (const { UserName } of members) await rpc("RemoveUserFromGroup", { UserName, GroupName: "tf-group" })
    expect(items(await rpc("ListPoliciesForGroup", { GroupName: "tf-group" }), "Policies", "Policy")).toEqual([])
    expect(await code("DeleteGroup", { GroupName: "tf-group" })).toBe("ok")
    expect(await code("GetGroup", { GroupName: "tf-group" })).toBe("EntityNotExist.Group")
  })
})

describe("alicloud_ram_policy", () => {
  it("Terraform creates, reads, changes and destroys alicloud_ram_policy with tags and versions", async () => {
    const PolicyName = "tf-policy"
    const made = await rpc("CreatePolicy", {
      PolicyName,
      Description: "d",
      PolicyDocument: policyDocument,
      Tag: '[{"Key":"Created","Value":"TF"}]'
    })
    expect(at(made, "Policy", "PolicyName")).toBe(PolicyName)
    const read = async () => rpc("GetPolicy", { PolicyName, PolicyType: "Custom" })
    const first = await read()
    expect(at(first, "DefaultPolicyVersion", "PolicyDocument")).toBe(policyDocument)
    expect(first["Policy"]).toMatchObject({ DefaultVersion: "v1", AttachmentCount: 0, PolicyType: "Custom" })
    const named = { ResourceType: "policy", ResourceNames: `["${PolicyName}"]` }
    expect(items(await rpc("ListTagResources", named), "TagResources")).toMatchObject([
      { TagKey: "Created", TagValue: "TF" }
    ])
    await rpc("UntagResources", { ...named, "TagKey.1": "Created", TagKeys: '["Created"]' })
    await rpc("TagResources", { ...named, Tag: '[{"Key":"For","Value":"Test"}]' })
    expect(items(await rpc("ListTagResources", named), "TagResources")).toMatchObject([{ TagKey: "For" }])

    const changed = policyDocument.replace("kms:*", "kms:List*")
    await rpc("CreatePolicyVersion", { PolicyName, SetAsDefault: true, PolicyDocument: changed })
    await rpc("UpdatePolicyDescription", { PolicyName, NewDescription: "e" })
    const second = await read()
    expect(at(second, "DefaultPolicyVersion", "PolicyDocument")).toBe(changed)
    expect(second["Policy"]).toMatchObject({ DefaultVersion: "v2", Description: "e" })

    await createUser("tf-holder")
    await rpc("AttachPolicyToUser", { PolicyName, PolicyType: "Custom", UserName: "tf-holder" })
    const entities = await rpc("ListEntitiesForPolicy", { PolicyName, PolicyType: "Custom" })
    for (const { UserName } of items(entities, "Users", "User")) {
      await rpc("DetachPolicyFromUser", { PolicyName, PolicyType: "Custom", UserName })
    }
    expect(items(entities, "Groups", "Group")).toEqual([])
    expect(items(entities, "Roles", "Role")).toEqual([])
    const versions = await rpc("ListPolicyVersions", { PolicyName, PolicyType: "Custom" })
    for (const { IsDefaultVersion, VersionId } of items(versions, "PolicyVersions", "PolicyVersion")) {
      if (IsDefaultVersion === false) await rpc("DeletePolicyVersion", { PolicyName, VersionId })
    }
    expect(await code("DeletePolicy", { PolicyName, CascadingDelete: true })).toBe("ok")
    expect(await code("GetPolicy", { PolicyName, PolicyType: "Custom" })).toBe("EntityNotExist.Policy")
  })
})

describe("alicloud_ram_role", () => {
  it("Terraform creates, reads, updates and destroys alicloud_ram_role with tags", async () => {
    const RoleName = "tf-role"
    const made = await rpc("CreateRole", {
      RoleName,
      AssumeRolePolicyDocument: trust,
      Description: "d",
      MaxSessionDuration: 3600,
      Tag: '[{"Key":"Created","Value":"TF"}]'
    })
    expect(at(made, "Role", "RoleName")).toBe(RoleName)
    expect((await rpc("GetRole", { RoleName }))["Role"]).toMatchObject({
      Arn: `acs:ram::1000000000000001:role/${RoleName}`,
      AssumeRolePolicyDocument: trust,
      MaxSessionDuration: 3600
    })
    const named = { ResourceType: "role", ResourceNames: `["${RoleName}"]` }
    expect(items(await rpc("ListTagResources", named), "TagResources")).toHaveLength(1)
    await rpc("UpdateRole", {
      RoleName,
      NewDescription: "e",
      NewMaxSessionDuration: 7200,
      NewAssumeRolePolicyDocument: trust.replace("apigateway", "log")
    })
    expect((await rpc("GetRole", { RoleName }))["Role"]).toMatchObject({ Description: "e", MaxSessionDuration: 7200 })
    await rpc("AttachPolicyToRole", { RoleName, PolicyName: "ReadOnlyAccess", PolicyType: "System" })
    expect(await code("DeleteRole", { RoleName })).toBe("DeleteConflict.Role.Policy")
    for (const policy of items(await rpc("ListPoliciesForRole", { RoleName }), "Policies", "Policy")) {
      const { PolicyName, PolicyType } = policy
      await rpc("DetachPolicyFromRole", { RoleName, PolicyName, PolicyType })
    }
    expect(await code("DeleteRole", { RoleName })).toBe("ok")
    expect(await code("GetRole", { RoleName })).toBe("EntityNotExist.Role")
  })
})

describe("attachments, access keys and login profiles", () => {
  it("Terraform reads alicloud_ram_user_policy_attachment by name and type, and detaches once", async () => {
    await createUser("tf-attached")
    const pair = { UserName: "tf-attached", PolicyName: "AliyunKMSFullAccess", PolicyType: "System" }
    await rpc("AttachPolicyToUser", pair)
    expect(await code("AttachPolicyToUser", pair)).toBe("EntityAlreadyExists.User.Policy")
    const [attached] = items(await rpc("ListPoliciesForUser", { UserName: "tf-attached" }), "Policies", "Policy")
    expect(attached).toMatchObject({ PolicyName: "AliyunKMSFullAccess", PolicyType: "System" })
    await rpc("DetachPolicyFromUser", pair)
    expect(await code("DetachPolicyFromUser", pair)).toBe("EntityNotExist.User.Policy")
  })

  it("alicloud_ram_access_key shows its secret once, and is deactivated and deleted", async () => {
    const UserName = "tf-keys"
    await createUser(UserName)
    const key = at(await rpc("CreateAccessKey", { UserName }), "AccessKey") as Readonly<Record<string, unknown>>
    expect(key["AccessKeySecret"]).toMatch(/^[A-Za-z0-9]{30}$/)
    const UserAccessKeyId = key["AccessKeyId"]
    await rpc("UpdateAccessKey", { UserName, UserAccessKeyId, Status: "Inactive" })
    const listed = await rpc("ListAccessKeys", { UserName })
    const [found] = items(listed, "AccessKeys", "AccessKey")
    expect(found).toEqual({
      AccessKeyId: UserAccessKeyId,
      Status: "Inactive",
      CreateDate: expect.stringMatching(/^\d{4}-/)
    })
    await rpc("DeleteAccessKey", { UserName, UserAccessKeyId })
    expect(await code("DeleteAccessKey", { UserName, UserAccessKeyId })).toBe("EntityNotExist.User.AccessKey")
    expect(await code("ListAccessKeys", { UserName: "tf-absent" })).toBe("EntityNotExist.User")
  })

  it("Terraform creates, reads, updates and deletes alicloud_ram_login_profile", async () => {
    const UserName = "tf-login"
    await createUser(UserName)
    const made = await rpc("CreateLoginProfile", {
      UserName,
      Password: "Example_1234",
      PasswordResetRequired: false,
      MFABindRequired: false
    })
    expect(at(made, "LoginProfile", "UserName")).toBe(UserName)
    await rpc("UpdateLoginProfile", {
      UserName,
      PasswordResetRequired: true,
      MFABindRequired: true,
      Password: "Example_5678"
    })
    expect((await rpc("GetLoginProfile", { UserName }))["LoginProfile"]).toMatchObject({
      MFABindRequired: true,
      PasswordResetRequired: true
    })
    await rpc("DeleteLoginProfile", { UserName })
    expect(await code("GetLoginProfile", { UserName })).toBe("EntityNotExist.User.LoginProfile")
  })

  it("Terraform sets, reads and clears alicloud_ram_account_alias", async () => {
    expect(await code("GetAccountAlias")).toBe("EntityNotExist.AccountAlias")
    await rpc("SetAccountAlias", { AccountAlias: "my-alias" })
    expect(await rpc("GetAccountAlias")).toMatchObject({ AccountAlias: "my-alias" })
    await rpc("ClearAccountAlias")
    expect(await code("GetAccountAlias")).toBe("EntityNotExist.AccountAlias")
  })
})
