/** RAM and STS with the vendor's published clients over HTTP. */
import Kms from "@alicloud/kms20160120"
import Ram from "@alicloud/ram20150501"
import Sts from "@alicloud/sts20150401"
import { describe, expect, it } from "vitest"
import { startServer } from "../guide/serverFixture.ts"
import { codeOf, kmsClient, popClient, ramClient, rootSigner, stsClient } from "./vendorClients.ts"
import type { Signer } from "./vendorClients.ts"

const account = "1000000000000001"
const document = (...Statement: ReadonlyArray<object>): string => JSON.stringify({ Version: "1", Statement })
const allow = (Action: string, Resource = "*") => ({ Effect: "Allow", Action, Resource })
const trust = (...RAM: ReadonlyArray<string>): string =>
  document({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM } })

type RamClient = ReturnType<typeof ramClient>

const createUser = async (ram: RamClient, userName: string): Promise<Signer> => {
  await ram.createUser(new Ram.CreateUserRequest({ userName }))
  const { body } = await ram.createAccessKey(new Ram.CreateAccessKeyRequest({ userName }))
  const { accessKeyId = "", accessKeySecret = "" } = body?.accessKey ?? {}
  return { accessKeyId, accessKeySecret }
}

const grant = async (ram: RamClient, userName: string, policyName: string, policyType = "System"): Promise<void> => {
  await ram.attachPolicyToUser(new Ram.AttachPolicyToUserRequest({ userName, policyName, policyType }))
}

const assume = async (url: string, signer: Signer, roleArn: string, more: object = {}): Promise<Signer> => {
  const request = new Sts.AssumeRoleRequest({ roleArn, roleSessionName: "shift", ...more })
  const { body } = await stsClient(url, signer).assumeRole(request)
  const { accessKeyId = "", accessKeySecret = "", securityToken = "" } = body?.credentials ?? {}
  return { accessKeyId, accessKeySecret, securityToken }
}

describe("the RAM SDK", () => {
  it("the RAM SDK manages users, groups, policies and roles, and reads them back", async () => {
    await using server = await startServer()
    const ram = ramClient(server.url)
    const made = await ram.createUser(
      new Ram.CreateUserRequest({
        userName: "alice",
        displayName: "Alice",
        comments: "shop",
        mobilePhone: "86-18600008888",
        email: "alice@example.com"
      })
    )
    expect(made.body?.user).toMatchObject({ userName: "alice", displayName: "Alice", comments: "shop" })
    const { body } = await ram.getUser(new Ram.GetUserRequest({ userName: "alice" }))
    expect(body?.user).toMatchObject({ userId: made.body?.user?.userId, email: "alice@example.com" })

    await ram.createGroup(new Ram.CreateGroupRequest({ groupName: "devs", comments: "developers" }))
    await ram.addUserToGroup(new Ram.AddUserToGroupRequest({ groupName: "devs", userName: "alice" }))
    const members = await ram.listUsersForGroup(new Ram.ListUsersForGroupRequest({ groupName: "devs" }))
    expect(members.body?.users?.user?.map(({ userName }) => userName)).toEqual(["alice"])

    const policyDocument = document(allow("kms:ListKeys"))
    await ram.createPolicy(new Ram.CreatePolicyRequest({ policyName: "list", policyDocument, description: "d" }))
    const policy = new Ram.GetPolicyRequest({ policyName: "list", policyType: "Custom" })
    const shown = await ram.getPolicy(policy)
    expect(shown.body?.policy).toMatchObject({ defaultVersion: "v1", policyType: "Custom", attachmentCount: 0 })
    expect(shown.body?.defaultPolicyVersion).toMatchObject({ policyDocument, versionId: "v1", isDefaultVersion: true })
    await ram.attachPolicyToGroup(
      new Ram.AttachPolicyToGroupRequest({ groupName: "devs", policyName: "list", policyType: "Custom" })
    )
    const entities = await ram.listEntitiesForPolicy(
      new Ram.ListEntitiesForPolicyRequest({ policyName: "list", policyType: "Custom" })
    )
    expect(entities.body?.groups?.group?.map(({ groupName }) => groupName)).toEqual(["devs"])

    const assumeRolePolicyDocument = trust(`acs:ram::${account}:root`)
    const role = await ram.createRole(
      new Ram.CreateRoleRequest({ roleName: "worker", assumeRolePolicyDocument, maxSessionDuration: 7200 })
    )
    expect(role.body?.role).toMatchObject({
      arn: `acs:ram::${account}:role/worker`,
      assumeRolePolicyDocument,
      maxSessionDuration: 7200
    })
    expect(await codeOf(ram.deleteUser(new Ram.DeleteUserRequest({ userName: "alice" })))).toBe(
      "DeleteConflict.User.Group"
    )
  })

  it("a group's policies apply to its users until they leave the group", async () => {
    await using server = await startServer()
    const ram = ramClient(server.url)
    const alice = await createUser(ram, "alice")
    const list = (): Promise<string> => codeOf(kmsClient(server.url, alice).listKeys(new Kms.ListKeysRequest({})))
    expect(await list()).toBe("Forbidden.NoPermissionError")
    await ram.createGroup(new Ram.CreateGroupRequest({ groupName: "devs" }))
    await ram.addUserToGroup(new Ram.AddUserToGroupRequest({ groupName: "devs", userName: "alice" }))
    await ram.attachPolicyToGroup(
      new Ram.AttachPolicyToGroupRequest({
        groupName: "devs",
        policyName: "AliyunKMSReadOnlyAccess",
        policyType: "System"
      })
    )
    expect(await list()).toBe("ok")
    await ram.removeUserFromGroup(new Ram.RemoveUserFromGroupRequest({ groupName: "devs", userName: "alice" }))
    expect(await list()).toBe("Forbidden.NoPermissionError")
  })

  it("the RAM SDK works for users whose policies grant operations of RAM, and for no others", async () => {
    await using server = await startServer()
    const root = ramClient(server.url)
    const plain = ramClient(server.url, await createUser(root, "plain"))
    expect(await codeOf(plain.listUsers(new Ram.ListUsersRequest({})))).toBe("NoPermission")
    const admin = ramClient(server.url, await createUser(root, "admin"))
    await grant(root, "admin", "AliyunRAMFullAccess")
    expect(await codeOf(admin.createUser(new Ram.CreateUserRequest({ userName: "bob" })))).toBe("ok")
    await root.createPolicy(
      new Ram.CreatePolicyRequest({
        policyName: "own-keys",
        policyDocument: document(allow("ram:*AccessKey*", `acs:ram:*:${account}:user/plain`))
      })
    )
    await grant(root, "plain", "own-keys", "Custom")
    expect(await codeOf(plain.createAccessKey(new Ram.CreateAccessKeyRequest({})))).toBe("ok")
    expect(await codeOf(plain.createAccessKey(new Ram.CreateAccessKeyRequest({ userName: "bob" })))).toBe(
      "NoPermission"
    )
  })
})

