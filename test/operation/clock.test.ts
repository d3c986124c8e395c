/** Limits of a virtual clock, and the refusals beyond them. */
import { expect, it } from "vitest"
import { createKms, KmsError } from "../../src/promise.ts"

const told = (asked: Promise<unknown>): Promise<unknown> =>
  asked.catch((error: unknown) => (error instanceof KmsError ? [error.code, error.hint] : error))

it("AdvanceClock advances up to a hundred years at once, and the refusal says so", async () => {
  await using kms = await createKms({ clock: "virtual" })
  for (const By of ["0d", "8", "36601d", "-1d"]) {
    expect(await told(kms.advanceClock({ By }))).toEqual([
      "InvalidParameter",
      "By must be a number and a unit, such as 8d, and at most a hundred years."
    ])
  }
})

it("AdvanceClock stops before instants that a timestamp cannot represent", async () => {
  await using kms = await createKms({ clock: "virtual", startAt: Date.UTC(9999, 0, 1) })
  await kms.advanceClock({ By: "300d" })
  expect(await told(kms.advanceClock({ By: "90d" }))).toEqual([
    "InvalidParameter",
    expect.stringContaining("before the year 10000")
  ])
  expect((await kms.createKey({})).KeyMetadata.CreationDate).toMatch(/^9999-10-28T/)
})
