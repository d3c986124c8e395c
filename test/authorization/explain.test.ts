/** The explanation of ExplainAccess agrees with the result of the real call. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { account, allow, arn, at, deny, root, startService } from "./people.ts"
import type { Credentials, Parameters, Service } from "./people.ts"

const Plaintext = "aGVsbG8="
const unknown = "00000000-0000-4000-8000-000000000000"

let service: Service
let keys: Readonly<Record<"enabled" | "disabled" | "leaving" | "empty" | "signer", string>>
const blobs = new Map<string, string>()
let people: ReadonlyArray<readonly [name: string, who: Credentials]>

beforeAll(async () => {
  service = await startService()
  keys = {
    enabled: await service.newKey(),
    disabled: await service.newKey(),
    leaving: await service.newKey(),
    empty: await service.newKey({ Origin: "EXTERNAL" }),
    signer: await service.newKey({ KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })
  }
  for (const KeyId of [keys.enabled, keys.disabled, keys.leaving]) {
    blobs.set(KeyId, at((await service.ask(root, "Encrypt", { KeyId, Plaintext })).body, "CiphertextBlob"))
  }
  for (const name of ["enabled", "disabled"] as const) {
    await service.ask(root, "CreateAlias", { AliasName: `alias/${name}`, KeyId: keys[name] })
  }
  await service.ask(root, "DisableKey", { KeyId: keys.disabled })
  await service.ask(root, "ScheduleKeyDeletion", { KeyId: keys.leaving, PendingWindowInDays: "7" })
  people = [
    ["root", root],
    ["nobody", await service.user("nobody")],
    ["reader", await service.user("reader", allow(["kms:Describe*", "kms:List*"], ["*"]))],
    ["writer", await service.user("writer", allow("kms:*", arn("*")), deny("kms:*crypt*", arn(`key/${keys.enabled}`)))],
    ["narrow", await service.user("narrow", allow("kms:*", [arn(`key/${keys.enabled}`), arn("alias/enabled")]))],
    [
      "nearby",
      await service.user("nearby", allow("*", "*", { Condition: { IpAddress: { "acs:SourceIp": "10.0.0.0/8" } } }))
    ]
  ]
})
afterAll(() => service[Symbol.asyncDispose]())

/** An operation, its explanation and its real call; undefined if the call would fail for its content. */
interface Trial {
  readonly operation: string
  readonly about: (KeyId: string) => Parameters
  readonly call: (KeyId: string) => Parameters | undefined
}

const onKey = (operation: string, more: Parameters = {}): Trial => ({
  operation,
  about: (KeyId) => ({ KeyId }),
  call: (KeyId) => ({ KeyId, ...more })
})

const fromBlob = (operation: string, more: (KeyId: string) => Parameters): Trial => ({
  operation,
  about: (KeyId) => ({ KeyId }),
  call: (KeyId) => {
    const CiphertextBlob = blobs.get(KeyId)
    return CiphertextBlob === undefined ? undefined : { CiphertextBlob, ...more(KeyId) }
  }
})

