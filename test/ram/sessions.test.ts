/** Who may assume a role, in this account and in another, and when sessions end. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { account, allow, at, deny, document, root, startService } from "../authorization/people.ts"
import type { Credentials, Heard, Parameters, Service } from "../authorization/people.ts"

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service[Symbol.asyncDispose]())

const other = "2000000000000002"
const arnOf = (role: string, of = account): string => `acs:ram::${of}:role/${role}`

const trusting = (principals: ReadonlyArray<string>, more: object = {}): string =>
  document({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: principals }, ...more })

const must = async (action: string, parameters: Parameters, who = root): Promise<Heard> => {
  const heard = await service.ram(who, action, parameters)
  expect([action, heard.text, heard.code]).toEqual([action, heard.text, "ok"])
  return heard
}

/** A role whose sessions may list keys. */
const makeRole = async (RoleName: string, trust: string, more: Parameters = {}, who = root): Promise<void> => {
  await must("CreateRole", { RoleName, AssumeRolePolicyDocument: trust, ...more }, who)
  await must("AttachPolicyToRole", { RoleName, PolicyType: "System", PolicyName: "AliyunKMSReadOnlyAccess" }, who)
}

const assuming = (who: Credentials, RoleArn: string, more: Parameters = {}): Promise<Heard> =>
  service.sts(who, "AssumeRole", { RoleArn, RoleSessionName: "shift", ...more })

const assume = async (who: Credentials, RoleArn: string, more: Parameters = {}): Promise<Credentials> => {
  const { body, code } = await assuming(who, RoleArn, more)
  expect([RoleArn, code]).toEqual([RoleArn, "ok"])
  return {
    accessKeyId: at(body, "Credentials", "AccessKeyId"),
    secret: at(body, "Credentials", "AccessKeySecret"),
    securityToken: at(body, "Credentials", "SecurityToken")
  }
}

const listKeys = async (who: Credentials): Promise<string> => (await service.ask(who, "ListKeys")).code

const anyRole = allow("sts:AssumeRole", "*")

const neighbour = async (): Promise<Credentials> => {
  const { body } = await service.ask(root, "CreateAccount", { AccountId: other })
  return {
    accessKeyId: at(body, "Account", "RootAccessKey", "AccessKeyId"),
    secret: at(body, "Account", "RootAccessKey", "AccessKeySecret")
  }
}

