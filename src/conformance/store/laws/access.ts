/** Laws about import sessions and access control. */
import { Effect } from "effect"
import { Store } from "../../../store/store.ts"
import { ramKinds } from "../../../records/rows.ts"
import type { ImportSessionRow, RamChange, RamRecord } from "../../../records/rows.ts"
import { born, day, keyIdOf, otherRealm, realm, sealedOf, start } from "../changes.ts"
import { commitAll, external } from "./law.ts"
import { expect } from "../../expect.ts"
import type { Law } from "./law.ts"

const session = (id: string, expiresAt: number): ImportSessionRow => ({
  id,
  keyId: keyIdOf(1),
  wrappingKeySpec: "RSA_2048",
  wrappingAlgorithm: "RSAES_OAEP_SHA_256",
  expiresAt,
  failures: 0,
  sealed: sealedOf(7, 1200)
})

const record = (name: string, text: string): RamRecord => ({
  account: realm.account,
  kind: "user",
  name,
  record: text
})

const change = (parts: Partial<RamChange>): RamChange => ({
  after: 0,
  put: [],
  drop: [],
  audit: {
    at: start,
    requestId: "request",
    principal: "acs:ram::1:root",
    operation: "CreateUser",
    keyId: null,
    outcome: "Success",
    before: null,
    after: null
  },
  ...parts
})

const importAndUseLaws = (law: Law): void => {
  law(
    "the store keeps an import session with its failures until its end, and deletes only ended sessions",
    Effect.gen(function* () {
      const store = yield* Store
      yield* commitAll([born({ n: 1, input: external })])
      const [one, two] = [session("one", start + day), session("two", start + 2 * day)]
      yield* store.addImportSession(one)
      yield* store.addImportSession(two)
      expect(yield* store.importSession("one")).toEqual(one)
      const counting = (id: string) => store.countImportTry({ id, failuresMax: 2 })
      yield* Effect.all([counting("two"), counting("two")], { concurrency: 2 })
      expect(yield* counting("three")).toBe(false)
      expect(yield* store.importSession("two")).toEqual({ ...two, failures: 2 })
      expect((yield* store.importSessions).map(({ id, failures }) => [id, failures])).toEqual([
        ["one", 0],
        ["two", 2]
      ])
      expect(yield* store.forgetImportSessions(start + day)).toEqual([one])
      expect(yield* store.importSession("one")).toBeUndefined()
      expect((yield* store.importSession("two"))?.failures).toBe(2)
    })
  )
  law(
    "wrong uses of an import token are counted up to its limit by all handles together, and can be taken back",
    Effect.gen(function* () {
      const store = yield* Store
      yield* commitAll([born({ n: 1, input: external })])
      yield* store.addImportSession(session("one", start + day))
      const counting = store.countImportTry({ id: "one", failuresMax: 3 })
      const counted = yield* Effect.all([counting, counting, counting, counting], { concurrency: 4 })
      expect(counted.filter((isCounted) => isCounted)).toHaveLength(3)
      yield* store.forgiveImportTry("one")
      expect([yield* counting, yield* counting]).toEqual([true, false])
      expect((yield* store.importSession("one"))?.failures).toBe(3)
    })
  )
  law(
    "uses of a version are granted up to its limit, also to simultaneous calls, and never beyond",
    Effect.gen(function* () {
      const store = yield* Store
      const steps = [born({ n: 1 })]
      yield* commitAll(steps)
      const [version] = yield* store.versions(keyIdOf(1))
      if (version === undefined) throw new Error("a key has a version")
      const { keyId, keyVersionId } = version
      const reserve = store.reserveInvocations({ keyId, keyVersionId, count: 40, limit: 100 })
      const granted = yield* Effect.all([reserve, reserve, reserve, reserve], { concurrency: 4 })
      expect(granted.toSorted((left, right) => right - left)).toEqual([40, 40, 20, 0])
      expect(yield* reserve).toBe(0)
      expect(yield* store.reserveInvocations({ keyId, keyVersionId, count: 7, limit: 50 })).toBe(0)
    })
  )
}

const accessControlLaws = (law: Law): void => {
  law(
    "access control is changed together with its audit line, and read in order",
    Effect.gen(function* () {
      const store = yield* Store
      yield* store.changeRam(change({ put: [record("bob", "1"), record("alice", "2")] }))
      const elsewhere = { ...record("alice", "3"), account: otherRealm.account }
      yield* store.changeRam(change({ after: 1, put: [elsewhere, record("bob", "4")], drop: [record("alice", "2")] }))
      expect(yield* store.ramRecords).toEqual([record("bob", "4"), elsewhere])
      const lines = (yield* store.auditSegments({ afterSeq: 0, limit: 9 })).flatMap((segment) => segment.lines)
      expect(lines).toHaveLength(2)
      expect(lines[0]).toContain("CreateUser")
    })
  )
  law(
    "a change of access control that was decided before another one is refused, and no part of it is written",
    Effect.gen(function* () {
      const store = yield* Store
      expect(yield* store.ramVersion).toBe(0)
      yield* store.changeRam(change({ put: [record("bob", "1")] }))
      expect(yield* store.ramVersion).toBe(1)
      const late = yield* Effect.flip(store.changeRam(change({ put: [record("bob", "2"), record("eve", "1")] })))
      expect(late._tag).toBe("StoreConflict")
      expect(yield* store.ramRecords).toEqual([record("bob", "1")])
      expect(yield* store.ramVersion).toBe(1)
      expect((yield* store.auditSegments({ afterSeq: 0, limit: 9 })).flatMap(({ lines }) => lines)).toHaveLength(1)
    })
  )
  law(
    "a record of access control of any kind is read back",
    Effect.gen(function* () {
      const store = yield* Store
      const put = ramKinds.map((kind) => ({ ...record("one", kind), kind }))
      yield* store.changeRam(change({ put }))
      const kinds = (yield* store.ramRecords).map(({ kind }) => kind)
      expect(kinds.toSorted()).toEqual([...ramKinds].toSorted())
      yield* store.changeRam(change({ after: 1, drop: put }))
      expect(yield* store.ramRecords).toEqual([])
    })
  )
}

export const accessLaws = (law: Law): void => {
  importAndUseLaws(law)
  accessControlLaws(law)
}
