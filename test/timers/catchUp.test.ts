/** Deadlines that fell due while a service was down fire before the first answer. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { Store } from "../../src/store/store.ts"
import { sqliteIn } from "../store/places.ts"

const day = 86_400_000

it("an overdue rotation and an overdue deletion happen before the first answer", async () => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-catch-up-"))
  const startAt = Date.parse("2026-01-01T00:00:00Z")
  const options = { store: { directory }, clock: "virtual", startAt } as const
  try {
    const before = await createKms(options)
    const leaving = (await before.createKey()).KeyMetadata.KeyId
    const rotating = (await before.createKey({ EnableAutomaticRotation: true, RotationInterval: "7d" })).KeyMetadata
    await before.scheduleKeyDeletion({ KeyId: leaving, PendingWindowInDays: 7 })
    await before.close()
    // The clock advances while the service is stopped.
    const gone = Effect.flatMap(Store, (store) => store.setMeta("clock.position", `frozen ${startAt + 20 * day}`))
    await Effect.runPromise(Effect.provide(gone, sqliteIn(directory)))
    await using after = await createKms(options)
    const [first, second] = await Promise.all([
      after.describeKey({ KeyId: leaving }).catch((error) => error.code),
      after.describeKey({ KeyId: rotating.KeyId })
    ])
    expect(first).toBe("Forbidden.KeyNotFound")
    expect(second.KeyMetadata.PrimaryKeyVersion).not.toBe(rotating.PrimaryKeyVersion)
    expect(second.KeyMetadata.LastRotationDate).toBe("2026-01-21T00:00:00Z")
    expect((await after.listKeyVersions({ KeyId: rotating.KeyId })).TotalCount).toBe(2)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