describe("a role", () => {
  it("a role can be assumed by principals of its trust policy if their own policies allow", async () => {
    const named = await service.user("named", anyRole)
    const unnamed = await service.user("unnamed", anyRole)
    const unpermitted = await service.user("unpermitted")
    const elsewhere = await service.user("elsewhere", allow("sts:AssumeRole", `acs:ram:*:${account}:role/other-*`))
    await makeRole("by-user", trusting(["named", "unpermitted"].map((name) => `acs:ram::${account}:user/${name}`)))
    await makeRole("by-account", trusting([`acs:ram::${account}:root`]))
    expect(await listKeys(await assume(named, arnOf("by-user")))).toBe("ok")
    expect(await listKeys(await assume(unnamed, arnOf("by-account")))).toBe("ok")
    const refused = [
      await assuming(unnamed, arnOf("by-user")),
      await assuming(unpermitted, arnOf("by-user")),
      await assuming(elsewhere, arnOf("by-account"))
    ]
    expect(refused.map(({ status, code }) => [status, code])).toEqual(refused.map(() => [403, "NoPermission"]))
    expect((await assuming(named, arnOf("absent"))).code).toBe("EntityNotExist.Role")
  })

  it("a role can be assumed by a session of another role in its trust policy", async () => {
    const user = await service.user("chained", anyRole)
    await makeRole("first", trusting([`acs:ram::${account}:user/chained`]))
    await makeRole("second", trusting([`acs:ram::${account}:role/first`]))
    await must("AttachPolicyToRole", {
      RoleName: "first",
      PolicyType: "System",
      PolicyName: "AliyunSTSAssumeRoleAccess"
    })
    expect((await assuming(user, arnOf("second"))).code).toBe("NoPermission")
    const first = await assume(user, arnOf("first"))
    const second = await assume(first, arnOf("second"))
    expect(await listKeys(second)).toBe("ok")
    const { body } = await service.sts(second, "GetCallerIdentity")
    expect(body["Arn"]).toBe(`acs:ram::${account}:assumed-role/second/shift`)
    // The session that started the other one depends on its user.
    await must("DeleteAccessKey", { UserName: "chained", UserAccessKeyId: user.accessKeyId })
    expect(await listKeys(second)).toBe("Forbidden.NoPermission")
  })

  it("a role cannot be assumed against a Deny, without its external id, or from another address", async () => {
    const user = await service.user("limited", anyRole)
    const everyone = [`acs:ram::${account}:root`]
    const Principal = { RAM: [`acs:ram::${account}:user/limited`] }
    await makeRole(
      "denied",
      document(
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: everyone } },
        { ...deny("sts:AssumeRole", "*"), Resource: undefined, Principal }
      )
    )
    await makeRole("external", trusting(everyone, { Condition: { StringEquals: { "sts:ExternalId": "abc" } } }))
    await makeRole("near", trusting(everyone, { Condition: { IpAddress: { "acs:SourceIp": "10.0.0.0/8" } } }))
    expect((await assuming(user, arnOf("denied"))).code).toBe("NoPermission")
    expect((await assuming(user, arnOf("external"))).code).toBe("NoPermission")
    expect((await assuming(user, arnOf("external"), { ExternalId: "abd" })).code).toBe("NoPermission")
    expect((await assuming(user, arnOf("external"), { ExternalId: "abc" })).code).toBe("ok")
    expect((await assuming(user, arnOf("near"))).code).toBe("NoPermission")
    const near = { RoleArn: arnOf("near"), RoleSessionName: "shift" }
    expect((await service.sts(user, "AssumeRole", near, { from: "10.1.2.3" })).code).toBe("ok")
  })

  it("a role cannot be assumed if its trust policy names services or identity providers", async () => {
    const user = await service.user("person", anyRole)
    const service_ = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: ["ecs.aliyuncs.com"] } }
    const federated = {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Federated: [`acs:ram::${account}:saml-provider/idp`] },
      Condition: { StringEquals: { "saml:recipient": "https://signin.alibabacloud.com/saml-role/sso" } }
    }
    await makeRole("of-service", document(service_))
    await makeRole("of-provider", document(federated))
    expect((await assuming(user, arnOf("of-service"))).code).toBe("NoPermission")
    expect((await assuming(user, arnOf("of-provider"))).code).toBe("NoPermission")
  })

  it("a role has sessions of 900 seconds to its MaxSessionDuration", async () => {
    const user = await service.user("timed", anyRole)
    await makeRole("timed", trusting([`acs:ram::${account}:root`]), { MaxSessionDuration: "7200" })
    const seconds = async (DurationSeconds: string): Promise<string> =>
      (await assuming(user, arnOf("timed"), { DurationSeconds })).code
    expect(await seconds("900")).toBe("ok")
    expect(await seconds("7200")).toBe("ok")
    expect(await seconds("7201")).toBe("InvalidParameter.DurationSeconds")
    const { body } = await assuming(user, arnOf("timed"))
    const left = Date.parse(at(body, "Credentials", "Expiration")) - Date.now()
    expect(Math.abs(left - 3_600_000)).toBeLessThan(60_000)
    expect(body["AssumedRoleUser"]).toMatchObject({ Arn: `${arnOf("timed")}/shift` })
  })

  it("AssumeRole limits a session by its policy, which must be valid", async () => {
    const user = await service.user("narrowing", anyRole)
    await makeRole("narrowed", trusting([`acs:ram::${account}:root`]))
    const Policy = document(allow("kms:ListAliases", "*"))
    const session = await assume(user, arnOf("narrowed"), { Policy })
    expect((await service.ask(session, "ListAliases")).code).toBe("ok")
    expect(await listKeys(session)).toBe("Forbidden.NoPermission")
    expect((await assuming(user, arnOf("narrowed"), { Policy: "{}" })).code).toBe("InvalidParameter.PolicyGrammar")
  })
})

