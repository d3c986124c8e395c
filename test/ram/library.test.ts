/** RAM and STS in the library, as the root of the account. */
import { expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"

const PolicyDocument = JSON.stringify({
  Version: "1",
  Statement: [{ Effect: "Allow", Action: "kms:ListKeys", Resource: "*" }]
})

it("the library has the operations of RAM and STS", async () => {
  await using kms = await createKms()
  const { User } = await kms.ram.createUser({ UserName: "alice", DisplayName: "Alice" })
  expect(User).toMatchObject({ UserName: "alice", DisplayName: "Alice" })
  await kms.ram.createPolicy({ PolicyName: "list", PolicyDocument })
  await kms.ram.attachPolicyToUser({ UserName: "alice", PolicyName: "list", PolicyType: "Custom" })
  const { Policies } = await kms.ram.listPoliciesForUser({ UserName: "alice" })
  expect(Policies.Policy.map(({ PolicyName }) => PolicyName)).toEqual(["list"])
  expect(await kms.sts.getCallerIdentity()).toMatchObject({ IdentityType: "Account" })
  const RoleArn = "acs:ram::1000000000000001:role/worker"
  await expect(kms.sts.assumeRole({ RoleArn, RoleSessionName: "shift" })).rejects.toMatchObject({
    code: "NoPermission",
    httpStatus: 403
  })
})

it("the library keeps the methods of earlier releases, for policies of the account", async () => {
  await using kms = await createKms()
  await kms.createUser({ UserName: "alice" })
  await kms.ram.createPolicy({ PolicyName: "list", PolicyDocument })
  await kms.attachPolicyToUser({ UserName: "alice", PolicyName: "list" })
  expect((await kms.getPolicy({ PolicyName: "list" })).Policy.PolicyType).toBe("Custom")
  await kms.createRole({ RoleName: "worker" })
  const { Credentials } = await kms.assumeRole({ RoleName: "worker", RoleSessionName: "shift" })
  expect(Credentials.AccessKeyId).toMatch(/^STS\./)
})
