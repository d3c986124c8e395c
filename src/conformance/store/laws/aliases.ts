/** Laws about aliases. */
import { Effect } from "effect"
import { StoreConflict, Store } from "../../../store/store.ts"
import { born, day, keyIdOf, otherRealm, realm, scheduled, start, told } from "../changes.ts"
import { commitAll } from "./law.ts"
import type { KeyId } from "../../../domain/ids.ts"
import { expect } from "../../expect.ts"
import type { Law } from "./law.ts"

const create = (at: number) => ({ type: "CreateAlias", at }) as const
const bind = (n: number, from: KeyId | null = null) => ({
  aliases: [{ aliasName: "alias/orders", from, to: keyIdOf(n) }]
})

const boundAliasLaws = (law: Law): void => {
  law(
    "an alias leads to the key it was bound to, in its realm only",
    Effect.gen(function* () {
      const store = yield* Store
      const birth = born({ n: 1 })
      yield* commitAll([birth, told(birth, create(start + 1), bind(1))])
      expect(yield* store.alias(realm, "alias/orders")).toBe(keyIdOf(1))
      expect(yield* store.alias(otherRealm, "alias/orders")).toBeUndefined()
      expect(yield* store.alias(realm, "alias/others")).toBeUndefined()
      expect(yield* store.aliasesOf(keyIdOf(1))).toEqual(["alias/orders"])
    })
  )
  law(
    "an alias moves only from where the decision found it",
    Effect.gen(function* () {
      const store = yield* Store
      const [one, two] = [born({ n: 1 }), born({ n: 2 })]
      yield* commitAll([one, two, told(one, create(start + 1), bind(1))])
      const taking = told(two, create(start + 2), bind(2))
      expect(yield* Effect.flip(store.commit(taking.change))).toBeInstanceOf(StoreConflict)
      expect((yield* store.key(keyIdOf(2)))?.snapshot.context.epoch).toBe(1)
      const moving = told(two, { type: "UpdateAlias", at: start + 3 }, bind(2, keyIdOf(1)))
      yield* commitAll([moving])
      expect(yield* store.alias(realm, "alias/orders")).toBe(keyIdOf(2))
      expect(yield* store.aliasesOf(keyIdOf(1))).toEqual([])
      const removal = { aliases: [{ aliasName: "alias/orders", from: keyIdOf(2), to: null }] }
      yield* commitAll([told(moving, { type: "DeleteAlias", at: start + 4 }, removal)])
      expect(yield* store.alias(realm, "alias/orders")).toBeUndefined()
    })
  )
  law(
    "the aliases of a key are deleted with the key",
    Effect.gen(function* () {
      const store = yield* Store
      const birth = born({ n: 1 })
      const named = told(birth, create(start + 1), bind(1))
      const leaving = told(named, scheduled(start, 7))
      const dueAt = start + 7 * day
      yield* commitAll([birth, named, leaving, told(leaving, { type: "DeletionDue", at: dueAt, dueAt, epoch: 3 })])
      expect(yield* store.alias(realm, "alias/orders")).toBeUndefined()
      expect(yield* store.aliasesOf(keyIdOf(1))).toEqual([])
    })
  )
}

const aliasListLaws = (law: Law): void => {
  law(
    "aliases are listed in the order in which they were made, page by page, of a realm or of one key",
    Effect.gen(function* () {
      const store = yield* Store
      const named = (n: number, ...names: ReadonlyArray<string>) => {
        let step = born({ n })
        const steps = [step]
        for (const aliasName of names) {
          step = told(step, create(start + 1), { aliases: [{ aliasName, from: null, to: keyIdOf(n) }] })
          steps.push(step)
        }
        return steps
      }
      yield* commitAll([...named(1, "alias/z", "alias/b"), ...named(2, "alias/a"), born({ n: 3, realm: otherRealm })])
      const row = (aliasName: string, n: number) => ({ aliasName, keyId: keyIdOf(n) })
      const all = [row("alias/z", 1), row("alias/b", 1), row("alias/a", 2)]
      expect(yield* store.aliases({ realm, offset: 0, limit: 9 })).toEqual({ total: 3, aliases: all })
      expect(yield* store.aliases({ realm, offset: 1, limit: 1 })).toEqual({ total: 3, aliases: [row("alias/b", 1)] })
      expect(yield* store.aliases({ realm, offset: 0, limit: 0 })).toEqual({ total: 3, aliases: [] })
      expect(yield* store.aliases({ realm: otherRealm, offset: 0, limit: 9 })).toEqual({ total: 0, aliases: [] })
      expect(yield* store.aliases({ realm, keyId: keyIdOf(2), offset: 0, limit: 9 })).toEqual({
        total: 1,
        aliases: [row("alias/a", 2)]
      })
    })
  )
}

export const aliasLaws = (law: Law): void => {
  boundAliasLaws(law)
  aliasListLaws(law)
}
