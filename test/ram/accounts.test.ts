/** RAM of several accounts: each sees only its own records, also after a restart, and no secret is in a file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { allow, at, document, root, startService } from "../authorization/people.ts"
import type { Credentials, Parameters, Service } from "../authorization/people.ts"

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "keystate-ram-accounts-"))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const password = "Only-4-this-Test"

interface Owner {
  readonly account: string
  readonly who: Credentials
  /** A part of each name of this account that no other account has. */
  readonly mark: string
}

const other = async (service: Service, account: string, mark: string): Promise<Owner> => {
  const { body } = await service.ask(root, "CreateAccount", { AccountId: account })
  const pair = (member: string): string => at(body, "Account", "RootAccessKey", member)
  return { account, mark, who: { accessKeyId: pair("AccessKeyId"), secret: pair("AccessKeySecret") } }
}

/** One of everything; the users' secrets. */
const fill = async (service: Service, { account, mark, who }: Owner): Promise<string> => {
  const must = async (action: string, parameters: Parameters) => {
    const heard = await service.ram(who, action, parameters)
    expect([action, heard.code]).toEqual([action, "ok"])
    return heard.body
  }
  const [UserName, GroupName, RoleName] = [`user-${mark}`, `group-${mark}`, `role-${mark}`]
  const policy = { PolicyName: `policy-${mark}`, PolicyType: "Custom" }
  const trust = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: [`acs:ram::${account}:root`] } }
  await must("CreateUser", { UserName, DisplayName: mark, Comments: mark })
  await must("CreateLoginProfile", { UserName, Password: password })
  await must("CreateGroup", { GroupName, Comments: mark })
  await must("AddUserToGroup", { UserName, GroupName })
  await must("CreateRole", { RoleName, AssumeRolePolicyDocument: document(trust), Description: mark })
  await must("CreatePolicy", {
    PolicyName: policy.PolicyName,
    PolicyDocument: document(allow("kms:ListKeys", "*")),
    Description: mark,
    Tag: JSON.stringify([{ Key: "mark", Value: mark }])
  })
  await must("AttachPolicyToUser", { ...policy, UserName })
  await must("AttachPolicyToGroup", { ...policy, GroupName })
  await must("AttachPolicyToRole", { ...policy, RoleName })
  await must("AttachPolicyToUser", { PolicyName: "ReadOnlyAccess", PolicyType: "System", UserName })
  await must("SetAccountAlias", { AccountAlias: `alias-${mark}` })
  return at(await must("CreateAccessKey", { UserName }), "AccessKey", "AccessKeySecret")
}

const lists: ReadonlyArray<readonly [string, Parameters]> = [
  ["ListUsers", {}],
  ["ListGroups", {}],
  ["ListRoles", {}],
  ["ListPolicies", {}],
  ["ListTagResources", { ResourceType: "policy" }],
  ["ListTagResources", { ResourceType: "role" }],
  ["ListEntitiesForPolicy", { PolicyName: "ReadOnlyAccess", PolicyType: "System" }],
  ["GetAccountAlias", {}]
]

/** Requests for records of another account, by their names. */
const foreign = (mark: string): ReadonlyArray<readonly [string, Parameters]> => [
  ["GetUser", { UserName: `user-${mark}` }],
  ["ListAccessKeys", { UserName: `user-${mark}` }],
  ["GetLoginProfile", { UserName: `user-${mark}` }],
  ["GetGroup", { GroupName: `group-${mark}` }],
  ["ListUsersForGroup", { GroupName: `group-${mark}` }],
  ["GetRole", { RoleName: `role-${mark}` }],
  ["UpdateRole", { RoleName: `role-${mark}`, NewDescription: "x" }],
  ["DeleteRole", { RoleName: `role-${mark}` }],
  ["GetPolicy", { PolicyName: `policy-${mark}`, PolicyType: "Custom" }],
  ["ListEntitiesForPolicy", { PolicyName: `policy-${mark}`, PolicyType: "Custom" }],
  ["CreateAccessKey", { UserName: `user-${mark}` }],
  ["DeleteUser", { UserName: `user-${mark}` }]
]

const expectApart = async (service: Service, owners: ReadonlyArray<Owner>): Promise<void> => {
  for (const { who, mark } of owners) {
    for (const [action, parameters] of lists) {
      const { text } = await service.ram(who, action, parameters)
      if (action !== "ListTagResources" || parameters["ResourceType"] !== "role") expect(text).toContain(mark)
      for (const { account, mark: theirs } of owners.filter((owner) => owner.mark !== mark)) {
        expect(text).not.toContain(theirs)
        expect(text).not.toContain(account)
      }
    }
    for (const { mark: theirs } of owners.filter((owner) => owner.mark !== mark)) {
      for (const [action, parameters] of foreign(theirs)) {
        const heard = await service.ram(who, action, parameters)
        expect([action, heard.status, heard.text.includes(theirs)]).toEqual([action, 404, false])
      }
    }
  }
}

it("accounts see nothing of each other's RAM, and no secret is in a file", async () => {
  const store = { directory }
  const secrets: Array<string> = [password]
  let owners: ReadonlyArray<Owner>
  {
    await using service = await startService({ store })
    owners = [
      { account: "1000000000000001", mark: "first", who: root },
      await other(service, "2000000000000002", "second"),
      await other(service, "3000000000000003", "third")
    ]
    for (const owner of owners) secrets.push(await fill(service, owner))
    await expectApart(service, owners)
    const shown = JSON.stringify(await service.auditLines())
    for (const secret of secrets) expect(shown).not.toContain(secret)
  }
  for (const file of readdirSync(directory)) {
    const bytes = readFileSync(join(directory, file)).toString("latin1")
    for (const secret of secrets) expect(bytes).not.toContain(secret)
  }
  await using again = await startService({ store })
  await expectApart(again, owners)
})
