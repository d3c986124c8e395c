/** A parameter that restricts a request is applied or refused, never ignored. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { catalogue, isOperationName, vendorOperations } from "../../src/operation/catalogue.ts"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { startServer } from "../guide/serverFixture.ts"
import { inProcess, overHttp, textAt } from "./doors.ts"
import type { Ask, Request } from "./doors.ts"
import { publishedParameters } from "./publishedParameters.ts"
import { makeWorld, requestsIn, vendorNames } from "./specimens.ts"
import type { World } from "./specimens.ts"

const options = { clock: "virtual", hsm: "simulator" } as const
const operationNames = Object.keys(catalogue).filter(isOperationName)

let kms: PromiseKms
let ask: Ask
let world: World
let requests: ReturnType<typeof requestsIn>
beforeAll(async () => {
  kms = await createKms(options)
  ask = inProcess(kms)
  world = await makeWorld(ask)
  requests = requestsIn(world)
})
afterAll(() => kms.close())

const rehearsing = vendorNames.filter((name) => publishedParameters[name]?.includes("DryRun") === true)

describe("the parameters that the API publishes", () => {
  it.each(Object.entries(publishedParameters))(
    "%s applies or refuses every parameter that the API publishes",
    (operation, names) => {
      if (!isOperationName(operation)) throw new Error(`${operation} is no operation here`)
      expect(names.filter((name) => !Object.hasOwn(catalogue[operation].parameters, name))).toEqual([])
    }
  )

  it("published parameters are listed for every operation of the API except DescribeService", () => {
    expect(Object.keys(vendorOperations).filter((name) => publishedParameters[name] === undefined)).toEqual([
      "DescribeService"
    ])
  })
})

const unlikely = { DKMSInstanceId: "kst-bjj62d8f5e0sgtx8h0000", KmsInstanceId: "kst-1", Recipient: "QQ==" } as const

describe("restrictions that an operation does not support", () => {
  it.each(operationNames)("%s refuses each restriction that the operation does not support", async (operation) => {
    for (const [name, value] of Object.entries({ ...unlikely, DryRun: "true" })) {
      const { parameters } = catalogue[operation]
      if (Object.entries(parameters).some(([known, { refusal }]) => known === name && refusal === undefined)) continue
      const { code } = await ask(operation, { ...requestOf(operation), [name]: value })
      expect(`${name} ${code}`).toBe(
        `${name} ${name.endsWith("InstanceId") ? "Forbidden.DKMSInstanceNotFound" : "InvalidParameter"}`
      )
    }
  })

  it("DescribeKey accepts DryRun=false, empty restrictions and unknown parameters", async () => {
    const harmless = { DryRun: "False", Recipient: "", DKMSInstanceId: "", SignatureType: "", OwnerAccount: "me" }
    expect((await ask("DescribeKey", { KeyId: world.keyId, ...harmless })).code).toBe("Success")
  })
})

const requestOf = (operation: string): Request =>
  Object.entries(requests).find(([name]) => name === operation)?.[1] ?? {}

describe("a restriction in another spelling", () => {
  const spellings = (name: string) => [name.toLowerCase(), name.toUpperCase(), `${name}.1`, `${name}.Version`]

  it.each([
    ...["Recipient", "DryRun", "DKMSInstanceId", "KmsInstanceId"].map((name) => ["Decrypt", name] as const),
    ...["Policy", "DKMSInstanceId", "DryRun"].map((name) => ["CreateKey", name] as const),
    ["DescribeKey", "DryRun"]
  ] as const)("%s refuses %s in another spelling, and ignores the parameter while empty", async (operation, name) => {
    for (const spelling of spellings(name)) {
      const { code, parameter } = await ask(operation, { ...requestOf(operation), [spelling]: "true" })
      expect([spelling, code, parameter]).toEqual([spelling, "InvalidParameter", name])
      expect((await ask(operation, { ...requestOf(operation), [spelling]: "" })).code).toBe("Success")
    }
  })

  it("AssumeRole refuses a session policy in another spelling", async () => {
    const RoleArn = "acs:ram::1000000000000001:role/none"
    const request = { RoleArn, RoleSessionName: "session", "Policy.1": "{}" }
    await expect(kms.sts.assumeRole(request)).rejects.toMatchObject({ code: "InvalidParameter", parameter: "Policy" })
  })
})

describe.each([
  ["CreateKey", "Policy", '{"Version":"1","Statement":[]}', "InvalidParameter"],
  ["CreateKey", "DKMSInstanceId", "kst-1", "Forbidden.DKMSInstanceNotFound"],
  ["CreateKey", "KeyStorageMechanism", "HsmInternal", "InvalidParameter"],
  ["Decrypt", "Recipient", "QQ==", "InvalidParameter"],
  ["GenerateDataKey", "Recipient", "QQ==", "InvalidParameter"],
  ["SetDeletionProtection", "KmsInstanceId", "kst-1", "Forbidden.DKMSInstanceNotFound"],
  ["TagResource", "SecretName", "s", "InvalidParameter"],
  ["TagResource", "CertificateId", "c", "InvalidParameter"],
  ["UntagResource", "SecretName", "s", "InvalidParameter"]
] as const)("%s with %s", (operation, name, value, code) => {
  it("refuses an unsupported restriction before any other check, and changes nothing", async () => {
    const before = await kms.listKeys({ PageSize: 100 })
    const answer = await ask(operation, { ...requestOf(operation), [name]: value })
    expect([answer.code, answer.parameter]).toEqual([code, name])
    expect((await ask(operation, { [name]: value })).code).toBe(code)
    expect((await kms.listKeys({ PageSize: 100 })).TotalCount).toBe(before.TotalCount)
  })
})

describe("DryRun", () => {
  it("DryRun works for the uses of keys that the API lists, and for no change", () => {
    expect(rehearsing).toHaveLength(12)
    expect(operationNames.filter((name) => catalogue[name].rehearses).toSorted()).toEqual(rehearsing.toSorted())
    expect(rehearsing.filter((name) => catalogue[name].changes)).toEqual([])
  })

  it.each(rehearsing)(
    "DryRun of %s is refused with DryRunOperationError when the call would succeed",
    async (operation) => {
      expect((await ask(operation, requestOf(operation))).code).toBe("Success")
      const { code, body } = await ask(operation, { ...requestOf(operation), DryRun: "true" })
      expect(code).toBe("DryRunOperationError")
      expect(body).toEqual({})
      expect((await ask(operation, { ...requestOf(operation), DryRun: "false" })).code).toBe("Success")
    }
  )

  it.each(rehearsing)("DryRun of %s names a wrong parameter with ValidationError", async (operation) => {
    for (const [name, { required, refusal }] of Object.entries(catalogue[operation].parameters)) {
      if (!required || refusal !== undefined || name === "Plaintext") continue
      const answer = await ask(operation, { ...requestOf(operation), [name]: "", DryRun: "true" })
      expect([answer.code, answer.parameter]).toEqual(["ValidationError", name])
    }
  })

  it("DryRun keeps every other refusal: of the state, of the key, of the kind", async () => {
    const { KeyMetadata } = await kms.createKey()
    const { KeyId } = KeyMetadata
    await kms.disableKey({ KeyId })
    const coded = async (request: Request) =>
      (await ask("Encrypt", { Plaintext: "QQ==", DryRun: "true", ...request })).code
    expect(await coded({ KeyId })).toBe("Rejected.Disabled")
    expect(await coded({ KeyId: "00000000-0000-4000-8000-000000000000" })).toBe("Forbidden.KeyNotFound")
    expect(await coded({ KeyId: "alias/nowhere" })).toBe("Forbidden.AliasNotFound")
    expect(await coded({ KeyId: world.signer.KeyId })).toBe("UnsupportedOperation")
    expect((await ask("Encrypt", { KeyId, Plaintext: "QQ==", DryRun: "perhaps" })).code).toBe("InvalidParameter")
  })

  it("DryRun reports a ciphertext that would not decrypt", async () => {
    const CiphertextBlob = `${requestOf("Decrypt")["CiphertextBlob"]?.slice(0, -8) ?? ""}AAAAAAA=`
    const answer = await ask("Decrypt", { CiphertextBlob, DryRun: "true" })
    expect([answer.code, answer.parameter]).toEqual(["ValidationError", "CiphertextBlob"])
  })

  it("DryRun adds nothing to the history of a key", async () => {
    const KeyId = world.keyId
    const { LastSeq } = await kms.listKeyEvents({ KeyId })
    await ask("GenerateDataKey", { KeyId, DryRun: "true" })
    expect((await kms.listKeyEvents({ KeyId })).LastSeq).toBe(LastSeq)
    const { Records } = await kms.listAuditRecords({ Order: "NewestFirst", Operation: "GenerateDataKey", Limit: 1 })
    expect(Records.Record[0]).toMatchObject({ Operation: "GenerateDataKey", Outcome: "DryRunOperationError" })
  })

  it("DryRun answers 400 over HTTP, without the result", async () => {
    await using server = await startServer(options)
    const overWire = overHttp(server.url)
    const { body } = await overWire("CreateKey")
    const KeyId = textAt(body, "KeyMetadata", "KeyId")
    const dry = await overWire("Encrypt", { KeyId, Plaintext: "QQ==", DryRun: "true" })
    expect([dry.code, dry.body["HttpStatus"]]).toEqual(["DryRunOperationError", 400])
    expect(JSON.stringify(dry.body)).not.toContain("CiphertextBlob")
    const wrong = await overWire("Encrypt", { KeyId, DryRun: "true" })
    expect([wrong.code, wrong.body["HttpStatus"]]).toEqual(["ValidationError", 400])
    expect(wrong.body["Message"]).toContain('The parameter "Plaintext" is needed but not provided.')
  })
})

describe("SetDeletionProtection", () => {
  const protectedNow = async (KeyId: string) => (await kms.describeKey({ KeyId })).KeyMetadata.DeletionProtection

  it("SetDeletionProtection finds the key by KeyId, by ProtectedResourceArn, or by both", async () => {
    const { KeyId, Arn } = (await kms.createKey()).KeyMetadata
    for (const named of [
      { KeyId },
      { ProtectedResourceArn: Arn },
      { KeyId, ProtectedResourceArn: Arn },
      { KeyId: Arn }
    ]) {
      await kms.setDeletionProtection({ ...named, EnableDeletionProtection: true })
      expect(await protectedNow(KeyId)).toBe("Enabled")
      await kms.setDeletionProtection({ ...named, EnableDeletionProtection: false })
      expect(await protectedNow(KeyId)).toBe("Disabled")
    }
  })

  it("SetDeletionProtection refuses the names of two different keys, and protects neither", async () => {
    const { KeyId } = (await kms.createKey()).KeyMetadata
    const { KeyId: otherId, Arn: ProtectedResourceArn } = (await kms.createKey()).KeyMetadata
    const answer = await ask("SetDeletionProtection", { KeyId, ProtectedResourceArn, EnableDeletionProtection: "true" })
    expect([answer.code, answer.parameter]).toEqual(["InvalidParameter", "KeyId"])
    expect([await protectedNow(KeyId), await protectedNow(otherId)]).toEqual(["Disabled", "Disabled"])
  })

  it("SetDeletionProtection refuses a request without a key", async () => {
    const answer = await ask("SetDeletionProtection", { KeyId: "", EnableDeletionProtection: "true" })
    expect(answer.code).toBe("MissingParameter")
  })
})
