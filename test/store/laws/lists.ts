/** What every store holds of lists and counts of keys. */
import { expect } from "vitest"
import { Effect } from "effect"
import { Store } from "../../../src/store/store.ts"
import { born, keyIdOf, life, otherRealm, realm, scheduled, start } from "../changes.ts"
import { commitAll, deletedLife, disabled, external } from "./law.ts"
import type { Law } from "./law.ts"

export const listLaws = (law: Law): void => {
  law(
    "keys of a realm are listed oldest first, page by page, without the deleted ones",
    Effect.gen(function* () {
      const store = yield* Store
      for (const n of [5, 3, 9]) yield* commitAll([born({ n })])
      yield* commitAll([...deletedLife(4), ...life({ n: 1 }, disabled(start + 1)), born({ n: 2, realm: otherRealm })])
      const page = (offset: number, limit: number, states?: ReadonlyArray<"Enabled" | "Disabled">) =>
        store.keys({ realm, offset, limit, ...(states === undefined ? {} : { states }) })
      expect(yield* page(0, 10)).toEqual({ total: 4, keyIds: [5, 3, 9, 1].map(keyIdOf) })
      expect(yield* page(1, 2)).toEqual({ total: 4, keyIds: [3, 9].map(keyIdOf) })
      expect(yield* page(4, 2)).toEqual({ total: 4, keyIds: [] })
      expect(yield* page(1, 2, ["Enabled"])).toEqual({ total: 3, keyIds: [3, 9].map(keyIdOf) })
      expect(yield* page(0, 9, ["Disabled", "Enabled"])).toEqual({ total: 4, keyIds: [5, 3, 9, 1].map(keyIdOf) })
      expect(yield* page(0, 9, [])).toEqual({ total: 0, keyIds: [] })
    })
  )
  law(
    "every key there is can be walked in order of id, the deleted ones too",
    Effect.gen(function* () {
      const store = yield* Store
      yield* commitAll([born({ n: 5 }), ...deletedLife(3), born({ n: 4, realm: otherRealm })])
      expect(yield* store.allKeyIds({ after: undefined, limit: 2 })).toEqual([keyIdOf(3), keyIdOf(4)])
      expect(yield* store.allKeyIds({ after: keyIdOf(4), limit: 2 })).toEqual([keyIdOf(5)])
    })
  )
  law(
    "the quota counts user keys that are not deleted, the census every key by its state",
    Effect.gen(function* () {
      const store = yield* Store
      yield* commitAll([born({ n: 1 }), born({ n: 2, input: { serviceKey: true } }), ...deletedLife(3)])
      yield* commitAll([...life({ n: 4 }, scheduled(start, 7)), born({ n: 5, input: external })])
      yield* commitAll([...life({ n: 6, realm: otherRealm }, disabled(start + 1))])
      expect(yield* store.userKeyCount(realm)).toBe(3)
      expect(yield* store.userKeyCount(otherRealm)).toBe(1)
      expect(yield* store.census).toEqual({ PendingImport: 1, Enabled: 2, Disabled: 1, PendingDeletion: 1, Deleted: 1 })
    })
  )
}
