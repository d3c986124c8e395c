/** Accounts, users, roles and policies of a seed are in force from the first request on, with the seed's access keys. */
import Pop from "@alicloud/pop-core"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Seed } from "../../src/index.ts"
import { createKms, SeedRefused } from "../../src/promise.ts"
import { accessKeyId, startServer } from "../guide/serverFixture.ts"
import { patience } from "../patience.ts"
import { exportOf, id, material, seedOf, verified } from "./seeds.ts"

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "keystate-seed-"))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const alice = { id: "LTAIseededAlice", secret: "known to every test" }
const other = { id: "LTAIseededOther", secret: "known to every test too" }
const use = {
  Version: "1",
  Statement: [
    { Effect: "Allow", Action: ["kms:Encrypt", "kms:Decrypt"], Resource: ["acs:kms:*:*:key/*", "acs:kms:*:*:alias/*"] }
  ]
}

const seed: Seed = {
  version: 1,
  accounts: [
    {
      policies: [{ name: "use-keys", document: use }],
      users: [{ name: "alice", accessKeys: [alice], policies: ["use-keys"] }],
      roles: [{ name: "deploy", policies: ["use-keys"] }]
    },
    { id: "2000000000000002", rootAccessKey: other }
  ],
  keys: [
    { id: id(1), material: material(1) },
    { id: id(2), account: "2000000000000002", material: material(2) }
  ]
}

const clientOf = (endpoint: string, pair: typeof alice) => {
  const pop = new Pop({
    accessKeyId: pair.id,
    accessKeySecret: pair.secret,
    endpoint,
    apiVersion: "2016-01-20",
    opts: { timeout: patience }
  })
  return (action: string, parameters: object): Promise<unknown> => pop.request(action, parameters, { method: "POST" })
}

describe("a seeded user", () => {
  it("a seeded user may do exactly what the seeded policy allows", async () => {
    await using server = await startServer({ fixtures: seed })
    const ask = clientOf(server.url, alice)
    expect(await ask("Encrypt", { KeyId: id(1), Plaintext: "aGVsbG8=" })).toMatchObject({ KeyId: id(1) })
    await expect(ask("DisableKey", { KeyId: id(1) })).rejects.toMatchObject({ code: "Forbidden.NoPermission" })
    await expect(ask("Encrypt", { KeyId: id(2), Plaintext: "aGVsbG8=" })).rejects.toThrow()
  })

  it("a later start does not change a seeded user in any state", async () => {
    const first = await createKms({ store: { directory }, clock: "virtual", fixtures: seed })
    await first.detachPolicyFromUser({ UserName: "alice", PolicyName: "use-keys" })
    await first.deleteAccessKey({ UserName: "alice", UserAccessKeyId: alice.id })
    await first.close()
    const before = await verified(directory)
    await using second = await createKms({ store: { directory }, clock: "virtual", fixtures: seed })
    expect((await second.listPoliciesForUser({ UserName: "alice" })).Policies.Policy).toEqual([])
    await second.close()
    // The additional line is the request above.
    const { auditLines, auditSegments } = before
    expect(await verified(directory)).toEqual({
      ...before,
      auditLines: auditLines + 1,
      auditSegments: auditSegments + 1,
      findings: []
    })
  })
})

it("a seeded account has its root, which sees the account's seeded keys and no others", async () => {
  await using server = await startServer({ fixtures: seed })
  const ask = clientOf(server.url, other)
  expect(await ask("ListKeys", {})).toMatchObject({ TotalCount: 1, Keys: { Key: [{ KeyId: id(2) }] } })
})

describe("refused seeds of accounts", () => {
  const user = { name: "bob", accessKeys: [{ id: "LTAIbob", secret: "bob's" }] }
  it.each([
    [
      "a policy that no policy can be",
      { policies: [{ name: "p", document: { Version: "1", Statement: "x" } }] },
      "policies[0] is refused with MalformedPolicyDocument"
    ],
    [
      "an attachment of nothing",
      { users: [{ ...user, policies: ["absent"] }] },
      "users[0].policies is refused with EntityNotExist.Policy"
    ],
    ["one user twice", { users: [user, { name: "bob" }] }, "users[1] is refused with EntityAlreadyExists.User"],
    [
      "an access key of two users",
      { users: [user, { ...user, name: "eve" }] },
      "users[1].accessKeys[0] belongs to another owner already"
    ],
    [
      "the root's access key for a user",
      { users: [{ name: "eve", accessKeys: [{ id: accessKeyId, secret: "x" }] }] },
      "users[0].accessKeys[0] belongs to another owner already"
    ],
    ["another pair for the server's own root", { rootAccessKey: alice }, "rootAccessKey is the server's own"],
    ["a name that no user has", { users: [{ name: "a b" }] }, "users[0].name must be 1 to 64 letters"],
    [
      "an id of temporary access keys",
      { users: [{ name: "a", accessKeys: [{ id: "STS.x", secret: "y" }] }] },
      "users[0].accessKeys[0].id must be 1 to 64 letters"
    ]
  ])("refuses a whole seed for %s", async (_what, account, complaint) => {
    const fixtures = { version: 1, accounts: [account], keys: [{ id: id(1) }] } as const
    const failure: unknown = await startServer({ store: { directory }, fixtures }).catch((error) => error)
    if (!(failure instanceof SeedRefused)) throw failure
    expect(failure.message).toContain(complaint)
    expect(await verified(directory)).toMatchObject({ keys: 0, auditLines: 0 })
  })
})

it("access control is exported without secrets, and the export is a valid seed", async () => {
  await (await createKms({ store: { directory }, clock: "virtual", fixtures: seed })).close()
  const exported = await exportOf(directory)
  expect(exported.accounts).toEqual([
    {
      id: "1000000000000001",
      policies: [{ name: "use-keys", document: use }],
      users: [{ name: "alice", policies: ["use-keys"] }],
      roles: [{ name: "deploy", policies: ["use-keys"] }]
    },
    { id: "2000000000000002" }
  ])
  expect(JSON.stringify(exported)).not.toMatch(/LTAI|known to every test/)
  await using again = await createKms({ clock: "virtual", fixtures: seedOf(JSON.stringify(exported)) })
  expect((await again.listAccounts()).TotalCount).toBe(2)
})
