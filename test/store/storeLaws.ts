/** The laws of a store, whatever it is made of: run for each implementation. */
import { expect, it } from "@effect/vitest"
import type { Layer } from "effect";
import { Effect, Exit } from "effect"
import { describe } from "vitest"
import { portableHash, chainEntry, chainLines, genesis } from "../../src/audit/hashChain.ts"
import type { KeyId } from "../../src/domain/ids.ts"
import { CommitConflict, Store } from "../../src/store/store.ts"
import type { StoreUnusable } from "../../src/store/store.ts"
import {
  day,
  keyIdOf,
  life,
  otherRealm,
  realm,
  born,
  scheduled,
  sealedOf,
  start,
  told,
  versionIdOf
} from "./changes.ts"
import type { Step } from "./changes.ts"

export const commitAll = Effect.fnUntraced(function* (steps: ReadonlyArray<Step>) {
  const store = yield* Store
  for (const { change } of steps) yield* store.commit(change)
})

const external = { origin: "EXTERNAL" } as const
const imported = (at: number, expiresAt: number | null = null) =>
  ({ type: "ImportKeyMaterial", at, fingerprint: "the same bytes", expiresAt }) as const
const disabled = (at: number) => ({ type: "DisableKey", at }) as const
const enabled = (at: number) => ({ type: "EnableKey", at }) as const
const last = (steps: ReadonlyArray<Step>): Step => {
  const step = steps.at(-1)
  if (step === undefined) throw new Error("a life has at least its birth")
  return step
}

/** A key made at `start`, scheduled for deletion in 7 days, and deleted then. */
const deletedLife = (n: number): ReadonlyArray<Step> => {
  const steps = life({ n }, scheduled(start, 7))
  const dueAt = start + 7 * day
  return [...steps, told(last(steps), { type: "DeletionDue", at: dueAt, dueAt, epoch: 2 })]
}

export type MakeStore = () => Layer.Layer<Store, StoreUnusable>

type Law = (name: string, body: Effect.Effect<void, unknown, Store>) => void

