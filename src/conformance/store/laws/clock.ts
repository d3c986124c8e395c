/** Laws about deadlines and owed work. */
import { Effect } from "effect"
import { Store } from "../../../store/store.ts"
import { born, day, keyIdOf, life, scheduled, start, told } from "../changes.ts"
import { commitAll, deletedLife } from "./law.ts"
import { expect } from "../../expect.ts"
import type { Law } from "./law.ts"

export const clockLaws = (law: Law): void => {
  law(
    "the deadlines of a change replace the earlier deadlines of the key",
    Effect.gen(function* () {
      const store = yield* Store
      const birth = born({ n: 1, input: { rotationIntervalMillis: 30 * day } })
      yield* commitAll([birth])
      expect(yield* store.deadlinesOf(keyIdOf(1))).toEqual([{ kind: "RotationDue", dueAt: start + 30 * day, epoch: 1 }])
      const leaving = told(birth, scheduled(start, 7))
      yield* commitAll([leaving])
      expect(yield* store.deadlinesOf(keyIdOf(1))).toEqual([{ kind: "DeletionDue", dueAt: start + 7 * day, epoch: 2 }])
      yield* commitAll([told(leaving, { type: "CancelKeyDeletion", at: start + 1 })])
      expect(yield* store.deadlinesOf(keyIdOf(1))).toEqual([{ kind: "RotationDue", dueAt: start + 30 * day, epoch: 1 }])
      expect((yield* store.nextDue)?.dueAt).toBe(start + 30 * day)
    })
  )
  law(
    "due deadlines are listed earliest first, including those of the instant, up to the limit",
    Effect.gen(function* () {
      const store = yield* Store
      expect(yield* store.nextDue).toBeUndefined()
      for (const [n, days] of [9, 7, 30, 7, 8].entries()) yield* commitAll(life({ n }, scheduled(start, days)))
      const at = (days: number) => start + days * day
      const dueKeys = (until: number, limit: number) =>
        Effect.map(store.due({ until, limit }), (rows) => rows.map(({ keyId }) => keyId))
      expect(yield* dueKeys(at(7) - 1, 10)).toEqual([])
      expect(yield* dueKeys(at(7), 10)).toEqual([keyIdOf(1), keyIdOf(3)])
      expect(yield* dueKeys(at(9), 3)).toEqual([keyIdOf(1), keyIdOf(3), keyIdOf(4)])
      expect(yield* dueKeys(at(40), 10)).toEqual([1, 3, 4, 0, 2].map(keyIdOf))
      expect(yield* store.nextDue).toMatchObject({ keyId: keyIdOf(1), kind: "DeletionDue", dueAt: at(7) })
    })
  )
  law(
    "owed work stays until it is settled",
    Effect.gen(function* () {
      const store = yield* Store
      yield* commitAll([...deletedLife(1), ...deletedLife(2)])
      const command = { _tag: "EraseMaterial" } as const
      const first = { keyId: keyIdOf(1), seq: 3, command }
      const second = { keyId: keyIdOf(2), seq: 3, command }
      expect(yield* store.owed).toEqual([first, second])
      yield* store.settle(first)
      yield* store.settle(first)
      expect(yield* store.owed).toEqual([second])
    })
  )
}
