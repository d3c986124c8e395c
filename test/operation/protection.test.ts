/** Deletion protection, and service keys (API reference 3, 10). */
import { describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { placeFor, refusal, refused } from "./doors.ts"

describe.each(["memory", "sqlite"])("on the %s store", (kind) => {
  it("ScheduleKeyDeletion refuses a protected key until deletion protection is off", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    const { KeyId, Arn } = (await kms.createKey()).KeyMetadata
    const shown = async () => {
      const { DeletionProtection, DeletionProtectionDescription } = (await kms.describeKey({ KeyId })).KeyMetadata
      return [DeletionProtection, DeletionProtectionDescription]
    }
    expect(await shown()).toEqual(["Disabled", ""])
    await kms.setDeletionProtection({
      ProtectedResourceArn: Arn,
      EnableDeletionProtection: true,
      DeletionProtectionDescription: "orders need it"
    })
    expect(await shown()).toEqual(["Enabled", "orders need it"])
    const error = await refusal(kms.scheduleKeyDeletion({ KeyId }))
    expect(error).toMatchObject({ code: "Rejected.StateModifiedFailed", httpStatus: 409 })
    expect(error.hint).toContain("SetDeletionProtection")
    // A protected key can still be disabled; the description is stored for the protection only.
    await kms.disableKey({ KeyId })
    await kms.setDeletionProtection({
      ProtectedResourceArn: KeyId,
      EnableDeletionProtection: false,
      DeletionProtectionDescription: "not taken"
    })
    expect(await shown()).toEqual(["Disabled", ""])
    await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    const late = kms.setDeletionProtection({ ProtectedResourceArn: Arn, EnableDeletionProtection: true })
    expect((await refusal(late)).code).toBe("Rejected.PendingDeletion")
    for (const ProtectedResourceArn of [Arn.replace("hangzhou", "beijing"), "acs:kms:cn-hangzhou:1:key", "x"]) {
      const call = kms.setDeletionProtection({ ProtectedResourceArn, EnableDeletionProtection: true })
      expect((await refusal(call)).code).toBe("Forbidden.KeyNotFound")
    }
  })

  it("a service has one key, which users see under the service's name and alias", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    const { KeyMetadata, AliasName } = await kms.createServiceKey({ Service: "oss" })
    expect(AliasName).toBe("alias/acs/oss")
    expect(KeyMetadata).toMatchObject({ Creator: "OSS", KeyState: "Enabled", AutomaticRotation: "Disabled" })
    const { KeyId } = KeyMetadata
    expect((await kms.describeKey({ KeyId: AliasName })).KeyMetadata.KeyId).toBe(KeyId)
    expect((await kms.listAliases()).Aliases.Alias).toMatchObject([{ AliasName, KeyId }])
    expect((await kms.listAliasesByKeyId({ KeyId })).TotalCount).toBe(1)
    expect((await kms.listKeyVersions({ KeyId })).TotalCount).toBe(1)
    expect((await refusal(kms.createServiceKey({ Service: "Oss" }))).code).toBe("AliasAlreadyExists")
    for (const call of [kms.deleteAlias({ AliasName }), kms.updateAlias({ AliasName, KeyId })]) {
      expect(await refused(call)).toEqual(["InvalidParameter", "AliasName"])
    }
    for (const call of [
      kms.encrypt({ KeyId: AliasName, Plaintext: "aGk=" }),
      kms.generateDataKey({ KeyId }),
      kms.disableKey({ KeyId }),
      kms.scheduleKeyDeletion({ KeyId }),
      kms.updateRotationPolicy({ KeyId, EnableAutomaticRotation: true, RotationInterval: "7d" }),
      kms.createKeyVersion({ KeyId }),
      kms.tagResource({ KeyId, Tags: '[{"TagKey":"a","TagValue":"b"}]' }),
      kms.createAlias({ KeyId, AliasName: "alias/mine" })
    ]) {
      expect((await refusal(call)).code).toBe("UnsupportedOperation")
    }
    await kms.clock.advance("3000d")
    expect((await kms.describeKey({ KeyId })).KeyMetadata.LastRotationDate).toBe("2026-01-01T00:00:00Z")
  })

  it("simultaneous CreateServiceKey calls create one key", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => kms.createServiceKey({ Service: "RDS" })))
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
    expect((await kms.listKeys()).TotalCount).toBe(1)
  })
})
