/** Laws about lists and counts of keys. */
import { Effect, Exit } from "effect"
import { StoreConflict, Store } from "../../../store/store.ts"
import type { KeyFilter } from "../../../store/store.ts"
import { born, keyIdOf, life, otherRealm, realm, scheduled, start, told } from "../changes.ts"
import { commitAll, deletedLife, disabled, external } from "./law.ts"
import { expect } from "../../expect.ts"
import type { Law } from "./law.ts"

const keyListLaws = (law: Law): void => {
  law(
    "keys of a realm are listed oldest first, page by page, without the deleted ones",
    Effect.gen(function* () {
      const store = yield* Store
      for (const n of [5, 3, 9]) yield* commitAll([born({ n })])
      yield* commitAll([...deletedLife(4), ...life({ n: 1 }, disabled(start + 1)), born({ n: 2, realm: otherRealm })])
      const page = (offset: number, limit: number, filter?: KeyFilter) =>
        store.keys({ realm, offset, limit, ...(filter === undefined ? {} : { filter }) })
      expect(yield* page(0, 10)).toEqual({ total: 4, keyIds: [5, 3, 9, 1].map(keyIdOf) })
      expect(yield* page(1, 2)).toEqual({ total: 4, keyIds: [3, 9].map(keyIdOf) })
      expect(yield* page(4, 2)).toEqual({ total: 4, keyIds: [] })
      expect(yield* page(1, 2, { state: ["Enabled"] })).toEqual({ total: 3, keyIds: [3, 9].map(keyIdOf) })
      expect(yield* page(0, 9, { state: ["Disabled", "Enabled"] })).toEqual({
        total: 4,
        keyIds: [5, 3, 9, 1].map(keyIdOf)
      })
      expect(yield* page(0, 9, { state: [] })).toEqual({ total: 0, keyIds: [] })
    })
  )
  law(
    "a filter finds the keys that have one of its values for every property",
    Effect.gen(function* () {
      const store = yield* Store
      const pair = { kind: "asymmetric", spec: "EC_P256", usage: "SIGN/VERIFY" } as const
      yield* commitAll([born({ n: 1 }), born({ n: 2, input: pair }), born({ n: 3, input: { serviceKey: true } })])
      yield* commitAll([born({ n: 4, input: { protection: "HSM" } }), ...life({ n: 5 }, disabled(start + 1))])
      const passing = (filter: KeyFilter) =>
        Effect.map(store.keys({ realm, offset: 0, limit: 9, filter }), ({ keyIds }) => keyIds)
      expect(yield* passing({})).toEqual([1, 2, 3, 4, 5].map(keyIdOf))
      expect(yield* passing({ spec: ["EC_P256", "RSA_2048"] })).toEqual([keyIdOf(2)])
      expect(yield* passing({ usage: ["ENCRYPT/DECRYPT"], creatorType: ["User"] })).toEqual([1, 4, 5].map(keyIdOf))
      expect(yield* passing({ creatorType: ["Service"] })).toEqual([keyIdOf(3)])
      expect(yield* passing({ protection: ["HSM"], state: ["Enabled"] })).toEqual([keyIdOf(4)])
      expect(yield* passing({ protection: ["HSM"], state: ["Disabled"] })).toEqual([])
    })
  )
  law(
    "a filter by ids, states or creator types counts exactly the keys that pass",
    Effect.gen(function* () {
      const store = yield* Store
      yield* commitAll([born({ n: 1 }), born({ n: 2, input: { serviceKey: true } }), born({ n: 6, realm: otherRealm })])
      yield* commitAll([...life({ n: 3 }, disabled(start + 1)), ...deletedLife(4), ...life({ n: 5 }, disabled(start))])
      const page = (filter: KeyFilter, offset = 0, limit = 9) => store.keys({ realm, offset, limit, filter })
      const ids = [5, 4, 1, 6, 3, 9].map(keyIdOf)
      expect(yield* page({ keyId: ids })).toEqual({ total: 3, keyIds: [1, 3, 5].map(keyIdOf) })
      expect(yield* page({ keyId: ids }, 1, 1)).toEqual({ total: 3, keyIds: [keyIdOf(3)] })
      expect(yield* page({ keyId: ids, state: ["Enabled"] })).toEqual({ total: 1, keyIds: [keyIdOf(1)] })
      expect(yield* page({ keyId: [] })).toEqual({ total: 0, keyIds: [] })
      expect(yield* page({ state: ["Disabled"] }, 1, 9)).toEqual({ total: 2, keyIds: [keyIdOf(5)] })
      expect(yield* page({ state: ["Disabled"] }, 2, 9)).toEqual({ total: 2, keyIds: [] })
      expect(yield* page({ state: ["Deleted"] })).toEqual({ total: 0, keyIds: [] })
      expect(yield* page({ creatorType: ["Service"] })).toEqual({ total: 1, keyIds: [keyIdOf(2)] })
      expect(yield* page({ creatorType: ["User"], state: ["Enabled"] })).toEqual({ total: 1, keyIds: [keyIdOf(1)] })
    })
  )
  law(
    "all keys, also deleted ones, are listed in order of id",
    Effect.gen(function* () {
      const store = yield* Store
      yield* commitAll([born({ n: 5 }), ...deletedLife(3), born({ n: 4, realm: otherRealm })])
      expect(yield* store.allKeyIds({ after: undefined, limit: 2 })).toEqual([keyIdOf(3), keyIdOf(4)])
      expect(yield* store.allKeyIds({ after: keyIdOf(4), limit: 2 })).toEqual([keyIdOf(5)])
    })
  )
}

const countLaws = (law: Law): void => {
  law(
    "simultaneous changes commit as many keys and aliases as their quota allows",
    Effect.gen(function* () {
      const store = yield* Store
      const births = Array.from({ length: 20 }, (_, n) => born({ n: n + 1 }))
      const all = <A, E>(commits: ReadonlyArray<Effect.Effect<A, E>>) =>
        Effect.forEach(commits, Effect.exit, { concurrency: "unbounded" })
      const keys = { of: "keys", maximum: 8 } as const
      const made = yield* all(births.map(({ change }) => store.commit({ ...change, quota: keys })))
      const kept = births.filter((_birth, at) => made[at]?._tag === "Success")
      expect([kept.length, yield* store.userKeyCount(realm)]).toEqual([8, 8])
      const aliases = { of: "aliases", maximum: 5 } as const
      const bound = yield* all(
        kept.map((birth, at) => {
          const alias = { aliasName: `alias/${at}`, from: null, to: birth.change.keyId }
          const { change } = told(birth, { type: "CreateAlias", at: start + 1 }, { aliases: [alias] })
          return store.commit({ ...change, quota: aliases })
        })
      )
      expect(bound.filter(Exit.isSuccess)).toHaveLength(5)
      expect((yield* store.aliases({ realm, offset: 0, limit: 9 })).total).toBe(5)
      const refused = yield* Effect.flip(store.commit({ ...born({ n: 99 }).change, quota: keys }))
      expect(refused).toBeInstanceOf(StoreConflict)
      expect(refused).toMatchObject({ on: "quota" })
      yield* commitAll([born({ n: 98, realm: otherRealm })])
    })
  )
  law(
    "the quota counts user keys that are not deleted, and the census counts every key by its state",
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

export const listLaws = (law: Law): void => {
  keyListLaws(law)
  countLaws(law)
}