describe("a role of another account", () => {
  it("a role of another account can be assumed if its trust policy names the caller", async () => {
    const owner = await neighbour()
    const user = await service.user("visitor", anyRole)
    await makeRole("open", trusting([`acs:ram::${account}:root`]), {}, owner)
    await makeRole("personal", trusting([`acs:ram::${account}:user/visitor`]), {}, owner)
    await makeRole("closed", trusting([`acs:ram::${other}:root`]), {}, owner)
    for (const role of ["open", "personal"]) {
      const session = await assume(user, arnOf(role, other))
      expect(await listKeys(session)).toBe("ok")
      const { body } = await service.sts(session, "GetCallerIdentity")
      expect(body).toMatchObject({ AccountId: other, Arn: `acs:ram::${other}:assumed-role/${role}/shift` })
    }
    const withoutId = ({ body, status }: Heard) => ({ status, body: { ...body, RequestId: "", HostId: "" } })
    const [closed, absent, nowhere] = [
      await assuming(user, arnOf("closed", other)),
      await assuming(user, arnOf("absent", other)),
      await assuming(user, arnOf("absent", "3000000000000003"))
    ]
    expect(closed.code).toBe("NoPermission")
    expect(withoutId(absent)).toEqual(withoutId(closed))
    expect(withoutId(nowhere)).toEqual(withoutId(closed))
    // The owner ends the session by its trust policy.
    const session = await assume(user, arnOf("open", other))
    const NewAssumeRolePolicyDocument = trusting([`acs:ram::${other}:root`])
    await must("UpdateRole", { RoleName: "open", NewAssumeRolePolicyDocument }, owner)
    expect(await listKeys(session)).toBe("Forbidden.NoPermission")
  })
})

describe("the end of sessions", () => {
  const ends: ReadonlyArray<readonly [string, (name: string, who: Credentials) => Promise<unknown>]> = [
    [
      "the trust policy no longer names its user",
      (name) =>
        must("UpdateRole", {
          RoleName: name,
          NewAssumeRolePolicyDocument: trusting([`acs:ram::${account}:user/absent`])
        })
    ],
    [
      "the access key that began it is deleted",
      (UserName, { accessKeyId }) => must("DeleteAccessKey", { UserName, UserAccessKeyId: accessKeyId })
    ],
    [
      "the access key that began it is deactivated",
      (UserName, { accessKeyId }) =>
        must("UpdateAccessKey", { UserName, UserAccessKeyId: accessKeyId, Status: "Inactive" })
    ],
    [
      "its policies are detached from the role",
      (RoleName) =>
        must("DetachPolicyFromRole", { RoleName, PolicyType: "System", PolicyName: "AliyunKMSReadOnlyAccess" })
    ],
    [
      "the role is deleted and another one gets its name",
      async (RoleName) => {
        const policy = { RoleName, PolicyType: "System", PolicyName: "AliyunKMSReadOnlyAccess" }
        await must("DetachPolicyFromRole", policy)
        await must("DeleteRole", { RoleName })
        await makeRole(RoleName, trusting([`acs:ram::${account}:root`]))
      }
    ],
    [
      "its user is deleted and another one gets the name",
      async (UserName, { accessKeyId }) => {
        await must("DeleteAccessKey", { UserName, UserAccessKeyId: accessKeyId })
        await must("DetachPolicyFromUser", { UserName, PolicyType: "Custom", PolicyName: `${UserName}-policy` })
        await must("DeleteUser", { UserName })
        await must("CreateUser", { UserName })
      }
    ]
  ]
  it.each(ends.map(([what, end], number) => [what, `ending-${number}`, end] as const))(
    "a session ends at once when %s",
    async (_what, name, end) => {
      const who = await service.user(name, anyRole)
      await makeRole(name, trusting([`acs:ram::${account}:user/${name}`]))
      const session = await assume(who, arnOf(name))
      expect(await listKeys(session)).toBe("ok")
      await end(name, who)
      expect(await listKeys(session)).toBe("Forbidden.NoPermission")
    }
  )
})

