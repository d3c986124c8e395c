/** Access control that an earlier release stored still works: users, access keys, roles and policies. */
import { mkdtempSync, rmSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { decodeRecord, encodeEntity } from "../../src/ram/records.ts"
import { AccountId } from "../../src/domain/ids.ts"
import { account, allow, at, document, root, startService } from "../authorization/people.ts"

let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "keystate-records-"))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

type Stored = Readonly<Record<string, unknown>>

interface NewPolicy {
  readonly createdAt: number
  readonly updatedAt: number
  readonly versions: ReadonlyArray<{ readonly document: string }>
}

const names = (policies: unknown): ReadonlyArray<string> =>
  (policies as ReadonlyArray<{ readonly name: string }>).map(({ name }) => name)

/** The record as release 0.1.0 wrote it. */
const earlier: Readonly<Record<string, (is: Stored) => Stored>> = {
  user: ({ createdAt, keys, policies }) => ({ createdAt, keys, policies: names(policies) }),
  role: ({ createdAt, id, policies }) => ({ createdAt, id, policies: names(policies) }),
  policy: (is) => {
    const { createdAt, updatedAt, versions } = is as unknown as NewPolicy
    return { createdAt, updatedAt, document: versions[0]?.document }
  }
}

const rewrite = (): void => {
  const database = new DatabaseSync(join(directory, "keystate.db"))
  const rows = database.prepare("SELECT account, kind, name, record FROM ram").all()
  const update = database.prepare("UPDATE ram SET record = ? WHERE account = ? AND kind = ? AND name = ?")
  for (const row of rows) {
    const [of, kind, name, record] = ["account", "kind", "name", "record"].map((column) => String(row[column]))
    const older = earlier[kind ?? ""]
    if (older === undefined) continue
    update.run(JSON.stringify(older(JSON.parse(record ?? "") as Stored)), of ?? "", kind ?? "", name ?? "")
  }
  database.close()
}

it("a store of release 0.1.0 keeps working", async () => {
  const store = { directory }
  let alice
  {
    await using service = await startService({ store })
    alice = await service.user("alice", allow("kms:ListKeys", "*"))
    await service.ask(root, "CreateRole", { RoleName: "worker" })
    await service.ask(root, "AttachPolicyToRole", { RoleName: "worker", PolicyName: "alice-policy" })
  }
  rewrite()
  const idOf = async (): Promise<string> => {
    await using service = await startService({ store })
    return at((await service.ram(root, "GetUser", { UserName: "alice" })).body, "User", "UserId")
  }
  expect(await idOf()).toBe(await idOf())
  await using service = await startService({ store })
  expect((await service.ask(alice, "ListKeys")).code).toBe("ok")
  expect((await service.ask(alice, "ListAliases")).code).toBe("Forbidden.NoPermission")
  const policy = await service.ram(root, "GetPolicy", { PolicyName: "alice-policy", PolicyType: "Custom" })
  expect(policy.body).toMatchObject({
    Policy: { DefaultVersion: "v1", AttachmentCount: 2 },
    DefaultPolicyVersion: { PolicyDocument: document(allow("kms:ListKeys", "*")) }
  })
  const role = await service.ram(root, "GetRole", { RoleName: "worker" })
  expect(at(role.body, "Role", "AssumeRolePolicyDocument")).toContain(`acs:ram::${account}:root`)
  const given = { RoleName: "worker", RoleSessionName: "shift", DurationSeconds: "43200" }
  const { body } = await service.ask(root, "AssumeRole", given)
  const session = {
    accessKeyId: at(body, "Credentials", "AccessKeyId"),
    secret: at(body, "Credentials", "AccessKeySecret"),
    securityToken: at(body, "Credentials", "SecurityToken")
  }
  expect((await service.ask(session, "ListKeys")).code).toBe("ok")
  const detach = { UserName: "alice", PolicyType: "Custom", PolicyName: "alice-policy" }
  expect((await service.ram(root, "DetachPolicyFromUser", detach)).code).toBe("ok")
  expect((await service.ask(alice, "ListKeys")).code).toBe("Forbidden.NoPermission")
})

it("a stored record of RAM is read back unchanged, and other text is refused", () => {
  const place = { account: AccountId.make(account), kind: "policy", name: "p" } as const
  const is = {
    createdAt: 1,
    updatedAt: 2,
    description: "d",
    versions: [{ id: "v3", createdAt: 2, document: document(allow("*", "*")) }],
    defaultVersion: "v3",
    nextVersion: 4,
    tags: { team: "shop" }
  }
  expect(decodeRecord(encodeEntity({ ...place, is }))).toEqual({ ...place, is })
  for (const record of ["", "{}", JSON.stringify({ ...is, defaultVersion: "v9" }), JSON.stringify({ createdAt: 1 })]) {
    expect(decodeRecord({ ...place, record })).toBeUndefined()
  }
})
