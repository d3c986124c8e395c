/** The kinds of keys that each region can create, and their metadata (API reference 2.1, 3). */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { KeySpec, KeyUsage } from "../../src/domain/keySpec.ts"
import { regions } from "../../src/domain/regions.ts"
import { testKms } from "../../src/testing.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { refused } from "./doors.ts"

/** User guide 7.1: regions with an HSM, and regions with the SM algorithms. */
const smRegions = new Set(["cn-beijing", "cn-zhangjiakou", "cn-hangzhou", "cn-shanghai", "cn-shenzhen"])
const hsmRegions = new Set([
  ...smRegions,
  "cn-hongkong",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-5",
  "us-east-1"
])
const smSpecs = new Set<string>(["Aliyun_SM4", "EC_SM2"])
const symmetricSpecs = new Set<string>(["Aliyun_AES_256", "Aliyun_SM4"])

const usagesOf: Readonly<Record<KeySpec, ReadonlyArray<string>>> = {
  Aliyun_AES_256: ["ENCRYPT/DECRYPT"],
  Aliyun_SM4: ["ENCRYPT/DECRYPT"],
  RSA_2048: ["ENCRYPT/DECRYPT", "SIGN/VERIFY"],
  RSA_3072: ["ENCRYPT/DECRYPT", "SIGN/VERIFY"],
  EC_P256: ["SIGN/VERIFY"],
  EC_P256K: ["SIGN/VERIFY"],
  EC_SM2: ["ENCRYPT/DECRYPT", "SIGN/VERIFY"]
}

const always = [
  "KeyId",
  "Arn",
  "CreationDate",
  "Description",
  "KeySpec",
  "KeyState",
  "KeyUsage",
  "Origin",
  "ProtectionLevel",
  "Creator",
  "DeleteDate",
  "MaterialExpireTime",
  "LastRotationDate"
]
const symmetricOnly = ["PrimaryKeyVersion", "AutomaticRotation"]
const rotatingOnly = ["RotationInterval", "NextRotationDate"]
const describedOnly = ["DeletionProtection", "DeletionProtectionDescription"]

describe("keys in cn-hangzhou, with an HSM", () => {
  let kms: PromiseKms
  beforeAll(async () => {
    kms = await testKms()
  })
  afterAll(() => kms.close())

  const specs = KeySpec.literals.filter((spec) => spec !== "RSA_3072")

  it.each(specs.flatMap((spec) => [undefined, ...KeyUsage.literals].map((usage) => [spec, usage] as const)))(
    "CreateKey makes a key of spec %s and usage %s where the API has such keys",
    async (KeySpec, KeyUsage) => {
      const ProtectionLevel = smSpecs.has(KeySpec) ? "HSM" : "SOFTWARE"
      const call = kms.createKey({ KeySpec, ProtectionLevel, ...(KeyUsage === undefined ? {} : { KeyUsage }) })
      const usages = usagesOf[KeySpec]
      if (KeyUsage !== undefined && !usages.includes(KeyUsage)) {
        expect(await refused(call)).toEqual(["InvalidParameter", "KeyUsage"])
        return
      }
      const { KeyMetadata } = await call
      expect(KeyMetadata).toMatchObject({
        KeySpec,
        ProtectionLevel,
        KeyUsage: KeyUsage ?? usages[0],
        KeyState: "Enabled",
        Origin: "Aliyun_KMS",
        Description: "",
        DeleteDate: "",
        MaterialExpireTime: ""
      })
      const fields = symmetricSpecs.has(KeySpec) ? [...always, ...symmetricOnly] : always
      expect(Object.keys(KeyMetadata).toSorted()).toEqual(fields.toSorted())
      const described = (await kms.describeKey({ KeyId: KeyMetadata.KeyId })).KeyMetadata
      expect(Object.keys(described).toSorted()).toEqual([...fields, ...describedOnly].toSorted())
      expect((await kms.listKeyVersions({ KeyId: KeyMetadata.KeyId })).TotalCount).toBe(1)
    }
  )

  it("a rotating key shows its interval in seconds and the next date, and no other key does", async () => {
    const { KeyMetadata } = await kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "12000m" })
    expect(Object.keys(KeyMetadata).toSorted()).toEqual([...always, ...symmetricOnly, ...rotatingOnly].toSorted())
    expect(KeyMetadata).toMatchObject({ RotationInterval: "720000s", NextRotationDate: "2026-01-09T08:00:00Z" })
    const off = await kms.createKey({ EnableAutomaticRotation: false, RotationInterval: "nonsense" })
    expect(off.KeyMetadata).toMatchObject({ AutomaticRotation: "Disabled" })
    expect(off.KeyMetadata).not.toHaveProperty("RotationInterval")
  })

  it("a key for imported material is PendingImport at both protection levels", async () => {
    for (const ProtectionLevel of ["SOFTWARE", "HSM"] as const) {
      const { KeyMetadata } = await kms.createKey({ Origin: "EXTERNAL", ProtectionLevel })
      expect(KeyMetadata).toMatchObject({ KeyState: "PendingImport", Origin: "EXTERNAL", ProtectionLevel })
      expect(KeyMetadata).toMatchObject({ AutomaticRotation: "Disabled", MaterialExpireTime: "" })
    }
  })

  it("CreateKey takes origin, level and usage case-sensitively, and refuses unknown specs", async () => {
    for (const [request, parameter] of [
      [{ Origin: "external" }, "Origin"],
      [{ Origin: "aliyun_kms" }, "Origin"],
      [{ ProtectionLevel: "hsm" }, "ProtectionLevel"],
      [{ KeyUsage: "encrypt/decrypt" }, "KeyUsage"],
      [{ KeySpec: "EC_P384" }, "KeySpec"],
      [{ KeySpec: "RSA_1024" }, "KeySpec"],
      [{ KeySpec: "constructor" }, "KeySpec"],
      [{ KeySpec: "EC_P256", EnableAutomaticRotation: true, RotationInterval: "7d" }, "EnableAutomaticRotation"],
      [{ Origin: "EXTERNAL", EnableAutomaticRotation: true, RotationInterval: "7d" }, "EnableAutomaticRotation"]
    ] as const) {
      // Values that the types forbid can still arrive over HTTP.
      const ask = Reflect.apply.bind(undefined, kms.createKey, kms)
      expect(await refused(ask([request]))).toEqual(["InvalidParameter", parameter])
    }
  })

  it("CreateKey accepts a description of up to 8192 characters", async () => {
    const Description = "汉".repeat(8192)
    expect((await kms.createKey({ Description })).KeyMetadata.Description).toBe(Description)
  })
})

