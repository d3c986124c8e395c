/** Laws of a store that several processes use at once: each has a separate handle on the same rows. */
import { Effect, Exit } from "effect"
import { chainLines, genesis } from "../../../records/hashChain.ts"
import type { Store } from "../../../store/store.ts"
import { StoreConflict } from "../../../store/store.ts"
import { born, day, keyIdOf, life, otherRealm, realm, scheduled, start, told } from "../changes.ts"
import { expect } from "../../expect.ts"
import { disabled } from "./law.ts"

export type Handle = Store["Service"]

/** Declares a law about two handles of one empty store. */
export type HandlesLaw = (sentence: string, body: (one: Handle, two: Handle) => Effect.Effect<void, unknown>) => void

const isSuccess = Exit.isSuccess

/** The same numbers for the two handles in turn. */
export const inTurn = <A>(count: number, make: (n: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, n) => make(n))

/** Commits of both handles: visible at once, ordered, on one chain. */
const commitLaws = (law: HandlesLaw): void => {
  law("a handle reads at once what the other handle committed", (one, two) =>
    Effect.gen(function* () {
      const [birth, disabling] = life({ n: 1 }, disabled(start + 1))
      if (birth === undefined || disabling === undefined) return yield* Effect.die("two steps were made")
      yield* one.commit(birth.change)
      expect((yield* two.key(keyIdOf(1)))?.snapshot.value.lifecycle).toBe("Enabled")
      yield* two.commit(disabling.change)
      expect((yield* one.key(keyIdOf(1)))?.snapshot.value.lifecycle).toBe("Disabled")
      expect(yield* one.userKeyCount(realm)).toBe(1)
      expect(yield* two.allKeyIds({ after: undefined, limit: 9 })).toEqual([keyIdOf(1)])
    })
  )
  law("exactly one of several competing changes through both handles is committed", (one, two) =>
    Effect.gen(function* () {
      const births = inTurn(4, (n) => born({ n }))
      for (const { change } of births) yield* one.commit(change)
      const rivals = births.flatMap((birth) =>
        inTurn(10, (n) => ({ by: n % 2 === 0 ? one : two, step: told(birth, disabled(start + 1 + n)) }))
      )
      const exits = yield* Effect.forEach(rivals, ({ by, step }) => Effect.exit(by.commit(step.change)), {
        concurrency: "unbounded"
      })
      expect(exits.filter(isSuccess)).toHaveLength(4)
      for (const [n] of births.entries()) {
        const journal = yield* two.journal({ keyId: keyIdOf(n), afterSeq: 0, limit: 9 })
        expect(journal).toHaveLength(2)
        expect((yield* one.key(keyIdOf(n)))?.head).toBe(journal[1]?.hash)
      }
    })
  )
  law("a list and its total show one instant while the other handle creates keys", (one, two) =>
    Effect.gen(function* () {
      const births = inTurn(40, (n) => one.commit(born({ n }).change))
      const looks = inTurn(40, () => two.keys({ realm, offset: 0, limit: 100 }))
      const pages = yield* Effect.all([Effect.all(looks, { concurrency: 8 }), Effect.all(births, { discard: true })], {
        concurrency: "unbounded"
      }).pipe(Effect.map(([found]) => found))
      expect(pages.map(({ total }) => total)).toEqual(pages.map(({ keyIds }) => keyIds.length))
      const beyond = yield* two.keys({ realm, offset: 40, limit: 100 })
      expect(beyond).toEqual({ total: 40, keyIds: [] })
      const none = yield* two.aliases({ realm, offset: 0, limit: 9 })
      expect(none).toEqual({ total: 0, aliases: [] })
    })
  )
  law("the audit log that both handles write is one chain without gaps", (one, two) =>
    Effect.gen(function* () {
      const writes = inTurn(60, (n) => (n % 2 === 0 ? one : two).appendAudit([`line ${n}`]))
      yield* Effect.all(writes, { concurrency: "unbounded" })
      const segments = yield* one.auditSegments({ afterSeq: 0, limit: 1000 })
      expect(segments.flatMap(({ lines }) => lines).toSorted()).toEqual(inTurn(60, (n) => `line ${n}`).toSorted())
      expect(segments.map(({ seq }) => seq)).toEqual(segments.map((_, i) => i + 1))
      expect(segments.map(({ previous }) => previous)).toEqual([genesis, ...segments.slice(0, -1).map((s) => s.hash)])
      for (const { previous, lines, hash } of segments) expect(chainLines(previous, lines)).toBe(hash)
    })
  )
}

