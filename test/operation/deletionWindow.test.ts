/** The waiting period of ScheduleKeyDeletion: 7 to 30 days, or up to the setting. */
import { describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { startServer } from "../guide/serverFixture.ts"
import { overHttp, refusal, textAt } from "./doors.ts"

const newKey = async (kms: Awaited<ReturnType<typeof createKms>>) => (await kms.createKey()).KeyMetadata.KeyId

describe("the longest waiting period", () => {
  it.each([
    [undefined, 30],
    [30, 30],
    [90, 90],
    [366, 366]
  ])(
    "the longest waiting period with the setting %s is %i days, and the hint says so",
    async (deletionWindowMax, longest) => {
      await using kms = await createKms({
        clock: "virtual",
        ...(deletionWindowMax === undefined ? {} : { deletionWindowMax })
      })
      const KeyId = await newKey(kms)
      for (const PendingWindowInDays of [6, longest + 1, 367]) {
        const error = await refusal(kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays }))
        expect([error.code, error.parameter]).toEqual(["InvalidParameter", "PendingWindowInDays"])
        expect(error.hint).toBe(`PendingWindowInDays must be from 7 to ${longest} days on this server.`)
      }
      expect((await kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe("Enabled")
      await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: longest })
      await kms.clock.advance(`${longest - 1}d`)
      expect((await kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe("PendingDeletion")
      await kms.clock.advance("1d")
      expect((await refusal(kms.describeKey({ KeyId }))).code).toBe("Forbidden.KeyNotFound")
    }
  )

  it("the longest waiting period leaves the default at 30 days", async () => {
    await using kms = await createKms({ clock: "virtual", deletionWindowMax: 366 })
    const KeyId = await newKey(kms)
    await kms.scheduleKeyDeletion({ KeyId })
    expect((await kms.describeKey({ KeyId })).KeyMetadata.DeleteDate).toBe("2026-01-31T00:00:00Z")
  })

  it.each([29, 367, 30.5, Number.NaN])(
    "the longest waiting period cannot be set to %s days",
    async (deletionWindowMax) => {
      await expect(createKms({ deletionWindowMax })).rejects.toThrow("deletionWindowMax must be from 30 to 366 days.")
    }
  )

  it("the longest waiting period applies to a server too", async () => {
    await using server = await startServer({ clock: "virtual", deletionWindowMax: 366 })
    const ask = overHttp(server.url)
    const KeyId = textAt((await ask("CreateKey")).body, "KeyMetadata", "KeyId")
    expect((await ask("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "367" })).code).toBe("InvalidParameter")
    expect((await ask("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "366" })).code).toBe("Success")
  })
})