const trials: ReadonlyArray<Trial> = [
  onKey("DescribeKey"),
  onKey("ListKeyVersions"),
  onKey("ListAliasesByKeyId"),
  onKey("ListResourceTags"),
  onKey("Encrypt", { Plaintext }),
  onKey("GenerateDataKey"),
  onKey("GenerateDataKeyWithoutPlaintext"),
  onKey("UpdateKeyDescription", { Description: "d" }),
  onKey("UpdateRotationPolicy", { EnableAutomaticRotation: "false" }),
  onKey("TagResource", { Tags: '[{"TagKey":"a","TagValue":"b"}]' }),
  onKey("EnableKey"),
  onKey("DisableKey"),
  onKey("CancelKeyDeletion"),
  onKey("ScheduleKeyDeletion", { PendingWindowInDays: "7" }),
  onKey("GetParametersForImport", { WrappingAlgorithm: "RSAES_OAEP_SHA_1", WrappingKeySpec: "RSA_2048" }),
  onKey("DeleteKeyMaterial"),
  fromBlob("Decrypt", () => ({})),
  fromBlob("ReEncrypt", (KeyId) => ({ DestinationKeyId: KeyId })),
  {
    operation: "ListTagResources",
    about: (KeyId) => ({ KeyId }),
    call: (KeyId) => (KeyId === unknown ? undefined : { ResourceType: "key", "ResourceId.1": KeyId })
  },
  {
    operation: "UpdateAlias",
    about: (KeyId) => ({ KeyId, AliasName: "alias/enabled" }),
    call: (KeyId) => ({ KeyId, AliasName: "alias/enabled" })
  },
  {
    operation: "CreateAlias",
    about: (KeyId) => ({ KeyId, AliasName: "alias/fresh" }),
    call: (KeyId) => ({ KeyId, AliasName: "alias/fresh" })
  },
  {
    operation: "DeleteAlias",
    about: () => ({ AliasName: "alias/fresh" }),
    call: () => ({ AliasName: "alias/fresh" })
  },
  { operation: "ListKeys", about: () => ({}), call: () => ({}) },
  { operation: "ListAliases", about: () => ({}), call: () => ({}) },
  { operation: "DescribeRegions", about: () => ({}), call: () => ({}) },
  { operation: "DescribeAccountKmsStatus", about: () => ({}), call: () => ({}) },
  { operation: "ShowClock", about: () => ({}), call: () => ({}) }
]

describe("an explanation", () => {
  it.each([0, 1, 2, 3, 4, 5])(
    "explain agrees with the real answer for every operation, key and principal of the tests: principal %i",
    async (index) => {
      const [As, who] = people[index] ?? ["", root]
      const references = [
        ...Object.values(keys),
        arn(`key/${keys.enabled}`),
        unknown,
        "alias/enabled",
        "alias/disabled",
        "alias/unknown"
      ]
      const seen = { ok: 0, policy: 0, state: 0 }
      for (const { operation, about, call } of trials) {
        for (const KeyId of references) {
          const from = seen.ok % 2 === 0 ? "10.1.1.1" : "192.168.0.1"
          const parameters = call(KeyId)
          if (parameters === undefined) continue
          const told = await service.ask(root, "ExplainAccess", {
            As,
            Operation: operation,
            SourceIp: from,
            ...about(KeyId)
          })
          const { code } = await service.ask(who, operation, parameters, { from })
          if (told.status !== 200) {
            expect([operation, KeyId, told.code]).toEqual([operation, KeyId, code])
            continue
          }
          const { Allowed, Decision, RefusalCode } = told.body
          expect([operation, KeyId, Allowed, RefusalCode ?? "ok"]).toEqual([operation, KeyId, code === "ok", code])
          expect(Decision).toBe(code === "ok" ? "ok" : code === "Forbidden.NoPermission" ? "policy" : "state")
          if (Decision === "ok" || Decision === "policy" || Decision === "state") seen[Decision]++
        }
      }
      expect(seen.ok + seen.policy + seen.state).toBeGreaterThan(200)
    }
  )

  it("explain names the policy, the statement and the change that would allow the call", async () => {
    const ask = async (parameters: Parameters): Promise<unknown> =>
      (await service.ask(root, "ExplainAccess", parameters)).body
    expect(await ask({ As: "writer", Operation: "Encrypt", KeyId: keys.enabled })).toMatchObject({
      Principal: `acs:ram::${account}:user/writer`,
      Allowed: false,
      Decision: "policy",
      RefusalCode: "Forbidden.NoPermission",
      Checks: {
        Check: [
          {
            Action: "kms:Encrypt",
            Resource: arn(`key/${keys.enabled}`),
            Effect: "Deny",
            PolicyName: "writer-policy",
            Statement: 1,
            Advice: expect.stringContaining("statement 1 of the policy writer-policy")
          }
        ]
      }
    })
    expect(
      await ask({ As: "nobody", Operation: "ReEncrypt", KeyId: keys.enabled, DestinationKeyId: keys.disabled })
    ).toMatchObject({
      Decision: "policy",
      Checks: {
        Check: [
          {
            Action: "kms:ReEncryptFrom",
            Effect: "Implicit",
            Advice: expect.stringContaining('"Action":"kms:ReEncryptFrom"')
          },
          { Action: "kms:ReEncryptTo", Resource: arn(`key/${keys.disabled}`), Effect: "Implicit" }
        ]
      }
    })
    expect(
      await ask({ As: "user/narrow", Operation: "UpdateAlias", AliasName: "alias/enabled", KeyId: keys.empty })
    ).toMatchObject({
      Decision: "policy",
      Checks: {
        Check: [{ Effect: "Allow" }, { Effect: "Allow" }, { Effect: "Implicit", Resource: arn(`key/${keys.empty}`) }]
      }
    })
    expect(
      await ask({ As: "root", Operation: "Encrypt", KeyId: await service.newKey({ Origin: "EXTERNAL" }) })
    ).toMatchObject({
      Decision: "state",
      RefusalCode: "Rejected.PendingImport",
      KeyState: "PendingImport",
      AllowedStates: { State: ["Enabled"] },
      RefusalHint: expect.stringContaining("ImportKeyMaterial")
    })
    expect(await ask({ As: "reader", Operation: "CreateUser" })).toMatchObject({ Allowed: false, Decision: "policy" })
  })

  it("only the account's root may call explain, and only about existing principals", async () => {
    const [, reader] = people[2] ?? []
    const given = { As: "reader", Operation: "ListKeys" }
    expect((await service.ask(reader ?? root, "ExplainAccess", given)).code).toBe("Forbidden.NoPermission")
    expect((await service.ask(root, "ExplainAccess", { ...given, As: "noone" })).code).toBe("EntityNotExist.User")
    expect((await service.ask(root, "ExplainAccess", { ...given, As: "role/none" })).code).toBe("EntityNotExist.Role")
    const misspelt = await service.ask(root, "ExplainAccess", { ...given, Operation: "Encryp" })
    expect(misspelt.body["Hint"]).toBe("Operation must be the name of an operation, such as Encrypt.")
    expect((await service.ask(root, "ExplainAccess", { ...given, Operation: "Nonsense" })).code).toBe(
      "InvalidParameter"
    )
  })
})

