/** A deadline that an operation makes due has fired when it answers: User guide 8.2, rotation after a suspension. */
import { describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"

const startAt = Date.UTC(2026, 0, 1)
const Plaintext = "aGVsbG8gd29ybGQ="

const rotatingKey = async (kms: PromiseKms) =>
  (await kms.createKey({ EnableAutomaticRotation: true, RotationInterval: "7d" })).KeyMetadata

/** The key was rotated just now: a new primary version, a next date in the future, and the first use has it. */
const expectRotated = async (
  kms: PromiseKms,
  before: { readonly KeyId: string; readonly PrimaryKeyVersion?: string }
) => {
  const { KeyMetadata } = await kms.describeKey({ KeyId: before.KeyId })
  const { Now } = await kms.clock.show()
  expect(KeyMetadata.PrimaryKeyVersion).not.toBe(before.PrimaryKeyVersion)
  expect(KeyMetadata.LastRotationDate).toBe(Now)
  expect(Date.parse(KeyMetadata.NextRotationDate ?? "")).toBeGreaterThan(Date.parse(Now))
  expect((await kms.encrypt({ KeyId: before.KeyId, Plaintext })).KeyVersionId).toBe(KeyMetadata.PrimaryKeyVersion)
  expect((await kms.listKeyVersions({ KeyId: before.KeyId })).TotalCount).toBe(2)
}

const stories = {
  enableKey: async (kms: PromiseKms) => {
    const key = await rotatingKey(kms)
    await kms.disableKey({ KeyId: key.KeyId })
    await kms.clock.advance("20d")
    await kms.enableKey({ KeyId: key.KeyId })
    return key
  },
  cancelKeyDeletion: async (kms: PromiseKms) => {
    const key = await rotatingKey(kms)
    await kms.scheduleKeyDeletion({ KeyId: key.KeyId, PendingWindowInDays: 30 })
    await kms.clock.advance("20d")
    await kms.cancelKeyDeletion({ KeyId: key.KeyId })
    return key
  },
  updateRotationPolicy: async (kms: PromiseKms) => {
    const key = (await kms.createKey()).KeyMetadata
    await kms.clock.advance("20d")
    await kms.updateRotationPolicy({ KeyId: key.KeyId, EnableAutomaticRotation: true, RotationInterval: "7d" })
    return key
  }
} as const

describe("rotations that a call makes due", () => {
  for (const [name, story] of Object.entries(stories)) {
    for (const mode of ["frozen", "running"] as const) {
      it(`performs a rotation that becomes due before ${name} answers, on a ${mode} virtual clock`, async () => {
        await using kms = await createKms({ clock: "virtual", startAt })
        // A running clock advances within the second in which the dates are compared.
        if (mode === "running") await kms.clock.resume()
        for (let round = 0; round < 10; round++) {
          const key = await story(kms)
          if (mode === "frozen") await expectRotated(kms, key)
          else {
            const { PrimaryKeyVersion } = (await kms.describeKey({ KeyId: key.KeyId })).KeyMetadata
            expect(PrimaryKeyVersion).not.toBe(key.PrimaryKeyVersion)
            expect((await kms.encrypt({ KeyId: key.KeyId, Plaintext })).KeyVersionId).toBe(PrimaryKeyVersion)
          }
        }
      })
    }
  }
})