const keyLaws = (law: Law): void => {
  law(
    "what is committed reads back exactly",
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
      expect(yield* Effect.flip(store.commit(disabling.change))).toEqual(new CommitConflict({ keyId: keyIdOf(1) }))
      yield* commitAll([birth, disabling])
      const before = yield* store.key(keyIdOf(1))
      const late = told(birth, scheduled(start + 2, 7))
      expect(yield* Effect.flip(store.commit(late.change))).toBeInstanceOf(CommitConflict)
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
      expect(yield* Effect.flip(store.commit(born({ n: 1 }).change))).toBeInstanceOf(CommitConflict)
      expect((yield* store.key(keyIdOf(1)))?.snapshot.value.lifecycle).toBe("Deleted")
    })
  )
  law(
    "of many changes decided in the same epoch exactly one is committed",
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

const materialLaws = (law: Law): void => {
  law(
    "versions read newest first",
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
    "erasing takes the material of every version and keeps the rows",
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
    "imported material comes to the version that waits for it, again after it was erased",
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
  law(
    "material the service made never changes",
    Effect.gen(function* () {
      const store = yield* Store
      const birth = born({ n: 1 })
      yield* commitAll([birth])
      const { change } = told(birth, disabled(start + 1))
      const newVersions = birth.change.newVersions.map((row) => ({
        ...row,
        stored: { sealed: sealedOf(9), publicKey: undefined }
      }))
      expect(Exit.hasDies(yield* Effect.exit(store.commit({ ...change, newVersions })))).toBe(true)
      expect((yield* store.versions(keyIdOf(1)))[0]?.stored?.sealed).toEqual(sealedOf(1000))
      expect((yield* store.key(keyIdOf(1)))?.snapshot.context.epoch).toBe(1)
    })
  )
  law(
    "nothing a caller does to what it gave or got reaches the store",
    Effect.gen(function* () {
      const store = yield* Store
      const { change } = born({ n: 1 })
      const given = sealedOf(1000)
      const newVersions = change.newVersions.map((row) => ({ ...row, stored: { sealed: given, publicKey: undefined } }))
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

const clockLaws = (law: Law): void => {
  law(
    "a change's deadlines replace those the key had",
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
    "what is due comes earliest first, inclusive of the instant, as many as asked for",
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

const aliasLaws = (law: Law): void => {
  const create = (at: number) => ({ type: "CreateAlias", at }) as const
  const bind = (n: number, from: KeyId | null = null) => ({
    aliases: [{ aliasName: "alias/orders", from, to: keyIdOf(n) }]
  })
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
      expect(yield* Effect.flip(store.commit(taking.change))).toBeInstanceOf(CommitConflict)
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
    "a deleted key's aliases go with it",
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

const listLaws = (law: Law): void => {
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

const historyLaws = (law: Law): void => {
  law(
    "a key's journal is one chain from its creation to its head, page by page",
    Effect.gen(function* () {
      const store = yield* Store
      const metadata = { description: "renamed", creator: "1000000000000001", createdAt: start }
      const steps = life({ n: 1 }, disabled(start + 1), enabled(start + 2))
      const renamed = told(last(steps), { type: "UpdateKeyDescription", at: start + 3 }, { metadata })
      yield* commitAll([...steps, renamed, born({ n: 2 })])
      const whole = yield* store.journal({ keyId: keyIdOf(1), afterSeq: 0, limit: 100 })
      expect(whole.map(({ previous: _p, hash: _h, ...entry }) => entry)).toEqual(
        [...steps, renamed].map(({ change }) => change.entry)
      )
      expect(whole.map(({ previous }) => previous)).toEqual([genesis, ...whole.slice(0, -1).map(({ hash }) => hash)])
      expect(whole.map((entry) => chainEntry(entry.previous, entry, portableHash))).toEqual(
        whole.map(({ hash }) => hash)
      )
      expect(yield* store.key(keyIdOf(1))).toMatchObject({ head: whole.at(-1)?.hash, metadata })
      expect(yield* store.journal({ keyId: keyIdOf(1), afterSeq: 1, limit: 2 })).toEqual(whole.slice(1, 3))
      expect(yield* store.journal({ keyId: keyIdOf(3), afterSeq: 0, limit: 2 })).toEqual([])
    })
  )
  law(
    "the audit log is one gapless chain that keeps every line in order, changes among them",
    Effect.gen(function* () {
      const store = yield* Store
      const { change } = born({ n: 1 })
      yield* store.appendAudit(["first", 'second\n"quoted"'])
      yield* store.commit(change)
      yield* store.appendAudit([])
      yield* store.appendAudit(["last"])
      const segments = yield* store.auditSegments({ afterSeq: 0, limit: 100 })
      expect(segments.flatMap(({ lines }) => lines)).toEqual([
        "first",
        'second\n"quoted"',
        JSON.stringify(change.audit),
        "last"
      ])
      expect(segments.map(({ seq }) => seq)).toEqual(segments.map((_, i) => i + 1))
      expect(segments.map(({ previous }) => previous)).toEqual([genesis, ...segments.slice(0, -1).map((s) => s.hash)])
      for (const { previous, lines, hash } of segments) expect(chainLines(previous, lines)).toBe(hash)
      expect(yield* store.auditSegments({ afterSeq: 1, limit: 1 })).toEqual(segments.slice(1, 2))
    })
  )
  law(
    "nonces are remembered until they expire, and then forgotten for good",
    Effect.gen(function* () {
      const store = yield* Store
      yield* store.appendNonces({ expiresAt: 300, lines: ["c"] })
      yield* store.appendNonces({ expiresAt: 100, lines: ["a", "b"] })
      expect(yield* store.nonces(99)).toEqual([
        { expiresAt: 100, lines: ["a", "b"] },
        { expiresAt: 300, lines: ["c"] }
      ])
      expect(yield* store.nonces(100)).toEqual([{ expiresAt: 300, lines: ["c"] }])
      expect(yield* store.nonces(0)).toEqual([{ expiresAt: 300, lines: ["c"] }])
    })
  )
  law(
    "meta keeps the last value of each name",
    Effect.gen(function* () {
      const store = yield* Store
      expect(yield* store.meta("clock.mark")).toBeUndefined()
      yield* store.setMeta("clock.mark", "1")
      yield* store.setMeta("clock.mark", "2")
      yield* store.setMeta("__proto__", "3")
      expect(yield* store.meta("clock.mark")).toBe("2")
      expect(yield* store.meta("__proto__")).toBe("3")
      expect(yield* store.faults).toEqual([])
    })
  )
}

export const storeLaws = (name: string, makeStore: MakeStore): void => {
  describe(`the ${name} store`, () => {
    const law: Law = (sentence, body) => it.effect(sentence, () => body.pipe(Effect.provide(makeStore())))
    keyLaws(law)
    materialLaws(law)
    clockLaws(law)
    aliasLaws(law)
    listLaws(law)
    historyLaws(law)
  })
}
