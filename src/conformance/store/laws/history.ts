/** Laws about journals, the audit log, nonces and meta rows. */
import { Effect } from "effect"
import { lineOf } from "../../../records/auditLine.ts"
import { chainEntry, chainLines, genesis, portableHash } from "../../../records/hashChain.ts"
import { Store } from "../../../store/store.ts"
import { born, keyIdOf, life, start, told } from "../changes.ts"
import { commitAll, disabled, enabled, last } from "./law.ts"
import { expect } from "../../expect.ts"
import type { Law } from "./law.ts"

const journalLaws = (law: Law): void => {
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
}

const auditLogLaws = (law: Law): void => {
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
        lineOf(change.audit),
        "last"
      ])
      expect(segments.map(({ seq }) => seq)).toEqual(segments.map((_, i) => i + 1))
      expect(segments.map(({ previous }) => previous)).toEqual([genesis, ...segments.slice(0, -1).map((s) => s.hash)])
      for (const { previous, lines, hash } of segments) expect(chainLines(previous, lines)).toBe(hash)
      expect(yield* store.auditSegments({ afterSeq: 1, limit: 1 })).toEqual(segments.slice(1, 2))
    })
  )
  law(
    "the audit log has the same lines when read from its end and from its beginning",
    Effect.gen(function* () {
      const store = yield* Store
      const before = (beforeSeq: number, limit: number) => store.auditSegmentsBefore({ beforeSeq, limit })
      expect(yield* before(Number.MAX_SAFE_INTEGER, 3)).toEqual([])
      for (const line of ["first", "second", "third", "fourth"]) yield* store.appendAudit([line])
      const newest = (yield* store.auditSegments({ afterSeq: 0, limit: 100 })).toReversed()
      expect(newest.map(({ lines }) => lines)).toEqual([["fourth"], ["third"], ["second"], ["first"]])
      expect(yield* before(Number.MAX_SAFE_INTEGER, 100)).toEqual(newest)
      expect(yield* before(Number.MAX_SAFE_INTEGER, 2)).toEqual(newest.slice(0, 2))
      expect(yield* before(3, 100)).toEqual(newest.slice(2))
      expect(yield* before(3, 1)).toEqual(newest.slice(2, 3))
      expect(yield* before(1, 100)).toEqual([])
      expect(yield* before(0, 100)).toEqual([])
    })
  )
}

const nonceLaws = (law: Law): void => {
  law(
    "nonces are stored until they expire, and then deleted",
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
    "the nonces of a range are deleted, and no others",
    Effect.gen(function* () {
      const store = yield* Store
      for (const expiresAt of [100, 200, 300, 400]) yield* store.appendNonces({ expiresAt, lines: [`${expiresAt}`] })
      yield* store.forgetNonces({ after: 100, until: 300 })
      expect((yield* store.nonces(0)).map(({ expiresAt }) => expiresAt)).toEqual([100, 400])
    })
  )
}

const metaLaws = (law: Law): void => {
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

export const historyLaws = (law: Law): void => {
  journalLaws(law)
  auditLogLaws(law)
  nonceLaws(law)
  metaLaws(law)
}
