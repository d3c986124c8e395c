/** Key policies: set, read, combined with the policies of the caller, and durable. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setImmediate } from "node:timers/promises"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { evaluate } from "../../src/authorization/evaluate.ts"
import { defaultKeyPolicy, keyPolicyFault, makeKeyPolicies, together } from "../../src/authorization/keyPolicy.ts"
import { AccountId } from "../../src/domain/ids.ts"
import { keyPolicyBytesMax } from "../../src/domain/limits.ts"
import type { KeyMetadata } from "../../src/records/rows.ts"
import { account, allow, arn, at, deny, document, root, startService } from "./people.ts"
import type { Credentials, Parameters, Service } from "./people.ts"
import { circumstances, documentOf, policyOf } from "./policies.ts"

const Plaintext = "aGVsbG8="
const refused = "Forbidden.NoPermission"

const grant = (who: string | ReadonlyArray<string>, Action: string | ReadonlyArray<string>, more: object = {}) => ({
  Effect: "Allow",
  Principal: { RAM: typeof who === "string" ? [`acs:ram::${account}:${who}`] : who },
  Action,
  Resource: "*",
  ...more
})
const forbid = (who: string | ReadonlyArray<string>, Action: string | ReadonlyArray<string>, more: object = {}) =>
  grant(who, Action, { Effect: "Deny", ...more })

const directory = mkdtempSync(join(tmpdir(), "keystate-key-policies-"))
let service: Service
beforeAll(async () => {
  service = await startService({ store: { directory } })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

const set = async (KeyId: string, ...statements: ReadonlyArray<object>): Promise<string> =>
  (await service.ask(root, "SetKeyPolicy", { KeyId, Policy: document(...statements) })).code
const shown = async (KeyId: string, who: Credentials = root): Promise<string> =>
  at((await service.ask(who, "GetKeyPolicy", { KeyId, PolicyName: "default" })).body, "Policy")
const code = async (who: Credentials, action: string, given: Parameters): Promise<string> =>
  (await service.ask(who, action, given)).code
const encrypts = (who: Credentials, KeyId: string): Promise<string> => code(who, "Encrypt", { KeyId, Plaintext })

describe("the policy of a key", () => {
  it("GetKeyPolicy returns the vendor's default until a policy is set, then that policy as written", async () => {
    const KeyId = await service.newKey()
    expect(JSON.parse(await shown(KeyId))).toStrictEqual({
      Version: "1",
      Statement: [
        {
          Sid: "kms default key policy",
          Effect: "Allow",
          Principal: { RAM: [`acs:ram::${account}:*`] },
          Action: ["kms:*"],
          Resource: ["*"]
        }
      ]
    })
    const Policy = `\n${JSON.stringify({ Statement: [grant("user/a", "kms:Encrypt")], Version: "1" }, undefined, 3)} `
    expect(await code(root, "SetKeyPolicy", { KeyId, Policy })).toBe("ok")
    expect(await shown(KeyId)).toBe(Policy)
    expect(at((await service.ask(root, "GetKeyPolicy", { KeyId })).body, "Policy")).toBe(Policy)
    const restored = await shown(await service.newKey())
    expect(await code(root, "SetKeyPolicy", { KeyId, Policy: restored, PolicyName: "default" })).toBe("ok")
    expect(await shown(KeyId)).toBe(restored)
  })

  it("CreateKey accepts a key policy, and an invalid policy creates no key", async () => {
    const Policy = document(grant("user/made", "kms:DescribeKey"))
    expect(await shown(await service.newKey({ Policy }))).toBe(Policy)
    const count = async (): Promise<string> => at((await service.ask(root, "ListKeys")).body, "TotalCount")
    const before = await count()
    for (const wrong of ["{}", document({ ...grant("user/a", "kms:*"), Resource: arn("key/*") })]) {
      expect(await code(root, "CreateKey", { Policy: wrong })).toBe("InvalidParameter")
    }
    expect(await count()).toBe(before)
  })

  it("a key policy survives other changes and a restart, and is in the key's events", async () => {
    const Policy = document(grant("user/kept", "kms:Encrypt"))
    const KeyId = await service.newKey()
    const kept = await service.user("kept")
    await service.ask(root, "SetKeyPolicy", { KeyId, Policy })
    await service.ask(root, "UpdateKeyDescription", { KeyId, Description: "another" })
    await service.ask(root, "TagResource", { KeyId, Tags: '[{"TagKey":"a","TagValue":"b"}]' })
    await service[Symbol.asyncDispose]()
    service = await startService({ store: { directory } })
    expect(await shown(KeyId)).toBe(Policy)
    expect(await encrypts(kept, KeyId)).toBe("ok")
    expect(await code(kept, "DescribeKey", { KeyId })).toBe(refused)
    const { text } = await service.ask(root, "ListKeyEvents", { KeyId })
    expect(text).toContain('"Type":"SetKeyPolicy"')
  })

  it("a key policy is readable in every state, and writable in every state except PendingDeletion", async () => {
    const Policy = document(grant("user/a", "kms:Encrypt"))
    const external = await service.newKey({ Origin: "EXTERNAL" })
    const disabled = await service.newKey()
    await service.ask(root, "DisableKey", { KeyId: disabled })
    const doomed = await service.newKey()
    await service.ask(root, "ScheduleKeyDeletion", { KeyId: doomed, PendingWindowInDays: "7" })
    const answers = async (KeyId: string) => [
      await code(root, "SetKeyPolicy", { KeyId, Policy }),
      await code(root, "GetKeyPolicy", { KeyId })
    ]
    expect([await answers(external), await answers(disabled), await answers(doomed)]).toEqual([
      ["ok", "ok"],
      ["ok", "ok"],
      ["Rejected.PendingDeletion", "ok"]
    ])
    await service.ask(root, "CreateAlias", { AliasName: "alias/policied", KeyId: disabled })
    expect(await answers("alias/policied")).toEqual(["Unsupported.Alias", "Unsupported.Alias"])
    expect(await answers("00000000-0000-4000-8000-000000000000")).toEqual(Array(2).fill("Forbidden.KeyNotFound"))
  })

  it("the only name of a key policy is default", async () => {
    const KeyId = await service.newKey()
    const Policy = document(grant("user/a", "kms:Encrypt"))
    expect(await code(root, "GetKeyPolicy", { KeyId, PolicyName: "other" })).toBe("Forbidden.ResourceNotFound")
    const { body, code: answered } = await service.ask(root, "SetKeyPolicy", { KeyId, PolicyName: "other", Policy })
    expect([answered, at(body, "Message")]).toEqual(["InvalidParameter", expect.stringContaining("PolicyName")])
  })

  it.each([
    ["no JSON", "The document is not well-formed JSON near character 1."],
    ["{}", "The document must not be empty."],
    [document(allow("kms:Encrypt", "*")), "Statement[0].Principal is missing."],
    [document({ ...grant("user/a", "kms:*"), NotAction: "kms:*" }), "Statement[0].NotAction is unknown;"],
    [document(grant("user/a", "*")), 'Statement[0].Action is "*", but must be kms:<operation>.'],
    [
      document(grant(["acs:ram::2:user/a"], "kms:*")),
      'Statement[0].Principal.RAM[0] is "acs:ram::2:user/a", but a key can'
    ],
    [
      document(forbid([`acs:ram::${account}:*`, "acs:ram::2:root"], "kms:*")),
      'Statement[0].Principal.RAM[1] is "acs:ram::2:root"'
    ],
    [
      document({ ...grant("user/a", "kms:*"), Condition: { Null: { "kms:tag/a": "true" } } }),
      "Statement[0].Condition.Null is no"
    ],
    [
      document({ ...grant("user/a", "kms:*"), Condition: { StringEquals: { "oss:Prefix": "a" } } }),
      'Statement[0].Condition.StringEquals["oss:Prefix"] is not a condition key that can be evaluated here;'
    ],
    [document(grant("user/a", "kms:*")).padEnd(keyPolicyBytesMax + 1), "longer than 32768 bytes"]
  ])("SetKeyPolicy refuses a policy with the place and the reason: %.80j", async (Policy, hint) => {
    const KeyId = await service.newKey()
    const before = await shown(KeyId)
    const { body, status, code: answered } = await service.ask(root, "SetKeyPolicy", { KeyId, Policy })
    expect([status, answered, at(body, "Hint")]).toEqual([400, "InvalidParameter", expect.stringContaining(hint)])
    expect(await shown(KeyId)).toBe(before)
  })
})

describe("a user", () => {
  it("a key policy permits a user without policies to use that key only", async () => {
    const who = await service.user("guest")
    const [KeyId, other] = [await service.newKey(), await service.newKey()]
    expect(await encrypts(who, KeyId)).toBe(refused)
    await set(KeyId, grant("user/guest", ["kms:Encrypt", "kms:Get*"]))
    expect([await encrypts(who, KeyId), await encrypts(who, other)]).toEqual(["ok", refused])
    expect(await code(who, "DescribeKey", { KeyId })).toBe(refused)
    expect(await code(who, "GetKeyPolicy", { KeyId })).toBe("ok")
    expect(await code(who, "SetKeyPolicy", { KeyId, Policy: document(grant("user/guest", "kms:*")) })).toBe(refused)
  })

  it("an Allow for the whole account in a key policy leaves the decision to RAM", async () => {
    const KeyId = await service.newKey()
    const [bare, granted] = [
      await service.user("bare"),
      await service.user("granted", allow("kms:Encrypt", arn("key/*")))
    ]
    for (const whole of ["*", "root"]) {
      await set(KeyId, grant(whole, "kms:*"))
      expect([await encrypts(bare, KeyId), await encrypts(granted, KeyId)]).toEqual([refused, "ok"])
    }
    await set(KeyId, grant("user/else", "kms:DescribeKey"))
    expect(await encrypts(granted, KeyId)).toBe("ok")
  })

  it("a Deny of the key policy refuses a user by name or account, and never the root", async () => {
    const KeyId = await service.newKey()
    const who = await service.user("mighty", allow("*", "*"))
    for (const whom of ["user/mighty", "*", "root"]) {
      expect(await set(KeyId, forbid(whom, "kms:Encrypt"), grant("user/mighty", "kms:*"))).toBe("ok")
      expect([whom, await encrypts(who, KeyId), await encrypts(root, KeyId)]).toEqual([whom, refused, "ok"])
      expect(await code(who, "DescribeKey", { KeyId })).toBe("ok")
    }
    await set(
      KeyId,
      forbid(
        ["root", "*", "user/mighty"].map((name) => `acs:ram::${account}:${name}`),
        "kms:*"
      )
    )
    expect(await code(who, "GetKeyPolicy", { KeyId })).toBe(refused)
    expect(await code(root, "SetKeyPolicy", { KeyId, Policy: defaultKeyPolicy(AccountId.make(account)) })).toBe("ok")
    expect(await encrypts(who, KeyId)).toBe("ok")
  })

  it("a Deny of the user's policy overrides an Allow of the key policy", async () => {
    const KeyId = await service.newKey()
    const who = await service.user("curbed", deny("kms:Encrypt", "*"))
    await set(KeyId, grant("user/curbed", "kms:*"))
    expect([await encrypts(who, KeyId), await code(who, "DescribeKey", { KeyId })]).toEqual([refused, "ok"])
  })

  it("conditions of a key policy restrict a user: tags, address, and tags in the request", async () => {
    const KeyId = await service.newKey()
    const who = await service.user("bound")
    const Tags = (value: string): string => JSON.stringify([{ TagKey: "team", TagValue: value }])
    await set(
      KeyId,
      grant("user/bound", "kms:Encrypt", { Condition: { StringEquals: { "kms:tag/team": "blue" } } }),
      grant("user/bound", "kms:TagResource", { Condition: { StringEquals: { "acs:RequestTag/team": "blue" } } }),
      grant("user/bound", "kms:DescribeKey", { Condition: { IpAddress: { "acs:SourceIp": "10.0.0.0/8" } } })
    )
    expect(await encrypts(who, KeyId)).toBe(refused)
    expect(await code(who, "TagResource", { KeyId, Tags: Tags("red") })).toBe(refused)
    expect(await code(who, "TagResource", { KeyId, Tags: Tags("blue") })).toBe("ok")
    expect(await encrypts(who, KeyId)).toBe("ok")
    const describes = async (from: string) => (await service.ask(who, "DescribeKey", { KeyId }, { from })).code
    expect([await describes("10.1.1.1"), await describes("11.1.1.1")]).toEqual(["ok", refused])
  })

  it("a deleted user loses the permissions of key policies", async () => {
    const KeyId = await service.newKey()
    const who = await service.user("leaver")
    await set(KeyId, grant("user/leaver", "kms:Encrypt"))
    expect(await encrypts(who, KeyId)).toBe("ok")
    await service.ask(root, "DeleteAccessKey", { UserName: "leaver", UserAccessKeyId: who.accessKeyId })
    expect(await encrypts(who, KeyId)).toBe("InvalidAccessKeyId.NotFound")
  })

  it("ReEncrypt needs permission for both keys, each from either kind of policy", async () => {
    const [from, to] = [await service.newKey(), await service.newKey()]
    const who = await service.user("mover", allow("kms:ReEncryptTo", arn(`key/${to}`)))
    const CiphertextBlob = at((await service.ask(root, "Encrypt", { KeyId: from, Plaintext })).body, "CiphertextBlob")
    const move = (): Promise<string> => code(who, "ReEncrypt", { CiphertextBlob, DestinationKeyId: to })
    expect(await move()).toBe(refused)
    await set(from, grant("user/mover", "kms:ReEncryptFrom"))
    expect(await move()).toBe("ok")
    await set(to, forbid("user/mover", "kms:ReEncrypt*"))
    expect(await move()).toBe(refused)
  })

  it("a user of another account learns nothing about a key", async () => {
    const KeyId = await service.newKey()
    await set(KeyId, grant("*", "kms:*"))
    const made = await service.ask(root, "CreateAccount", { AccountId: "2000000000000002" })
    const stranger = {
      accessKeyId: at(made.body, "Account", "RootAccessKey", "AccessKeyId"),
      secret: at(made.body, "Account", "RootAccessKey", "AccessKeySecret")
    }
    for (const reference of [KeyId, arn(`key/${KeyId}`)]) {
      for (const action of ["GetKeyPolicy", "DescribeKey"]) {
        expect(await code(stranger, action, { KeyId: reference })).toBe("Forbidden.KeyNotFound")
      }
      expect(await encrypts(stranger, reference)).toBe("Forbidden.KeyNotFound")
    }
  })
})

describe("a role", () => {
  it("a key policy permits a role in every session, and a session policy limits that", async () => {
    const KeyId = await service.newKey()
    await service.ask(root, "CreateRole", { RoleName: "runner" })
    const assume = async (more: Parameters = {}): Promise<Credentials> => {
      const given = { RoleName: "runner", RoleSessionName: "session", ...more }
      const { body } = await service.ask(root, "AssumeRole", given)
      return {
        accessKeyId: at(body, "Credentials", "AccessKeyId"),
        secret: at(body, "Credentials", "AccessKeySecret"),
        securityToken: at(body, "Credentials", "SecurityToken")
      }
    }
    const wide = await assume()
    const narrow = await assume({ Policy: document(allow("kms:DescribeKey", "*")) })
    expect(await encrypts(wide, KeyId)).toBe(refused)
    await set(KeyId, grant("role/runner", ["kms:Encrypt", "kms:DescribeKey"]))
    expect([await encrypts(wide, KeyId), await encrypts(narrow, KeyId)]).toEqual(["ok", refused])
    expect(await code(narrow, "DescribeKey", { KeyId })).toBe("ok")
    await set(KeyId, grant("user/runner", "kms:*"))
    expect(await encrypts(wide, KeyId)).toBe(refused)
  })
})

describe("SetKeyPolicy after its answer", () => {
  it("SetKeyPolicy holds for every call after its answer, while many calls are in progress", async () => {
    const KeyId = await service.newKey()
    const who = await service.user("racing")
    await set(KeyId, grant("user/racing", "kms:*"))
    let revoked = false
    let before = 0
    const after: Array<string> = []
    const caller = async (action: string, given: Parameters): Promise<void> => {
      for (let last = false; !last;) {
        last = revoked
        const heard = await service.ask(who, action, { KeyId, ...given })
        await setImmediate()
        if (last) after.push(heard.code)
        else if (heard.code === "ok") before++
      }
    }
    const callers = [
      ...Array.from({ length: 4 }, () => caller("Encrypt", { Plaintext })),
      ...Array.from({ length: 2 }, () => caller("GenerateDataKey", {})),
      ...Array.from({ length: 2 }, () => caller("UpdateKeyDescription", { Description: "x" }))
    ]
    await service.ask(root, "ListKeys")
    expect(await set(KeyId, forbid("user/racing", "kms:*"))).toBe("ok")
    revoked = true
    await Promise.all(callers)
    expect(before).toBeGreaterThan(0)
    expect(after).toEqual(Array<string>(8).fill(refused))
  })

  it("SetKeyPolicy applies to changes that wait for its end", async () => {
    for (let round = 0; round < 20; round++) {
      const KeyId = await service.newKey()
      const name = `waiting${round}`
      const who = await service.user(name)
      await set(KeyId, grant(`user/${name}`, "kms:*"))
      let answeredAt = Number.POSITIVE_INFINITY
      let clock = 0
      const revocation = set(KeyId, forbid(`user/${name}`, "kms:*")).then((answer) => {
        answeredAt = clock++
        return answer
      })
      const changes = Array.from({ length: 6 }, async (_, at) => {
        const heard = await code(who, "UpdateKeyDescription", { KeyId, Description: `${at}` })
        return { heard, at: clock++ }
      })
      expect(await revocation).toBe("ok")
      for (const { heard, at: when } of await Promise.all(changes)) {
        if (heard === "ok") expect(when).toBeLessThan(answeredAt)
        else expect(heard).toBe(refused)
      }
    }
  })
})

describe("the ruling on a key", () => {
  const own = AccountId.make("1")
  const who = fc.constantFrom("root", "*", "user/a", "user/b", "role/a")
  const effect = fc.constantFrom("Allow" as const, "Deny" as const)
  const action = fc.constantFrom("kms:Encrypt", "kms:*", "kms:Decrypt")
  const inKey = fc.array(fc.record({ who, effect, action }), { minLength: 0, maxLength: 4 })
  const inRam = fc.array(fc.record({ effect, action }), { minLength: 0, maxLength: 3 })
  const caller = fc.constantFrom(
    { kind: "user", account: own, name: "a" } as const,
    { kind: "user", account: own, name: "c" } as const,
    { kind: "role", account: own, name: "a" } as const
  )

  type Ours = { readonly effect: "Allow" | "Deny"; readonly action: string }
  const covers = ({ action: pattern }: Ours, asked: string): boolean => pattern === "kms:*" || pattern === asked

  /** The table of the vendor's "Key policy overview", written a second time. */
  const expected = (
    key: ReadonlyArray<Ours & { readonly who: string }>,
    ram: ReadonlyArray<Ours>,
    me: string,
    asked: string
  ): string => {
    const mine = key.filter((each) => covers(each, asked) && ["root", "*", me].includes(each.who))
    const ofRam = ram.filter((each) => covers(each, asked))
    if ([...mine, ...ofRam].some((each) => each.effect === "Deny")) return "Deny"
    return ofRam.length > 0 || mine.some((each) => each.who === me) ? "Allow" : "Implicit"
  }

  it("the ruling on a key is Deny if either policy denies, otherwise Allow if either allows", () => {
    const ruleOfKey = makeKeyPolicies()
    fc.assert(
      fc.property(inKey, inRam, caller, fc.constantFrom("kms:Encrypt", "kms:Decrypt"), (key, ram, me, asked) => {
        const statements = key.map((each) => ({
          Effect: each.effect,
          Principal: { RAM: `acs:ram::1:${each.who}` },
          Action: each.action,
          Resource: "*"
        }))
        const metadata: KeyMetadata = {
          description: "",
          creator: "1",
          createdAt: 0,
          ...(statements.length === 0 ? {} : { policy: documentOf(...statements) })
        }
        const policies = ram.map((each) => policyOf({ Effect: each.effect, Action: each.action, Resource: "*" }))
        const question = { action: asked, resource: "acs:kms:r:1:key/k", attributes: circumstances }
        const ruling = together(evaluate(policies, question), ruleOfKey(metadata, me, question))
        expect(ruling.effect).toBe(expected(key, ram, `${me.kind}/${me.name}`, asked))
        if (metadata.policy !== undefined) expect(keyPolicyFault(own, metadata.policy)).toBeUndefined()
      }),
      { numRuns: 1000 }
    )
  })
})