/** First values, marks and quotas that both handles write. */
const valueLaws = (law: HandlesLaw): void => {
  law("the first value of a name stays, and every writer gets that value", (one, two) =>
    Effect.gen(function* () {
      const given = inTurn(20, (n) => (n % 2 === 0 ? one : two).metaOnce("first", `value ${n}`))
      const answers = new Set(yield* Effect.all(given, { concurrency: "unbounded" }))
      expect(answers.size).toBe(1)
      expect([...answers]).toEqual([yield* two.meta("first")])
      expect(yield* one.metaOnce("first", "later")).toBe([...answers][0])
    })
  )
  law("a mark is raised and never lowered", (one, two) =>
    Effect.gen(function* () {
      const raised = inTurn(20, (n) => (n % 2 === 0 ? one : two).raiseMeta("mark", (n * 7) % 20))
      const answers = yield* Effect.all(raised, { concurrency: "unbounded" })
      for (const [n, answer] of answers.entries()) expect(answer >= (n * 7) % 20).toBe(true)
      expect(yield* one.meta("mark")).toBe("19")
      expect(yield* two.raiseMeta("mark", 3)).toBe(19)
      expect(yield* one.meta("mark")).toBe("19")
    })
  )
  law("no edit of a value through either handle is lost", (one, two) =>
    Effect.gen(function* () {
      const edits = inTurn(20, (n) =>
        (n % 2 === 0 ? one : two).editMeta("list", (value = "") => ({ to: `${value}${n},`, answer: value }))
      )
      yield* Effect.all(edits, { concurrency: "unbounded" })
      const value = (yield* one.meta("list")) ?? ""
      expect(
        value
          .split(",")
          .slice(0, -1)
          .map(Number)
          .toSorted((left, right) => left - right)
      ).toEqual(inTurn(20, (n) => n))
      expect(yield* two.editMeta("list", (known) => ({ to: undefined, answer: known }))).toBe(value)
      expect(yield* one.meta("list")).toBe(value)
    })
  )
  law("a realm never holds more keys than its quota, and other realms are not affected", (one, two) =>
    Effect.gen(function* () {
      const quota = { of: "keys", maximum: 7 } as const
      const makings = inTurn(20, (n) => ({ by: n % 2 === 0 ? one : two, change: { ...born({ n }).change, quota } }))
      const elsewhere = { ...born({ n: 99, realm: otherRealm }).change, quota }
      const exits = yield* Effect.forEach(
        [...makings, { by: two, change: elsewhere }],
        ({ by, change }) => Effect.exit(by.commit(change)),
        { concurrency: "unbounded" }
      )
      expect(exits.slice(20).filter(isSuccess)).toHaveLength(1)
      const made = yield* one.userKeyCount(realm)
      expect(made).toBe(exits.slice(0, 20).filter(isSuccess).length)
      expect(made <= 7).toBe(true)
      // A caller that was refused because of rivals that were refused too may try again, until the quota is used up.
      for (const { by, change } of makings) yield* Effect.exit(by.commit(change))
      expect(yield* two.userKeyCount(realm)).toBe(7)
      const refused = yield* Effect.flip(two.commit({ ...born({ n: 50 }).change, quota }))
      expect(refused).toBeInstanceOf(StoreConflict)
      expect(refused).toMatchObject({ on: "quota" })
    })
  )
}

/** Uses, failures and deadlines that both handles count. */
const countLaws = (law: HandlesLaw): void => {
  law("uses of a version are granted up to its limit over both handles", (one, two) =>
    Effect.gen(function* () {
      const { change } = born({ n: 1 })
      yield* one.commit(change)
      const [version] = change.newVersions
      if (version === undefined) return yield* Effect.die("a key has a version")
      const { keyId, keyVersionId } = version
      const asked = inTurn(10, (n) =>
        (n % 2 === 0 ? one : two).reserveInvocations({ keyId, keyVersionId, count: 30, limit: 100 })
      )
      const granted = yield* Effect.all(asked, { concurrency: "unbounded" })
      expect(granted.reduce((sum, count) => sum + count, 0)).toBe(100)
    })
  )
  law("wrong uses of an import token are counted up to its limit over both handles", (one, two) =>
    Effect.gen(function* () {
      yield* one.commit(born({ n: 1, input: { origin: "EXTERNAL" } }).change)
      yield* one.addImportSession({
        id: "session",
        keyId: keyIdOf(1),
        wrappingKeySpec: "RSA_2048",
        wrappingAlgorithm: "RSAES_OAEP_SHA_256",
        expiresAt: start + day,
        failures: 0,
        sealed: new Uint8Array(64)
      })
      const tries = inTurn(10, (n) => (n % 2 === 0 ? one : two).countImportTry({ id: "session", failuresMax: 7 }))
      const counted = yield* Effect.all(tries, { concurrency: "unbounded" })
      expect(counted.filter((isCounted) => isCounted)).toHaveLength(7)
      expect((yield* two.importSession("session"))?.failures).toBe(7)
    })
  )
  law("a deadline that both handles execute has one event", (one, two) =>
    Effect.gen(function* () {
      const [birth, leaving] = life({ n: 1 }, scheduled(start, 7))
      if (birth === undefined || leaving === undefined) return yield* Effect.die("two steps were made")
      yield* one.commit(birth.change)
      yield* two.commit(leaving.change)
      const dueAt = start + 7 * day
      const fired = told(leaving, { type: "DeletionDue", at: dueAt, dueAt, epoch: 2 })
      const both = [one.commit(fired.change), two.commit(fired.change)].map((firing) => Effect.exit(firing))
      const exits = yield* Effect.all(both, { concurrency: "unbounded" })
      expect(exits.filter(isSuccess)).toHaveLength(1)
      expect(yield* one.journal({ keyId: keyIdOf(1), afterSeq: 0, limit: 9 })).toHaveLength(3)
      expect(yield* two.due({ until: dueAt, limit: 9 })).toEqual([])
    })
  )
}

export const handleLaws = (law: HandlesLaw): void => {
  for (const state of [commitLaws, valueLaws, countLaws]) state(law)
}