describe("the STS SDK", () => {
  it("the STS SDK assumes a role by its ARN, and the KMS SDK uses the credentials", async () => {
    await using server = await startServer()
    const ram = ramClient(server.url)
    const alice = await createUser(ram, "alice")
    await grant(ram, "alice", "AliyunSTSAssumeRoleAccess")
    await ram.createRole(
      new Ram.CreateRoleRequest({
        roleName: "worker",
        assumeRolePolicyDocument: trust(`acs:ram::${account}:user/alice`)
      })
    )
    await ram.attachPolicyToRole(
      new Ram.AttachPolicyToRoleRequest({
        roleName: "worker",
        policyName: "AliyunKMSFullAccess",
        policyType: "System"
      })
    )
    const arn = `acs:ram::${account}:role/worker`
    const session = await assume(server.url, alice, arn)
    const kms = kmsClient(server.url, session)
    const { keyMetadata } = await kms.createKey(new Kms.CreateKeyRequest({}))
    expect(keyMetadata.keyState).toBe("Enabled")
    const narrowed = await assume(server.url, alice, arn, { policy: document(allow("kms:ListKeys")) })
    const few = kmsClient(server.url, narrowed)
    expect(await codeOf(few.listKeys(new Kms.ListKeysRequest({})))).toBe("ok")
    expect(await codeOf(few.createKey(new Kms.CreateKeyRequest({})))).toBe("Forbidden.NoPermissionError")
  })

  it("GetCallerIdentity identifies the account, a user, or a session of a role", async () => {
    await using server = await startServer()
    const ram = ramClient(server.url)
    const alice = await createUser(ram, "alice")
    await grant(ram, "alice", "AliyunSTSAssumeRoleAccess")
    await ram.createRole(
      new Ram.CreateRoleRequest({
        roleName: "worker",
        assumeRolePolicyDocument: trust(`acs:ram::${account}:root`)
      })
    )
    const session = await assume(server.url, alice, `acs:ram::${account}:role/worker`)
    const identity = async (signer: Signer) => (await stsClient(server.url, signer).getCallerIdentity()).body
    expect(await identity(rootSigner)).toMatchObject({
      accountId: account,
      identityType: "Account",
      arn: `acs:ram::${account}:root`
    })
    expect(await identity(alice)).toMatchObject({ identityType: "RAMUser", arn: `acs:ram::${account}:user/alice` })
    const assumed = await identity(session)
    expect(assumed).toMatchObject({
      identityType: "AssumedRoleUser",
      arn: `acs:ram::${account}:assumed-role/worker/shift`
    })
    expect(assumed?.principalId).toBe(`${assumed?.roleId}:shift`)
  })

  it("AssumeRole refuses the account's root", async () => {
    await using server = await startServer()
    await ramClient(server.url).createRole(
      new Ram.CreateRoleRequest({ roleName: "worker", assumeRolePolicyDocument: trust(`acs:ram::${account}:root`) })
    )
    const asked = assume(server.url, rootSigner, `acs:ram::${account}:role/worker`)
    await expect(asked).rejects.toMatchObject({
      code: "NoPermission",
      message: expect.stringContaining("Roles may not be assumed by root accounts.")
    })
  })
})

describe.each(["GET", "POST"] as const)("the core SDK by %s", (method) => {
  it("the core SDK calls RAM and STS with signature version 1.0", async () => {
    await using server = await startServer()
    const ram = popClient(server.url, "2015-05-01")
    expect(await ram("CreateUser", { UserName: "alice" }, method)).toMatchObject({ User: { UserName: "alice" } })
    expect(await codeOf(ram("CreateUser", { UserName: "alice" }, method))).toBe("EntityAlreadyExists.User")
    const sts = popClient(server.url, "2015-04-01")
    expect(await sts("GetCallerIdentity", {}, method)).toMatchObject({ AccountId: account, IdentityType: "Account" })
    expect(await codeOf(sts("AssumeRoleWithOIDC", {}, method))).toBe("InvalidAction.NotFound")
    expect(await codeOf(popClient(server.url, "2019-08-15")("ListUsers", {}, method))).toBe("InvalidVersion")
  })
})
