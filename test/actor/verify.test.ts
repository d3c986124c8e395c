/** Verification has no finding in a store of the engine, and a finding in every changed store. */
import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import fc from "fast-check"
import { beforeAll, describe, expect } from "vitest"
import type { CmkEvent } from "../../machines/cmk.ts"
import { decide } from "../../machines/permits.ts"
import { verifyStore } from "../../src/verification/verify.ts"
import type { Finding, VerifyReport } from "../../src/verification/verify.ts"
import { chainEntry, genesis } from "../../src/records/hashChain.ts"
import { memoryStoreLayer } from "../../src/store/memory/memoryStore.ts"
import { databaseFileName } from "../../src/store/sqlite/files.ts"
import type { HashedEntry } from "../../src/records/rows.ts"
import { born, day, keyIdOf, scheduled, start, told, versionIdOf } from "../../src/conformance/store/changes.ts"
import { commitAll, disabled, enabled, external, imported } from "../../src/conformance/store/laws/law.ts"
import { newDirectory, sqliteIn } from "../store/places.ts"
import { interval, key, populate, tampers } from "../store/tampers.ts"

let original = ""
beforeAll(async () => {
  original = newDirectory()
  await Effect.runPromise(Effect.provide(populate, sqliteIn(original)))
})

const verifyIn = (directory: string) => Effect.provide(verifyStore(), Layer.fresh(sqliteIn(directory)))

/** The findings in a copy of the populated store after a change of its file. */
const findingsAfter = Effect.fnUntraced(function* (tamper: (database: DatabaseSync) => void) {
  const directory = newDirectory()
  mkdirSync(directory, { recursive: true })
  copyFileSync(join(original, databaseFileName), join(directory, databaseFileName))
  const database = new DatabaseSync(join(directory, databaseFileName))
  database.exec("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
  tamper(database)
  database.close()
  return (yield* verifyIn(directory)).findings
})

const namesIt = (n: number | null, finding: string) => (found: Finding) =>
  found.keyId === (n === null ? null : keyIdOf(n)) && found.finding.includes(finding)

/** Rewrites a key's journal with a valid chain, as an attacker who knows the scheme can. */
const forge = (database: DatabaseSync, n: number, edit: (entry: HashedEntry) => HashedEntry["payload"]): void => {
  const rows = database.prepare(`SELECT * FROM events WHERE key = ${key(n)} ORDER BY seq`).all()
  let head = genesis
  for (const row of rows) {
    const entry: HashedEntry = {
      keyId: keyIdOf(n),
      seq: Number(row["seq"]),
      at: Number(row["at"]),
      principal: String(row["principal"]),
      requestId: String(row["request_id"]),
      payload: JSON.parse(String(row["payload"])),
      previous: head,
      hash: ""
    }
    const payload = edit(entry)
    const hash = chainEntry(head, { ...entry, payload })
    database
      .prepare(`UPDATE events SET payload = ?, previous = ?, hash = ? WHERE key = ${key(n)} AND seq = ?`)
      .run(JSON.stringify(payload), head, hash, entry.seq)
    head = hash
  }
  database.prepare("UPDATE keys SET head = ? WHERE id = ?").run(head, keyIdOf(n))
}

describe("verification of a sound store", () => {
  it.effect("verification of a sound store has no findings and counts everything", () =>
    Effect.gen(function* () {
      const report = yield* verifyIn(original)
      const expected: VerifyReport = {
        keys: 6,
        events: 13,
        versions: 7,
        deadlines: 3,
        auditSegments: 14,
        auditLines: 14,
        materialsOpened: 0,
        findings: [],
        notes: []
      }
      expect(report).toEqual(expected)
    })
  )

  it.effect("verification of a memory store has no findings for any history of keys", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.nat(6), { maxLength: 12 }), { minLength: 1, maxLength: 5 }),
          async (lives) => {
            const report = await Effect.runPromise(
              Effect.gen(function* () {
                for (const [n, choices] of lives.entries()) {
                  let step = born({ n, input: n % 2 === 0 ? external : { rotationIntervalMillis: interval } })
                  yield* commitAll([step])
                  for (const [i, choice] of choices.entries()) {
                    const event = eventOf(choice, start + i * 8 * day)
                    if (decide(step.next, event)._tag !== "Decision") continue
                    step = told(step, event)
                    yield* commitAll([step])
                  }
                }
                return yield* verifyStore()
              }).pipe(Effect.provide(Layer.fresh(memoryStoreLayer)))
            )
            expect(report).toMatchObject({ keys: lives.length, findings: [] })
          }
        ),
        { numRuns: 60 }
      )
    )
  )

  it.effect("verification with the root key opens every key version and reports those that do not open", () =>
    Effect.gen(function* () {
      const asked: Array<string> = []
      const openMaterial = ({ keyVersionId }: { readonly keyVersionId: string }) =>
        Effect.sync(() => {
          asked.push(keyVersionId)
          return keyVersionId !== versionIdOf(3000)
        })
      const report = yield* Effect.provide(verifyStore({ openMaterial }), Layer.fresh(sqliteIn(original)))
      expect(asked.toSorted()).toEqual([1000, 3000, 4000, 5000, 5001, 6000].map(versionIdOf))
      expect(report.materialsOpened).toBe(5)
      expect(report.findings).toEqual([
        { keyId: keyIdOf(3), finding: `versions: the material of ${versionIdOf(3000)} does not open` }
      ])
    })
  )
})

const eventOf = (choice: number, at: number): CmkEvent => {
  const events: ReadonlyArray<CmkEvent> = [
    disabled(at),
    enabled(at),
    scheduled(at, 7),
    { type: "CancelKeyDeletion", at },
    { type: "DeleteKeyMaterial", at },
    imported(at),
    { type: "SetDeletionProtection", at, enabled: at % 16 === 0 }
  ]
  return events[choice] ?? disabled(at)
}

describe("verification of a changed file", () => {
  for (const [sql, n, finding] of tampers) {
    it.effect(`verification after ${sql.replaceAll(/\(SELECT ordinal[^)]*\)/g, "…")} reports: ${finding}`, () =>
      Effect.gen(function* () {
        const findings = yield* findingsAfter((database) => database.exec(sql))
        expect(findings.some(namesIt(n, finding)) ? "found" : findings).toBe("found")
      })
    )
  }

  it.effect("verification reports a forged journal with a valid chain that does not lead to the snapshot", () =>
    Effect.gen(function* () {
      const findings = yield* findingsAfter((database) =>
        forge(database, 1, ({ seq, payload }) => (seq === 3 ? { type: "Event", event: enabled(start + 2) } : payload))
      )
      expect(findings).toEqual([{ keyId: keyIdOf(1), finding: "snapshot: it is not what the journal leads to" }])
    })
  )

  it.effect("verification names a forged event that the machine would have refused", () =>
    Effect.gen(function* () {
      const cancel: CmkEvent = { type: "CancelKeyDeletion", at: start + 2 }
      const findings = yield* findingsAfter((database) =>
        forge(database, 1, ({ seq, payload }) => (seq === 3 ? { type: "Event", event: cancel } : payload))
      )
      expect(findings).toEqual([{ keyId: keyIdOf(1), finding: "journal: the machine does not take event 3" }])
    })
  )

  it.effect("verification reports a fault of one key for that key only", () =>
    Effect.gen(function* () {
      const findings = yield* findingsAfter((database) =>
        database.exec(`UPDATE versions SET created_at = 0 WHERE key = ${key(5)}`)
      )
      expect(findings.map(({ keyId }) => keyId)).toEqual([keyIdOf(5)])
    })
  )
})
