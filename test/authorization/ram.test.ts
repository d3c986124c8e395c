/** Changes of access control: RAM's codes, one change at a time, one audit record each. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { AccountId } from "../../src/domain/ids.ts"
import { trustOf } from "../../src/ram/trust.ts"
import { account, allow, at, document, root, startService } from "./people.ts"
import type { Parameters, Service } from "./people.ts"

let service: Service
beforeAll(async () => {
  service = await startService()
})
afterAll(() => service[Symbol.asyncDispose]())

describe("operations of RAM", () => {
  it("RAM operations refuse impossible changes with RAM's own codes", async () => {
    const outcome = async (action: string, parameters: Parameters): Promise<string> =>
      (await service.ram(root, action, parameters)).code
    const PolicyDocument = document(allow("*", "*"))
    const trust = trustOf(AccountId.make(account))
    expect(await outcome("CreateUser", { UserName: "carol" })).toBe("ok")
    expect(await outcome("CreateUser", { UserName: "carol" })).toBe("EntityAlreadyExists.User")
    expect(await outcome("CreateUser", { UserName: "c".repeat(65) })).toBe("InvalidParameter.UserName.Length")
    expect(await outcome("CreateUser", { UserName: "../carol" })).toBe("InvalidParameter.UserName.InvalidChars")
    expect(await outcome("CreatePolicy", { PolicyName: "all", PolicyDocument: "{}" })).toBe("MalformedPolicyDocument")
    expect(await outcome("CreatePolicy", { PolicyName: "all", PolicyDocument })).toBe("ok")
    expect(await outcome("CreatePolicy", { PolicyName: "all", PolicyDocument })).toBe("EntityAlreadyExists.Policy")
    expect(await outcome("CreatePolicyVersion", { PolicyName: "none", PolicyDocument })).toBe("EntityNotExist.Policy")
    expect(await outcome("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: "all", UserName: "dave" })).toBe(
      "EntityNotExist.User"
    )
    expect(await outcome("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: "none", UserName: "carol" })).toBe(
      "EntityNotExist.Policy"
    )
    expect(await outcome("AttachPolicyToUser", { PolicyType: "Custom", PolicyName: "all", UserName: "carol" })).toBe(
      "ok"
    )
    expect(await outcome("DeletePolicy", { PolicyName: "all" })).toBe("DeleteConflict.Policy.User")
    expect(await outcome("CreateAccessKey", { UserName: "carol" })).toBe("ok")
    expect(await outcome("CreateAccessKey", { UserName: "carol" })).toBe("ok")
    expect(await outcome("CreateAccessKey", { UserName: "carol" })).toBe("LimitExceeded.User.AccessKey")
    expect(await outcome("DeleteUser", { UserName: "carol" })).toBe("DeleteConflict.User.AccessKey")
    const keys = await service.ram(root, "ListAccessKeys", { UserName: "carol" })
    for (const UserAccessKeyId of keys.text.match(/LTAI[A-Za-z0-9]+/g) ?? []) {
      expect(await outcome("DeleteAccessKey", { UserName: "carol", UserAccessKeyId })).toBe("ok")
      expect(await outcome("DeleteAccessKey", { UserName: "carol", UserAccessKeyId })).toBe(
        "EntityNotExist.User.AccessKey"
      )
    }
    expect(await outcome("DeleteUser", { UserName: "carol" })).toBe("DeleteConflict.User.Policy")
    expect(await outcome("DetachPolicyFromUser", { PolicyType: "Custom", PolicyName: "all", UserName: "carol" })).toBe(
      "ok"
    )
    expect(await outcome("DetachPolicyFromUser", { PolicyType: "Custom", PolicyName: "all", UserName: "carol" })).toBe(
      "EntityNotExist.User.Policy"
    )
    expect(await outcome("DeleteUser", { UserName: "carol" })).toBe("ok")
    expect(await outcome("CreateRole", { RoleName: "auditor", AssumeRolePolicyDocument: trust })).toBe("ok")
    expect(await outcome("CreateRole", { RoleName: "auditor", AssumeRolePolicyDocument: trust })).toBe(
      "EntityAlreadyExists.Role"
    )
    expect(await outcome("AttachPolicyToRole", { PolicyType: "Custom", PolicyName: "all", RoleName: "auditor" })).toBe(
      "ok"
    )
    expect(await outcome("DeletePolicy", { PolicyName: "all" })).toBe("DeleteConflict.Policy.Role")
    expect(await outcome("DeleteRole", { RoleName: "auditor" })).toBe("DeleteConflict.Role.Policy")
    expect(
      await outcome("DetachPolicyFromRole", { PolicyType: "Custom", PolicyName: "all", RoleName: "auditor" })
    ).toBe("ok")
    expect(await outcome("DeleteRole", { RoleName: "auditor" })).toBe("ok")
    expect(await outcome("DeletePolicy", { PolicyName: "all" })).toBe("ok")
  })

  it("RAM operations name the fault of a policy document, and return a valid document unchanged", async () => {
    const bad = await service.ram(root, "CreatePolicy", {
      PolicyName: "p",
      PolicyDocument: '{"Version":"1","Statement":[{"Effect":"Permit"}]}'
    })
    expect(bad.body).toMatchObject({
      Code: "MalformedPolicyDocument",
      Hint: expect.stringContaining("Statement[0].Effect")
    })
    const written = '{ "Statement": [{"Resource": ["*"], "Action": ["kms:*"], "Effect": "Allow"}], "Version": "1" }'
    await service.ram(root, "CreatePolicy", { PolicyName: "p", PolicyDocument: written })
    const shown = await service.ram(root, "GetPolicy", { PolicyName: "p", PolicyType: "Custom" })
    expect(at(shown.body, "DefaultPolicyVersion", "PolicyDocument")).toBe(written)
  })

  it("one of several simultaneous conflicting changes of access control succeeds", async () => {
    const made = await Promise.all(
      Array.from({ length: 20 }, () => service.ram(root, "CreateUser", { UserName: "twin" }))
    )
    expect(made.filter(({ code }) => code === "ok")).toHaveLength(1)
    const keys = await Promise.all(
      Array.from({ length: 20 }, () => service.ram(root, "CreateAccessKey", { UserName: "twin" }))
    )
    expect(keys.filter(({ code }) => code === "ok")).toHaveLength(2)
  })

  it("each change of access control gets an audit record without secrets", async () => {
    const who = await service.user("audited", allow("kms:ListKeys", "*"))
    const lines = await service.auditLines()
    expect(lines).toContainEqual(
      expect.objectContaining({
        operation: "CreateUser",
        subject: "user/audited",
        outcome: "Success",
        principal: `acs:ram::${account}:root`
      })
    )
    expect(lines).toContainEqual(
      expect.objectContaining({ operation: "AttachPolicyToUser", subject: "user/audited/policy/audited-policy" })
    )
    expect(lines).toContainEqual(
      expect.objectContaining({ operation: "CreateAccessKey", subject: `user/audited/${who.accessKeyId}` })
    )
    expect(JSON.stringify(lines)).not.toContain(who.secret)
  })

  it("ListAccessKeys without a user name lists the access keys of the caller", async () => {
    const who = await service.user("self", allow("ram:ListAccessKeys", `acs:ram::${account}:user/self`))
    for (const given of [{}, { UserName: "" }]) {
      const { code, text } = await service.ram(who, "ListAccessKeys", given)
      expect(code).toBe("ok")
      expect(text.match(/"AccessKeyId":"[^"]+"/g)).toEqual([`"AccessKeyId":"${who.accessKeyId}"`])
    }
    expect((await service.ram(root, "ListAccessKeys")).code).toBe("MissingParameter")
  })

  it("the audit log records requests that fail authentication", async () => {
    const { body } = await service.ask({ accessKeyId: "LTAInobody", secret: "x" }, "Encrypt")
    expect(await service.auditLines()).toContainEqual(
      expect.objectContaining({
        principal: "unauthenticated",
        operation: "Encrypt",
        outcome: "InvalidAccessKeyId.NotFound",
        requestId: body["RequestId"]
      })
    )
  })
})
