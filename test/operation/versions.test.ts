/** Key versions, and the policy that creates them (API reference 7). */
import { describe, expect, it } from "vitest"
import { parseRotationInterval } from "../../src/operation/versions/rotationInterval.ts"
import { createKms } from "../../src/promise.ts"
import { placeFor, refusal, refused } from "./doors.ts"
import { versionsOf } from "./wrapping.ts"

const day = 86_400_000

describe.each(["memory", "sqlite"])("on the %s store", (kind) => {
  it("a key pair gets at most one version a week and 50 versions, newest first", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    const { KeyId } = (await kms.createKey({ KeySpec: "EC_P256" })).KeyMetadata
    await kms.createAlias({ KeyId, AliasName: "alias/signer" })
    const made = await versionsOf(kms, KeyId)
    await kms.clock.advance("604799s")
    expect((await refusal(kms.createKeyVersion({ KeyId }))).code).toBe("Rejected.UnsupportedOperation")
    await kms.clock.advance("1s")
    for (let count = 2; count <= 50; count++) {
      const { KeyVersion } = await kms.createKeyVersion({ KeyId: "alias/signer" })
      expect(KeyVersion.KeyId).toBe(KeyId)
      if (count === 2) {
        expect(KeyVersion.CreationDate).toBe("2026-01-08T00:00:00Z")
        expect((await refusal(kms.createKeyVersion({ KeyId }))).code).toBe("Rejected.UnsupportedOperation")
      }
      expect((await versionsOf(kms, KeyId))[0]).toBe(KeyVersion.KeyVersionId)
      await kms.clock.advance("7d")
    }
    expect((await refusal(kms.createKeyVersion({ KeyId }))).code).toBe("Rejected.LimitExceeded")
    const versions = await versionsOf(kms, KeyId)
    expect([versions.length, versions.at(-1), new Set(versions).size]).toEqual([50, made[0], 50])
    const page = await kms.listKeyVersions({ KeyId, PageNumber: 5, PageSize: 12 })
    expect(page).toMatchObject({ TotalCount: 50, PageNumber: 5, PageSize: 12 })
    expect(page.KeyVersions.KeyVersion.map(({ KeyVersionId }) => KeyVersionId)).toEqual(versions.slice(48))
    const { KeyMetadata } = await kms.describeKey({ KeyId })
    expect(KeyMetadata.LastRotationDate).toBe("2026-12-10T00:00:00Z")
    expect(KeyMetadata).not.toHaveProperty("PrimaryKeyVersion")
    const [KeyVersionId = ""] = made
    const shown = await kms.describeKeyVersion({ KeyId, KeyVersionId })
    expect(shown.KeyVersion).toEqual({ KeyId, KeyVersionId, CreationDate: "2026-01-01T00:00:00Z" })
  })

  it("one of several simultaneous CreateKeyVersion calls succeeds", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    const { KeyId } = (await kms.createKey({ KeySpec: "EC_P256K" })).KeyMetadata
    await kms.clock.advance("7d")
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => kms.createKeyVersion({ KeyId })))
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
    expect(await versionsOf(kms, KeyId)).toHaveLength(2)
  })

  it("an unknown version, or one of another key, is not found", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    const { KeyId } = (await kms.createKey({ KeySpec: "EC_P256" })).KeyMetadata
    const other = (await kms.createKey({ KeySpec: "EC_P256" })).KeyMetadata.KeyId
    const [theirs = ""] = await versionsOf(kms, other)
    const Digest = Buffer.alloc(32).toString("base64")
    for (const KeyVersionId of [theirs, theirs.toUpperCase(), "1", "00000000-0000-4000-8000-000000000000"]) {
      const version = { KeyId, KeyVersionId }
      const signing = { ...version, Algorithm: "ECDSA_SHA_256", Digest } as const
      for (const call of [
        kms.describeKeyVersion(version),
        kms.getPublicKey(version),
        kms.asymmetricSign(signing),
        kms.asymmetricVerify({ ...signing, Value: "AAAA" })
      ]) {
        expect((await refused(call))[0]).toBe("Forbidden.KeyVersionNotFound")
      }
    }
  })

  it("a policy rotates from the newest version on, at once if that instant is past", async () => {
    using place = placeFor(kind)
    await using kms = await createKms({ clock: "virtual", store: place.store })
    const { KeyId, PrimaryKeyVersion } = (await kms.createKey()).KeyMetadata
    await kms.clock.advance("10d")
    await kms.updateRotationPolicy({ KeyId, EnableAutomaticRotation: true, RotationInterval: "480h" })
    expect((await kms.describeKey({ KeyId })).KeyMetadata).toMatchObject({
      AutomaticRotation: "Enabled",
      RotationInterval: "1728000s",
      NextRotationDate: "2026-01-21T00:00:00Z",
      PrimaryKeyVersion
    })
    await kms.updateRotationPolicy({ KeyId, EnableAutomaticRotation: true, RotationInterval: "7d" })
    await kms.clock.advance("1s")
    const rotated = (await kms.describeKey({ KeyId })).KeyMetadata
    expect(rotated).toMatchObject({
      LastRotationDate: "2026-01-11T00:00:00Z",
      NextRotationDate: "2026-01-18T00:00:00Z"
    })
    const versions = await versionsOf(kms, KeyId)
    expect(versions).toEqual([rotated.PrimaryKeyVersion, PrimaryKeyVersion])
    await kms.updateRotationPolicy({ KeyId, EnableAutomaticRotation: false })
    await kms.clock.advance("800d")
    const off = (await kms.describeKey({ KeyId })).KeyMetadata
    expect(off).toMatchObject({ AutomaticRotation: "Disabled", LastRotationDate: "2026-01-11T00:00:00Z" })
    expect(off).not.toHaveProperty("RotationInterval")
    expect(off).not.toHaveProperty("NextRotationDate")
  })
})

const outOfRange = ["6d", "167h", "10079m", "604799s", "731d", "17521h", "1051201m", "63072001s"]
const malformed = [
  "",
  "d",
  "7",
  "7D",
  "7 d",
  " 7d",
  "7d ",
  "+7d",
  "-7d",
  "7.5d",
  "07d",
  "1e1d",
  "7w",
  "7dd",
  "9999999999s"
]

describe("a rotation interval", () => {
  it("a rotation interval is a whole number of days, hours, minutes or seconds, from 7 to 730 days", () => {
    for (const [text, days] of [
      ["7d", 7],
      ["168h", 7],
      ["10080m", 7],
      ["604800s", 7],
      ["730d", 730],
      ["17520h", 730],
      ["1051200m", 730],
      ["63072000s", 730]
    ] as const) {
      expect(parseRotationInterval(text)).toBe(days * day)
    }
    for (const text of [...outOfRange, ...malformed]) {
      expect([text, parseRotationInterval(text)]).toEqual([text, undefined])
    }
  })
})