it("a session continues after a change of its trust policy that does not affect its caller", async () => {
  const who = await service.user("staying", anyRole)
  await makeRole("staying", trusting([`acs:ram::${account}:user/staying`]))
  const session = await assume(who, arnOf("staying"))
  const NewAssumeRolePolicyDocument = trusting([`acs:ram::${account}:root`])
  await must("UpdateRole", { RoleName: "staying", NewAssumeRolePolicyDocument, NewDescription: "d" })
  expect(await listKeys(session)).toBe("ok")
})

describe("policies of a group", () => {
  it("policies of a group apply to its users until they leave, or until the policy is detached", async () => {
    const who = await service.user("member")
    const group = { GroupName: "readers" }
    const policy = { ...group, PolicyType: "System", PolicyName: "AliyunKMSReadOnlyAccess" }
    await must("CreateGroup", group)
    await must("AddUserToGroup", { ...group, UserName: "member" })
    await must("AttachPolicyToGroup", policy)
    expect(await listKeys(who)).toBe("ok")
    await must("DetachPolicyFromGroup", policy)
    expect(await listKeys(who)).toBe("Forbidden.NoPermission")
    await must("AttachPolicyToGroup", policy)
    await must("RemoveUserFromGroup", { ...group, UserName: "member" })
    expect(await listKeys(who)).toBe("Forbidden.NoPermission")
  })
})

describe("tags of roles and policies", () => {
  it("conditions on acs:ResourceTag and acs:RequestTag test the tags of roles and policies", async () => {
    const on = (key: string) => ({ Condition: { StringEquals: { [key]: "shop" } } })
    const who = await service.user(
      "tagger",
      allow("ram:*", "*", on("acs:ResourceTag/team")),
      allow("ram:CreateRole", "*", on("acs:RequestTag/team"))
    )
    const trust = trusting([`acs:ram::${account}:root`])
    const create = (RoleName: string, value: string): Promise<Heard> =>
      service.ram(who, "CreateRole", {
        RoleName,
        AssumeRolePolicyDocument: trust,
        Tag: JSON.stringify([{ Key: "team", Value: value }])
      })
    expect((await create("tagged-ours", "shop")).code).toBe("ok")
    expect((await create("tagged-theirs", "other")).code).toBe("NoPermission")
    await must("CreateRole", { RoleName: "untagged", AssumeRolePolicyDocument: trust })
    expect((await service.ram(who, "GetRole", { RoleName: "tagged-ours" })).code).toBe("ok")
    expect((await service.ram(who, "GetRole", { RoleName: "untagged" })).code).toBe("NoPermission")
  })

  it("a trust policy can test the ARN of the caller", async () => {
    const user = await service.user("arn-user", anyRole)
    const condition = (name: string) => ({ Condition: { StringEquals: { "acs:PrincipalARN": name } } })
    await makeRole("by-arn", trusting([`acs:ram::${account}:root`], condition(`acs:ram::${account}:user/arn-user`)))
    await makeRole("by-other", trusting([`acs:ram::${account}:root`], condition(`acs:ram::${account}:user/other`)))
    expect((await assuming(user, arnOf("by-arn"))).code).toBe("ok")
    expect((await assuming(user, arnOf("by-other"))).code).toBe("NoPermission")
  })

  it("a chain of sessions has at most eight members", async () => {
    const user = await service.user("climber", anyRole)
    await makeRole("ladder", trusting([`acs:ram::${account}:root`]))
    await must("AttachPolicyToRole", {
      RoleName: "ladder",
      PolicyType: "System",
      PolicyName: "AliyunSTSAssumeRoleAccess"
    })
    let session: Credentials = user
    for (let step = 0; step < 8; step++) session = await assume(session, arnOf("ladder"))
    expect(await listKeys(session)).toBe("ok")
    expect((await assuming(session, arnOf("ladder"))).code).toBe("NoPermission")
  })
})