describe("an explanation of a key policy", () => {
  const explained = async (operation: string, KeyId: string) =>
    (await service.ask(root, "ExplainAccess", { As: "guest", Operation: operation, KeyId })).body
  const set = async (KeyId: string, Effect: string, Action: string): Promise<void> => {
    const Principal = { RAM: [`acs:ram::${account}:user/guest`] }
    const Policy = JSON.stringify({ Version: "1", Statement: [{ Effect, Principal, Action, Resource: "*" }] })
    expect((await service.ask(root, "SetKeyPolicy", { KeyId, Policy })).code).toBe("ok")
  }

  it("explain names the statement of a key policy that decided, and both changes that would allow the call", async () => {
    const KeyId = await service.newKey()
    const guest = await service.user("guest")
    const first = JSON.stringify(await explained("Encrypt", KeyId))
    expect(first).toContain("Attach a policy with the statement")
    expect(first).toContain("Or add to the key's policy, by SetKeyPolicy, the statement")
    expect(first).toContain(`acs:ram::${account}:user/guest`)
    await set(KeyId, "Allow", "kms:Encrypt")
    expect(await explained("Encrypt", KeyId)).toMatchObject({
      Decision: "ok",
      Checks: { Check: [{ Effect: "Allow", PolicyName: "(key policy)", Statement: 0 }] }
    })
    expect((await service.ask(guest, "Encrypt", { KeyId, Plaintext })).code).toBe("ok")
    await set(KeyId, "Deny", "kms:Encrypt")
    const denied = await explained("Encrypt", KeyId)
    expect(denied).toMatchObject({
      Decision: "policy",
      Checks: { Check: [{ Effect: "Deny", PolicyName: "(key policy)", Statement: 0 }] }
    })
    expect(JSON.stringify(denied)).toContain("Remove kms:Encrypt from statement 0 of the key's policy")
    expect((await service.ask(guest, "Encrypt", { KeyId, Plaintext })).code).toBe("Forbidden.NoPermission")
  })
})
