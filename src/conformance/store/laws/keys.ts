/** Laws about a key and its concurrent changes. */
import { Effect, Exit } from "effect"
import { StoreConflict, Store } from "../../../store/store.ts"
import { born, keyIdOf, life, realm, scheduled, start, told, versionIdOf } from "../changes.ts"
import { commitAll, deletedLife, disabled } from "./law.ts"
import { expect } from "../../expect.ts"
import type { Law } from "./law.ts"

const storedKeyLaws = (law: Law): void => {
  law(
    "a committed change is read back exactly",
    Effect.gen(function* () {
      const store = yield* Store
      const step = born({ n: 1, metadata: { description: 'quotes " and \u{1F511} and \ud800' } })
      const head = yield* store.commit(step.change)
      const { keyId, snapshot, metadata } = step.change
      expect(yield* store.key(keyId)).toEqual({ keyId, realm, snapshot, metadata, head })
      expect(yield* store.key(keyIdOf(2))).toBeUndefined()
      expect(yield* store.versions(keyId)).toEqual(step.change.newVersions)
      expect(yield* store.version(keyId, versionIdOf(1000))).toEqual(step.change.newVersions[0])
      expect(yield* store.version(keyIdOf(2), versionIdOf(1000))).toBeUndefined()
    })
  )
  law(
    "a change decided in another epoch than the stored one is refused and leaves nothing behind",
    Effect.gen(function* () {
      const store = yield* Store
      const [birth, disabling] = life({ n: 1 }, disabled(start + 1))
      if (birth === undefined || disabling === undefined) return yield* Effect.die("two steps were made")
      expect(yield* Effect.flip(store.commit(disabling.change))).toEqual(
        new StoreConflict({ on: "keys", id: [keyIdOf(1)] })
      )
      yield* commitAll([birth, disabling])
      const before = yield* store.key(keyIdOf(1))
      const late = told(birth, scheduled(start + 2, 7))
      expect(yield* Effect.flip(store.commit(late.change))).toBeInstanceOf(StoreConflict)
      expect(yield* store.key(keyIdOf(1))).toEqual(before)
      expect(yield* store.deadlinesOf(keyIdOf(1))).toEqual([])
      expect(yield* store.journal({ keyId: keyIdOf(1), afterSeq: 0, limit: 10 })).toHaveLength(2)
      expect((yield* store.auditSegments({ afterSeq: 0, limit: 10 })).flatMap(({ lines }) => lines)).toHaveLength(2)
    })
  )
  law(
    "an id is given out once, even after its key is deleted",
    Effect.gen(function* () {
      const store = yield* Store
      yield* commitAll(deletedLife(1))
      expect(yield* Effect.flip(store.commit(born({ n: 1 }).change))).toBeInstanceOf(StoreConflict)
      expect((yield* store.key(keyIdOf(1)))?.snapshot.value.lifecycle).toBe("Deleted")
    })
  )
}

const rivalLaws = (law: Law): void => {
  law(
    "exactly one of many changes that were decided in the same epoch is committed",
    Effect.gen(function* () {
      const store = yield* Store
      const birth = born({ n: 1 })
      yield* commitAll([birth])
      const rivals = Array.from({ length: 20 }, (_, i) => told(birth, disabled(start + 1 + i)))
      const exits = yield* Effect.forEach(rivals, ({ change }) => Effect.exit(store.commit(change)), {
        concurrency: "unbounded"
      })
      const won = exits.flatMap((exit) => (Exit.isSuccess(exit) ? [exit.value] : []))
      expect(won).toHaveLength(1)
      expect((yield* store.key(keyIdOf(1)))?.head).toBe(won[0])
      expect(yield* store.journal({ keyId: keyIdOf(1), afterSeq: 0, limit: 100 })).toHaveLength(2)
    })
  )
  law(
    "a change that contradicts itself is a defect and harms no other change",
    Effect.gen(function* () {
      const store = yield* Store
      const { change } = born({ n: 1 })
      const wrong = { ...change, entry: { ...change.entry, seq: 7 } }
      const exits = yield* Effect.forEach(
        [born({ n: 2 }).change, wrong, born({ n: 3 }).change],
        (each) => Effect.exit(store.commit(each)),
        { concurrency: "unbounded" }
      )
      expect(exits.map(Exit.isSuccess)).toEqual([true, false, true])
      expect(exits.some(Exit.hasDies)).toBe(true)
      expect(yield* store.allKeyIds({ after: undefined, limit: 10 })).toEqual([keyIdOf(2), keyIdOf(3)])
    })
  )
}

export const keyLaws = (law: Law): void => {
  storedKeyLaws(law)
  rivalLaws(law)
}
