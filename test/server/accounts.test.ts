/** Several accounts and regions in one server: they share nothing, and all data survives a restart. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { account, allow, arn, at, deny, document, root, startService } from "../authorization/people.ts"
import type { Credentials, Parameters, Sent, Service } from "../authorization/people.ts"

const Plaintext = "aGVsbG8="

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "keystate-accounts-"))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const otherAccount = async (service: Service, AccountId: string): Promise<Credentials> => {
  const { body } = await service.ask(root, "CreateAccount", { AccountId })
  return {
    accessKeyId: at(body, "Account", "RootAccessKey", "AccessKeyId"),
    secret: at(body, "Account", "RootAccessKey", "AccessKeySecret")
  }
}

const keyOf = async (service: Service, who: Credentials, given: Parameters = {}, sent: Sent = {}): Promise<string> =>
  at((await service.ask(who, "CreateKey", given, sent)).body, "KeyMetadata", "KeyId")

describe("accounts of one server", () => {
  it("an account has its own keys, aliases, users and policies, and sees none of other accounts", async () => {
    await using service = await startService()
    const neighbour = await otherAccount(service, "2000000000000002")
    const [ours, theirs] = [await keyOf(service, root), await keyOf(service, neighbour)]
    await service.ask(root, "CreateAlias", { AliasName: "alias/same", KeyId: ours })
    await service.ask(neighbour, "CreateAlias", { AliasName: "alias/same", KeyId: theirs })
    for (const [who, own] of [
      [root, ours],
      [neighbour, theirs]
    ] as const) {
      const { body } = await service.ask(who, "Encrypt", { KeyId: "alias/same", Plaintext })
      expect(body["KeyId"]).toBe(own)
    }
    const blob = at((await service.ask(root, "Encrypt", { KeyId: ours, Plaintext })).body, "CiphertextBlob")
    for (const KeyId of [ours, arn(`key/${ours}`), arn("alias/same")]) {
      expect((await service.ask(neighbour, "DescribeKey", { KeyId })).status).toBeGreaterThanOrEqual(400)
      expect((await service.ask(neighbour, "Encrypt", { KeyId, Plaintext })).code).toBe("Forbidden.KeyNotFound")
    }
    expect((await service.ask(neighbour, "Decrypt", { CiphertextBlob: blob })).code).toBe("Forbidden.KeyNotFound")
    expect((await service.ask(neighbour, "ListKeys")).body["TotalCount"]).toBe(1)
    await service.user("alice", allow("*", "*"))
    expect((await service.ram(neighbour, "ListUsers")).body["Users"]).toEqual({ User: [] })
    expect((await service.ram(neighbour, "CreateUser", { UserName: "alice" })).code).toBe("ok")
    expect((await service.ram(neighbour, "GetPolicy", { PolicyName: "alice-policy", PolicyType: "Custom" })).code).toBe(
      "EntityNotExist.Policy"
    )
    const made = await service.ram(neighbour, "CreateAccessKey", { UserName: "alice" })
    const alice = {
      accessKeyId: at(made.body, "AccessKey", "AccessKeyId"),
      secret: at(made.body, "AccessKey", "AccessKeySecret")
    }
    await service.ram(neighbour, "CreatePolicy", { PolicyName: "all", PolicyDocument: document(allow("*", "*")) })
    await service.ram(neighbour, "AttachPolicyToUser", { PolicyName: "all", PolicyType: "Custom", UserName: "alice" })
    expect((await service.ask(alice, "Encrypt", { KeyId: theirs, Plaintext })).code).toBe("ok")
    expect((await service.ask(alice, "Encrypt", { KeyId: ours, Plaintext })).code).toBe("Forbidden.KeyNotFound")
  })

  it("an account cannot use an import token, a page token or a marker of another account", async () => {
    await using service = await startService()
    const neighbour = await otherAccount(service, "2000000000000002")
    const wrapping = { WrappingAlgorithm: "RSAES_OAEP_SHA_1", WrappingKeySpec: "RSA_2048" }
    const ours = await keyOf(service, root, { Origin: "EXTERNAL" })
    const theirs = await keyOf(service, neighbour, { Origin: "EXTERNAL" })
    const ImportToken = at(
      (await service.ask(root, "GetParametersForImport", { KeyId: ours, ...wrapping })).body,
      "ImportToken"
    )
    const imported = async (KeyId: string): Promise<string> =>
      (await service.ask(neighbour, "ImportKeyMaterial", { KeyId, ImportToken, EncryptedKeyMaterial: "QUJD" })).code
    expect(await imported(theirs)).toBe("InvalidImportToken")
    expect(await imported(ours)).toBe("Forbidden.KeyNotFound")
    for (const UserName of ["one", "two"]) await service.ram(root, "CreateUser", { UserName })
    const Marker = at((await service.ram(root, "ListUsers", { MaxItems: "1" })).body, "Marker")
    expect((await service.ram(neighbour, "ListUsers", { Marker })).body["Users"]).toEqual({ User: [] })
    const tagged = await service.ask(neighbour, "ListTagResources", { ResourceType: "key", NextToken: "MjAw" })
    expect(tagged.body["TagResources"]).toEqual({ TagResource: [] })
    for (const As of ["user/one", `acs:ram::${account}:user/one`]) {
      const explained = await service.ask(neighbour, "ExplainAccess", { As, Operation: "ListKeys" })
      expect(explained.code).toBe("EntityNotExist.User")
    }
    const asked = { As: "root", Operation: "DescribeKey", KeyId: arn(`key/${ours}`) }
    expect(at((await service.ask(neighbour, "ExplainAccess", asked)).body, "RefusalCode")).toBe("Forbidden.KeyNotFound")
  })

  it("CreateAccount works for the root of the server's own account, once", async () => {
    await using service = await startService()
    const neighbour = await otherAccount(service, "2000000000000002")
    const user = await service.user("maker", allow("*", "*"))
    const outcome = async (who: Credentials, given: Parameters = {}): Promise<string> =>
      (await service.ask(who, "CreateAccount", given)).code
    expect(await outcome(neighbour)).toBe("Forbidden.NoPermission")
    expect(await outcome(user)).toBe("Forbidden.NoPermission")
    expect(await outcome(root, { AccountId: "2000000000000002" })).toBe("EntityAlreadyExists.Account")
    expect(await outcome(root, { AccountId: account })).toBe("EntityAlreadyExists.Account")
    expect(await outcome(root)).toBe("ok")
    expect((await service.ask(root, "ListAccounts")).body["TotalCount"]).toBe(3)
    expect((await service.ask(neighbour, "ListAccounts")).body["TotalCount"]).toBe(1)
  })
})

const clockOperations: ReadonlyArray<readonly [string, Parameters]> = [
  ["ShowClock", {}],
  ["FreezeClock", {}],
  ["ResumeClock", {}],
  ["ConfirmClock", {}],
  ["AdvanceClock", { By: "8d" }],
  ["AdvanceClockToNextDeadline", {}]
]

describe("operations on the whole server", () => {
  it.each(clockOperations)("%s refuses every caller except the root of the server's own account", async (...asked) => {
    await using service = await startService({ clock: "virtual" })
    const neighbour = await otherAccount(service, "2000000000000002")
    const KeyId = await service.newKey()
    await service.ask(root, "ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "7" })
    const user = await service.user("operator", allow("*", "*"))
    for (const who of [neighbour, user]) {
      const refused = await service.ask(who, ...asked)
      expect([refused.status, refused.code]).toEqual([403, "Forbidden.NoPermission"])
      expect(refused.text).not.toContain(KeyId)
    }
    const { body } = await service.ask(root, "DescribeKey", { KeyId })
    expect(at(body, "KeyMetadata", "KeyState")).toBe("PendingDeletion")
    expect((await service.ask(root, ...asked)).code).toBe("ok")
  })

  it("explain says to other roots that the clock operations are refused", async () => {
    await using service = await startService({ clock: "virtual" })
    const neighbour = await otherAccount(service, "2000000000000002")
    const asked = { As: "root", Operation: "AdvanceClock" }
    const decisions = [root, neighbour].map(async (who) =>
      at((await service.ask(who, "ExplainAccess", asked)).body, "Decision")
    )
    expect(await Promise.all(decisions)).toEqual(["ok", "policy"])
  })
})

const recordsOf = async (service: Service, who: Credentials, given: Parameters = {}): Promise<Array<unknown>> => {
  const { body } = await service.ask(who, "ListAuditRecords", { Limit: "1000", ...given })
  const records: unknown = body["Records"]
  return typeof records === "object" && records !== null ? Reflect.get(records, "Record") : []
}

describe("the audit log of a server with several accounts", () => {
  it("ListAuditRecords answers each root with the records of its account", async () => {
    await using service = await startService({ clock: "virtual" })
    const neighbour = await otherAccount(service, "2000000000000002")
    const [ours, theirs] = [await service.newKey(), await keyOf(service, neighbour)]
    for (const [who, KeyId] of [
      [root, ours],
      [neighbour, theirs]
    ] as const) {
      await service.ask(who, "ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "7" })
      await service.ask(who, "Encrypt", { KeyId, Plaintext })
    }
    await service.ask(neighbour, "DescribeKey", { KeyId: ours })
    await service.ask(root, "AdvanceClock", { By: "8d" })
    const operations = ["CreateKey", "ScheduleKeyDeletion", "Encrypt"]
    const own = await recordsOf(service, neighbour)
    expect(own.map((record) => at(record, "Operation")).toSorted()).toEqual(
      [...operations, "DescribeKey", "DeletionDue"].toSorted()
    )
    expect(JSON.stringify(own)).not.toContain(account)
    const server = await recordsOf(service, root)
    expect(server.map((record) => at(record, "Operation"))).toEqual(
      expect.arrayContaining([...operations, "DeletionDue"])
    )
    expect(JSON.stringify(server)).not.toMatch(new RegExp(`${theirs}|2000000000000002:`))
  })

  it("only the root of the server's own account gets the records of every account", async () => {
    await using service = await startService()
    const neighbour = await otherAccount(service, "2000000000000002")
    const theirs = await keyOf(service, neighbour)
    expect((await service.ask(neighbour, "ListAuditRecords", { AllAccounts: "true" })).code).toBe(
      "Forbidden.NoPermission"
    )
    expect(JSON.stringify(await recordsOf(service, root, { AllAccounts: "true" }))).toContain(theirs)
  })

  it("audit records of each account are numbered separately, in both orders and page by page", async () => {
    await using service = await startService()
    const neighbour = await otherAccount(service, "2000000000000002")
    for (let count = 0; count < 5; count++) {
      for (let other = 0; other < count; other++) await service.ask(root, "ListKeys")
      await service.ask(neighbour, "DescribeRegions")
    }
    for (const Order of ["OldestFirst", "NewestFirst"]) {
      const seen: Array<string> = []
      let after: Parameters = {}
      for (let hasMore = true; hasMore;) {
        const given = { Order, Limit: "2", Operation: "DescribeRegions", ...after }
        const { body } = await service.ask(neighbour, "ListAuditRecords", given)
        const records: unknown = Reflect.get(Object(body["Records"]), "Record")
        if (Array.isArray(records)) seen.push(...records.map((record) => `${at(record, "Seq")}.${at(record, "Line")}`))
        after = { AfterSeq: at(body, "NextAfterSeq"), AfterLine: at(body, "NextAfterLine") }
        hasMore = body["HasMore"] === true
      }
      const numbers = ["1.1", "2.1", "3.1", "4.1", "5.1"]
      expect(seen).toEqual(Order === "OldestFirst" ? numbers : numbers.toReversed())
    }
    const beyond = { AfterSeq: "5000", AfterLine: "1" }
    expect((await service.ask(neighbour, "ListAuditRecords", beyond)).code).toBe("InvalidParameter")
  })
})

describe("a region", () => {
  it("the region of a request comes from Host, otherwise RegionId, otherwise the server", async () => {
    await using service = await startService({ region: "eu-west-1" })
    const regionOf = async (given: Parameters, host?: string): Promise<string> => {
      const { body } = await service.ask(root, "CreateKey", given, host === undefined ? {} : { host })
      return at(body, "KeyMetadata", "Arn").split(":")[2] ?? ""
    }
    expect(await regionOf({})).toBe("eu-west-1")
    expect(await regionOf({ RegionId: "cn-beijing" })).toBe("cn-beijing")
    expect(await regionOf({ RegionId: "nowhere-1" })).toBe("eu-west-1")
    expect(await regionOf({ RegionId: "cn-beijing" }, "kms.cn-shanghai.aliyuncs.com")).toBe("cn-shanghai")
    expect(await regionOf({}, "KMS-VPC.cn-shanghai.aliyuncs.com:8787")).toBe("cn-shanghai")
    expect(await regionOf({ RegionId: "cn-beijing" }, "kms.nowhere-1.aliyuncs.com")).toBe("cn-beijing")
    expect(await regionOf({}, "cn-shanghai.example.com")).toBe("eu-west-1")
  })

  it("a region has its own keys, and a policy for one region grants nothing in another", async () => {
    await using service = await startService()
    const beijing = { host: "kms.cn-beijing.aliyuncs.com" }
    const [here, there] = [await keyOf(service, root), await keyOf(service, root, {}, beijing)]
    const KeyId = there
    expect((await service.ask(root, "DescribeKey", { KeyId })).code).toBe("Forbidden.KeyNotFound")
    expect((await service.ask(root, "DescribeKey", { KeyId: here }, beijing)).code).toBe("Forbidden.KeyNotFound")
    expect((await service.ask(root, "DescribeKey", { KeyId }, beijing)).code).toBe("ok")
    const blob = at((await service.ask(root, "Encrypt", { KeyId, Plaintext }, beijing)).body, "CiphertextBlob")
    expect((await service.ask(root, "Decrypt", { CiphertextBlob: blob })).code).toBe("Forbidden.KeyNotFound")
    const local = await service.user("local", allow("kms:*", arn("key/*")))
    const free = await service.user("free", allow("kms:*", "acs:kms:*:*:key/*"), deny("kms:*", arn("*", "cn-beijing")))
    for (const who of [local, free]) {
      expect((await service.ask(who, "DescribeKey", { KeyId: here })).code).toBe("ok")
      expect((await service.ask(who, "DescribeKey", { KeyId }, beijing)).code).toBe("Forbidden.NoPermission")
    }
  })
})

describe("stored access control", () => {
  it("stored access control is complete after a restart, with the same secrets and refusals", async () => {
    const store = { directory }
    let people: ReadonlyArray<Credentials>
    let temporary: Credentials
    let KeyId: string
    const outcomes = (service: Service): Promise<ReadonlyArray<string>> =>
      Promise.all(
        [...people, temporary].map(async (who) => (await service.ask(who, "Encrypt", { KeyId, Plaintext })).code)
      )
    const expected = ["ok", "Forbidden.NoPermission", "InvalidAccessKeyId.Inactive", "Forbidden.KeyNotFound", "ok"]
    {
      await using service = await startService({ store })
      KeyId = await service.newKey()
      const allowed = await service.user("allowed", allow("kms:Encrypt", arn(`key/${KeyId}`)))
      const denied = await service.user("denied", allow("*", "*"), deny("kms:Encrypt", arn("key/*")))
      const asleep = await service.user("asleep", allow("*", "*"))
      await service.ask(root, "UpdateAccessKey", {
        UserName: "asleep",
        UserAccessKeyId: asleep.accessKeyId,
        Status: "Inactive"
      })
      people = [allowed, denied, asleep, await otherAccount(service, "2000000000000002")]
      await service.ask(root, "CreateRole", { RoleName: "worker" })
      await service.ask(root, "AttachPolicyToRole", { RoleName: "worker", PolicyName: "allowed-policy" })
      const { body } = await service.ask(root, "AssumeRole", { RoleName: "worker", RoleSessionName: "shift" })
      temporary = {
        accessKeyId: at(body, "Credentials", "AccessKeyId"),
        secret: at(body, "Credentials", "AccessKeySecret"),
        securityToken: at(body, "Credentials", "SecurityToken")
      }
      expect(await outcomes(service)).toEqual(expected)
    }
    for (const file of readdirSync(directory)) {
      const bytes = readFileSync(join(directory, file)).toString("latin1")
      for (const { secret } of [...people, temporary]) expect(bytes.includes(secret)).toBe(false)
    }
    const everything = readdirSync(directory).map((file) => readFileSync(join(directory, file)).toString("latin1"))
    expect(everything.some((bytes) => bytes.includes(people[0]?.accessKeyId ?? "?"))).toBe(true)
    await using again = await startService({ store })
    expect(await outcomes(again)).toEqual(expected)
  })
})
