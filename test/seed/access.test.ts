/** Groups, roles with trust policies and policies of a seed: created, exported, and created again. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { Seed } from "../../src/promise.ts"
import { exportOf } from "./seeds.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keystate-access-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const statement = { Effect: "Allow", Action: ["kms:ListKeys"], Resource: ["*"] }
const trust = {
  Version: "1",
  Statement: [
    { Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: ["acs:ram::2000000000000002:user/visitor"] } }
  ]
}

const seed: Seed = {
  version: 1,
  accounts: [
    {
      policies: [
        {
          name: "list",
          description: "lists keys",
          document: { Version: "1", Statement: [statement] },
          tags: { team: "shop" }
        }
      ],
      groups: [{ name: "devs", comments: "developers", policies: ["list"], systemPolicies: ["ReadOnlyAccess"] }],
      users: [
        {
          name: "alice",
          displayName: "Alice",
          email: "alice@example.com",
          groups: ["devs"],
          systemPolicies: ["AliyunSTSAssumeRoleAccess"]
        }
      ],
      roles: [{ name: "worker", description: "d", trust, maxSessionDuration: 7200, policies: ["list"] }]
    }
  ]
}

it("access control of a seed is created, and exported as given", async () => {
  const [first, second] = [join(folder, "first"), join(folder, "second")]
  {
    await using kms = await createKms({ store: { directory: first }, fixtures: seed })
    expect((await kms.ram.listGroupsForUser({ UserName: "alice" })).Groups.Group).toMatchObject([{ GroupName: "devs" }])
    const { Role } = await kms.ram.getRole({ RoleName: "worker" })
    expect(JSON.parse(Role.AssumeRolePolicyDocument)).toEqual(trust)
  }
  const exported = await exportOf(first)
  expect(exported.accounts).toMatchObject(seed.accounts ?? [])
  await (await createKms({ store: { directory: second }, fixtures: exported })).close()
  expect(JSON.stringify(await exportOf(second))).toBe(JSON.stringify(exported))
})

it.each([
  ["a trust policy that is no such policy", { roles: [{ name: "r", trust: { Version: "1" } }] }, "roles[0]"],
  ["a group that is not there", { users: [{ name: "u", groups: ["absent"] }] }, "users[0].groups"],
  ["a system policy that is not there", { users: [{ name: "u", systemPolicies: ["X"] }] }, "users[0].systemPolicies"],
  ["a session that is too long", { roles: [{ name: "r", maxSessionDuration: 50_000 }] }, "maxSessionDuration"]
])("refuses a seed for %s", async (_what, account, where) => {
  const asked = createKms({ fixtures: { version: 1, accounts: [account] } })
  await expect(asked).rejects.toThrow(where)
})
