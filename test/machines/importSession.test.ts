/** The lifecycle of an import session: its states, its limit of wrong uses, and its end. */
import { getInitialSnapshot, getNextSnapshot } from "xstate"
import { describe, expect, it } from "vitest"
import {
  importFailuresMax,
  importSessionMachine,
  importSessionState,
  importTokenMillis
} from "../../machines/importSession.ts"
import type { ImportSessionEvent, ImportSessionSnapshot } from "../../machines/importSession.ts"

const expiresAt = 1_000
const begin = (failures = 0): ImportSessionSnapshot => getInitialSnapshot(importSessionMachine, { expiresAt, failures })
const after = (snapshot: ImportSessionSnapshot, event: ImportSessionEvent): ImportSessionSnapshot =>
  getNextSnapshot(importSessionMachine, snapshot, event)

const events: ReadonlyArray<ImportSessionEvent> = [
  { type: "MaterialTaken" },
  { type: "MaterialRefused" },
  { type: "TokenExpired", at: expiresAt - 1 },
  { type: "TokenExpired", at: expiresAt },
  { type: "TokenExpired", at: expiresAt + 1 }
]

const nameOf = ({ value, context }: ImportSessionSnapshot): string => `${value} ${context.failures}`

/** Every configuration, by breadth-first search; the list grows during the loop. */
const reachable = (): ReadonlyMap<string, ImportSessionSnapshot> => {
  const found = new Map([[nameOf(begin()), begin()]])
  for (const snapshot of found.values()) {
    for (const event of events) {
      const next = after(snapshot, event)
      if (!found.has(nameOf(next))) found.set(nameOf(next), next)
    }
  }
  return found
}

describe("an import session", () => {
  const configurations = [...reachable().values()]

  it("an import session is Issued up to 15 wrong uses, then Blocked, and Expired after any number", () => {
    const upTo = (count: number) => Array.from({ length: count }, (_, at) => at)
    expect([...reachable().keys()].toSorted()).toEqual(
      [
        ...upTo(importFailuresMax).map((failures) => `Issued ${failures}`),
        `Blocked ${importFailuresMax}`,
        ...upTo(importFailuresMax + 1).map((failures) => `Expired ${failures}`)
      ].toSorted()
    )
    expect(importFailuresMax).toBe(16)
    expect(importTokenMillis).toBe(24 * 60 * 60 * 1000)
  })

  it("an import session accepts any number of right uses", () => {
    for (const snapshot of configurations) {
      const next = after(snapshot, { type: "MaterialTaken" })
      expect(nameOf(next)).toBe(nameOf(snapshot))
      expect(snapshot.can({ type: "MaterialTaken" })).toBe(snapshot.value === "Issued")
    }
  })

  it("an import session counts wrong uses one by one, and only while Issued", () => {
    for (const snapshot of configurations) {
      const counted = after(snapshot, { type: "MaterialRefused" }).context.failures - snapshot.context.failures
      expect(counted).toBe(snapshot.value === "Issued" ? 1 : 0)
    }
  })

  it("an import session expires at its instant, not before, and permanently", () => {
    for (const snapshot of configurations) {
      const early = after(snapshot, { type: "TokenExpired", at: expiresAt - 1 })
      expect(nameOf(early)).toBe(nameOf(snapshot))
      const over = after(snapshot, { type: "TokenExpired", at: expiresAt })
      expect([over.value, over.status]).toEqual(["Expired", "done"])
      for (const event of events) expect(after(over, event).value).toBe("Expired")
    }
  })

  it("a query does not change an import session", () => {
    for (const snapshot of configurations) {
      const before = JSON.stringify(snapshot)
      for (const event of events) {
        const once = JSON.stringify(after(snapshot, event))
        expect(JSON.stringify(after(snapshot, event))).toBe(once)
      }
      expect(JSON.stringify(snapshot)).toBe(before)
    }
  })

  it("an import session is restored from its stored form in the same state", () => {
    for (let failures = 0; failures <= importFailuresMax + 2; failures++) {
      for (const at of [0, expiresAt - 1, expiresAt, expiresAt + 1]) {
        const walked = after(begin(failures), { type: "TokenExpired", at })
        expect(importSessionState({ expiresAt, failures }, at)).toBe(walked.value)
      }
    }
  })
})