it.each(regions)(
  "CreateKey in %s makes keys of every spec at the levels of the region, and at no other",
  async (region) => {
    await using kms = await testKms({ region })
    for (const KeySpec of ["Aliyun_AES_256", "EC_P256", "Aliyun_SM4", "EC_SM2"] as const) {
      for (const ProtectionLevel of ["SOFTWARE", "HSM"] as const) {
        const isOffered = smSpecs.has(KeySpec)
          ? ProtectionLevel === "HSM" && smRegions.has(region)
          : ProtectionLevel === "SOFTWARE" || hsmRegions.has(region)
        const call = kms.createKey({ KeySpec, ProtectionLevel })
        if (isOffered) expect((await call).KeyMetadata.Arn).toContain(`acs:kms:${region}:`)
        else expect(await refused(call)).toEqual(["Unsupported.ProtectionLevel", undefined])
      }
    }
    const { KeySpecs, ProtectionLevels } = await kms.describeService()
    expect(ProtectionLevels.ProtectionLevel.map(({ Type }) => Type)).toEqual(
      hsmRegions.has(region) ? ["SOFTWARE", "HSM"] : ["SOFTWARE"]
    )
    expect(KeySpecs.KeySpec.map(({ Name }) => Name)).toEqual(
      KeySpec.literals.filter((spec) => smRegions.has(region) || !smSpecs.has(spec))
    )
    expect(KeySpecs.KeySpec.map(({ Name, Usages }) => [Name, Usages.Usage])).toEqual(
      KeySpecs.KeySpec.map(({ Name }) => [Name, usagesOf[Name]])
    )
  }
)

it("without an HSM, CreateKey refuses level HSM, and DescribeService does not offer the level", async () => {
  await using kms = await testKms({ hsm: "none" })
  for (const KeySpec of ["Aliyun_AES_256", "Aliyun_SM4", "RSA_2048"] as const) {
    expect((await refused(kms.createKey({ KeySpec, ProtectionLevel: "HSM" })))[0]).toBe("Unsupported.ProtectionLevel")
  }
  expect((await kms.describeService()).ProtectionLevels.ProtectionLevel).toEqual([{ Type: "SOFTWARE" }])
  const { Regions } = await kms.describeRegions()
  expect(Regions.Region.map(({ RegionId }) => RegionId)).toEqual(regions)
  expect((await kms.describeAccountKmsStatus()).AccountStatus).toBe("Enabled")
})
