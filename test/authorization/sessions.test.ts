/** Temporary credentials: their permissions, their duration and their security token. */
import { Redacted, Result } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { rootKeyFromBytes } from "../../src/crypto/native/rootKey.ts"
import { openToken, sealToken } from "../../src/authorization/securityToken.ts"
import { AccountId } from "../../src/domain/ids.ts"
import { account, allow, arn, at, deny, document, root, startService } from "./people.ts"
import type { Credentials, Parameters, Service } from "./people.ts"

const Plaintext = "aGVsbG8="

let service: Service
let mine: string
let other: string
beforeAll(async () => {
  service = await startService()
  mine = await service.newKey()
  other = await service.newKey()
  await makeRole("worker", allow(["kms:Encrypt", "kms:DescribeKey"], arn("key/*")))
})
afterAll(() => service[Symbol.asyncDispose]())

const must = async (
  action: string,
  parameters: Parameters,
  asking = service.ask
): Promise<Readonly<Record<string, unknown>>> => {
  const { body, code } = await asking(root, action, parameters)
  expect([action, code]).toEqual([action, "ok"])
  return body
}

const makeRole = async (RoleName: string, ...statements: ReadonlyArray<object>): Promise<void> => {
  await must("CreateRole", { RoleName })
  const PolicyName = `${RoleName}-policy`
  await must("CreatePolicy", { PolicyName, PolicyDocument: document(...statements) }, service.ram)
  await must("AttachPolicyToRole", { RoleName, PolicyName })
}

const assume = async (RoleName: string, more: Parameters = {}): Promise<Required<Credentials>> => {
  const body = await must("AssumeRole", { RoleName, RoleSessionName: "night-shift", ...more })
  return {
    accessKeyId: at(body, "Credentials", "AccessKeyId"),
    secret: at(body, "Credentials", "AccessKeySecret"),
    securityToken: at(body, "Credentials", "SecurityToken")
  }
}

const encrypt = async (who: Credentials, KeyId = mine, scheme: "V1" | "V3" = "V1"): Promise<string> =>
  (await service.ask(who, "Encrypt", { KeyId, Plaintext }, { scheme })).code

describe("a caller who assumed a role", () => {
  it.each(["V1", "V3"] as const)(
    "a caller who assumed a role may do what the role may, and no more, signed by %s",
    async (scheme) => {
      const who = await assume("worker")
      expect(who.accessKeyId).toMatch(/^STS\.[A-Za-z0-9]{20}$/)
      expect(await encrypt(who, mine, scheme)).toBe("ok")
      for (const action of ["ListKeys", "CreateUser", "AssumeRole", "ListUsers"]) {
        const given = { UserName: "u", RoleName: "worker", RoleSessionName: "again" }
        expect((await service.ask(who, action, given, { scheme })).code).toBe("Forbidden.NoPermission")
      }
    }
  )

  it("the audit log names the role and the session of a caller who assumed a role", async () => {
    const who = await assume("worker", { RoleSessionName: "auditee" })
    await encrypt(who)
    expect(await service.auditLines()).toContainEqual(
      expect.objectContaining({ operation: "Encrypt", principal: `acs:ram::${account}:assumed-role/worker/auditee` })
    )
  })

  it("a session policy limits a caller, and never adds permissions", async () => {
    const narrowed = await assume("worker", { Policy: document(allow("kms:Encrypt", arn(`key/${mine}`))) })
    expect(await encrypt(narrowed)).toBe("ok")
    expect(await encrypt(narrowed, other)).toBe("Forbidden.NoPermission")
    expect((await service.ask(narrowed, "DescribeKey", { KeyId: mine })).code).toBe("Forbidden.NoPermission")
    const widened = await assume("worker", { Policy: document(allow("*", "*")) })
    expect(await encrypt(widened)).toBe("ok")
    expect((await service.ask(widened, "ListKeys")).code).toBe("Forbidden.NoPermission")
    const denied = await assume("worker", { Policy: document(allow("*", "*"), deny("kms:Encrypt", "*")) })
    expect(await encrypt(denied)).toBe("Forbidden.NoPermission")
  })

  it("AssumeRole issues a session of 15 minutes to 12 hours, with a valid policy", async () => {
    const outcome = async (given: Parameters): Promise<string> =>
      (await service.ask(root, "AssumeRole", { RoleName: "worker", RoleSessionName: "ab", ...given })).code
    expect(await outcome({ DurationSeconds: "900" })).toBe("ok")
    expect(await outcome({ DurationSeconds: "43200" })).toBe("ok")
    expect(await outcome({ DurationSeconds: "899" })).toBe("InvalidParameter")
    expect(await outcome({ DurationSeconds: "43201" })).toBe("InvalidParameter")
    expect(await outcome({ RoleSessionName: "a/b" })).toBe("InvalidParameter")
    expect(await outcome({ Policy: "{}" })).toBe("MalformedPolicyDocument")
    expect(await outcome({ RoleName: "nobody" })).toBe("EntityNotExist.Role")
    const from = Date.now()
    const body = await must("AssumeRole", { RoleName: "worker", RoleSessionName: "ab" })
    const begun = Date.parse(at(body, "Credentials", "Expiration")) - 3_600_000
    // Expiration is in whole seconds.
    expect(begun).toBeGreaterThan(from - 1000)
    expect(begun).toBeLessThanOrEqual(Date.now() + 1000)
  })

  it("a session loses its permissions when its role is deleted, also if a new role takes the name", async () => {
    await makeRole("passing", allow("kms:Encrypt", "*"))
    const who = await assume("passing")
    expect(await encrypt(who)).toBe("ok")
    await must("DetachPolicyFromRole", { RoleName: "passing", PolicyName: "passing-policy" })
    expect(await encrypt(who)).toBe("Forbidden.NoPermission")
    await must("DeleteRole", { RoleName: "passing" })
    expect((await service.ask(who, "DescribeRegions")).code).toBe("Forbidden.NoPermission")
    await must("CreateRole", { RoleName: "passing" })
    await must("AttachPolicyToRole", { RoleName: "passing", PolicyName: "passing-policy" })
    expect(await encrypt(who)).toBe("Forbidden.NoPermission")
    expect(await encrypt(await assume("passing"))).toBe("ok")
  })
})

