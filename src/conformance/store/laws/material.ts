/** Laws about versions and their sealed material. */
import { Effect } from "effect"
import { Store } from "../../../store/store.ts"
import { born, day, keyIdOf, life, sealedOf, start, told, versionIdOf } from "../changes.ts"
import { commitAll, deletedLife, disabled, external, imported } from "./law.ts"
import { expect } from "../../expect.ts"
import type { Law } from "./law.ts"

const versionLaws = (law: Law): void => {
  law(
    "versions are read newest first",
    Effect.gen(function* () {
      const store = yield* Store
      const interval = 30 * day
      const birth = born({ n: 1, input: { rotationIntervalMillis: interval } })
      const dueAt = start + interval
      const rotated = told(birth, { type: "RotationDue", at: dueAt, dueAt, epoch: 1, versionId: versionIdOf(1001) })
      yield* commitAll([birth, rotated])
      const rows = yield* store.versions(keyIdOf(1))
      expect(rows.map(({ keyVersionId }) => keyVersionId)).toEqual([versionIdOf(1001), versionIdOf(1000)])
      expect(rows.map(({ stored }) => stored?.sealed)).toEqual([sealedOf(1001), sealedOf(1000)])
    })
  )
  law(
    "erasing removes the material of every version and keeps the rows",
    Effect.gen(function* () {
      const store = yield* Store
      yield* commitAll([...deletedLife(1), born({ n: 2 })])
      yield* store.scrub
      expect(yield* store.versions(keyIdOf(1))).toEqual([
        { keyId: keyIdOf(1), keyVersionId: versionIdOf(1000), createdAt: start, stored: undefined }
      ])
      expect((yield* store.versions(keyIdOf(2)))[0]?.stored?.sealed).toEqual(sealedOf(2000))
    })
  )
  law(
    "imported material is stored in the waiting version, also after an erasure",
    Effect.gen(function* () {
      const store = yield* Store
      const events = [imported(start + 1), { type: "DeleteKeyMaterial", at: start + 2 }, imported(start + 3)] as const
      const seen: Array<boolean> = []
      for (const { change } of life({ n: 1, input: external }, ...events)) {
        yield* store.commit(change)
        const rows = yield* store.versions(keyIdOf(1))
        seen.push(rows.length === 1 && rows[0]?.stored !== undefined && rows[0].createdAt === start)
      }
      expect(seen).toEqual([false, true, false, true])
    })
  )
}

const ownershipLaws = (law: Law): void => {
  law(
    "generated material never changes",
    Effect.gen(function* () {
      const store = yield* Store
      const birth = born({ n: 1 })
      yield* commitAll([birth])
      const { change } = told(birth, disabled(start + 1))
      const other = { sealed: sealedOf(9), publicKey: undefined }
      const newVersions = [{ keyId: keyIdOf(1), keyVersionId: versionIdOf(1000), createdAt: start, stored: other }]
      expect(yield* Effect.flip(store.commit({ ...change, newVersions }))).toMatchObject({ on: "versions" })
      expect((yield* store.versions(keyIdOf(1)))[0]?.stored?.sealed).toEqual(sealedOf(1000))
      expect((yield* store.key(keyIdOf(1)))?.snapshot.context.epoch).toBe(1)
    })
  )
  law(
    "the store does not change when a caller changes given or returned values",
    Effect.gen(function* () {
      const store = yield* Store
      const { change } = born({ n: 1 })
      const given = sealedOf(1000)
      const stored = { sealed: given, publicKey: undefined }
      const newVersions = [{ keyId: keyIdOf(1), keyVersionId: versionIdOf(1000), createdAt: start, stored }]
      yield* store.commit({ ...change, newVersions })
      given.fill(0)
      const got = (yield* store.versions(keyIdOf(1)))[0]?.stored?.sealed
      got?.fill(0)
      expect((yield* store.versions(keyIdOf(1)))[0]?.stored?.sealed).toEqual(sealedOf(1000))
      const row = yield* store.key(keyIdOf(1))
      expect(() => Reflect.set(row?.snapshot.context ?? {}, "epoch", 9)).not.toThrow()
      expect((yield* store.key(keyIdOf(1)))?.snapshot.context.epoch).toBe(1)
    })
  )
}

export const materialLaws = (law: Law): void => {
  versionLaws(law)
  ownershipLaws(law)
}