describe("a security token", () => {
  it("a security token is valid only with its own access key", async () => {
    const [one, two] = [await assume("worker"), await assume("worker")]
    const token = two.securityToken
    const spoilt = Buffer.from(token, "base64")
    spoilt[20] = (spoilt[20] ?? 0) ^ 1
    const user = await service.user("tokened", allow("kms:Encrypt", "*"))
    const unknown = { ...one, accessKeyId: `STS.${"A".repeat(20)}` }
    const outcomes = await Promise.all([
      encrypt({ ...one, securityToken: token }),
      encrypt({ ...two, securityToken: spoilt.toString("base64") }),
      encrypt({ ...one, securityToken: "no token" }),
      encrypt({ ...one, securityToken: "AAAA" }),
      encrypt({ accessKeyId: one.accessKeyId, secret: one.secret }),
      encrypt({ ...one, secret: two.secret }),
      encrypt(unknown),
      encrypt({ ...user, securityToken: token }),
      encrypt({ ...root, securityToken: token }),
      encrypt({ ...root, accessKeyId: "LTAInobody", securityToken: token })
    ])
    expect(outcomes).toEqual([
      "InvalidSecurityToken.MismatchWithAccessKey",
      "InvalidSecurityToken.MismatchWithAccessKey",
      "InvalidSecurityToken.Malformed",
      "InvalidSecurityToken.Malformed",
      "MissingSecurityToken",
      "SignatureDoesNotMatch",
      "InvalidSecurityToken.MismatchWithAccessKey",
      "InvalidSecurityToken.MismatchWithAccessKey",
      "InvalidSecurityToken.MismatchWithAccessKey",
      "InvalidAccessKeyId.NotFound"
    ])
  })

  it("a security token is opaque, and opens only with its access key and its root key", () => {
    const randomness = {
      bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
      uuid: () => crypto.randomUUID()
    }
    const rootKeyOf = (byte: number) => rootKeyFromBytes({ bytes: new Uint8Array(32).fill(byte), randomness })
    const contents = {
      secret: Redacted.make("a-secret-of-thirty-characters!"),
      account: AccountId.make(account),
      role: "worker",
      roleId: "one",
      session: "night-shift",
      expiresAt: 1
    }
    const token = sealToken(rootKeyOf(1), "STS.one", contents)
    expect(Buffer.from(token, "base64").toString("latin1")).not.toMatch(/secret|worker|night/)
    const opened = openToken(rootKeyOf(1), "STS.one", token)
    expect(Result.isSuccess(opened) && Redacted.value(opened.success.secret)).toBe(Redacted.value(contents.secret))
    for (const wrong of [openToken(rootKeyOf(1), "STS.two", token), openToken(rootKeyOf(2), "STS.one", token)]) {
      expect(Result.isFailure(wrong) && wrong.failure).toBe("InvalidSecurityToken.MismatchWithAccessKey")
    }
  })
})
