/** Properties of every configuration that a key of any kind can reach. */
import { describe, expect, it } from "vitest"
import { create, freeze, lifecycleOf, revive, rotationOf, step } from "../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot, StoredSnapshot } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { lifecycleStates, rotationStates } from "../../machines/vocabulary.ts"
import type { DeadlineKind } from "../../machines/vocabulary.ts"
import { broken } from "../../machines/invariants.ts"
import { decide, refusalOf, rules } from "../../machines/permits.ts"
import type { KeyOperation, Verdict } from "../../machines/permits.ts"
import { births, reports, explorationOf, facts, requests } from "./explore.ts"
import type { Configuration } from "./explore.ts"
import { birth, day } from "./keys.ts"

const isOperation = (type: string): type is KeyOperation => Object.hasOwn(rules, type)

const deadlineKinds: ReadonlyArray<DeadlineKind> = ["DeletionDue", "MaterialExpired", "RotationDue"]

/** A snapshot without its machine: the members that equal snapshots share. */
const plain = (snapshot: CmkSnapshot) => ({
  value: snapshot.value,
  context: snapshot.context,
  status: snapshot.status,
  tags: [...snapshot.tags].sort()
})

const plainVerdict = (verdict: Verdict) =>
  verdict._tag === "Decision" ? { ...plain(verdict.next), commands: verdict.commands } : verdict

/** The boundary where stored text becomes a snapshot: JSON has no types. */
const reread = (stored: StoredSnapshot): StoredSnapshot => JSON.parse(JSON.stringify(stored))

const allEvents = (configuration: Configuration): ReadonlyArray<CmkEvent> => [
  ...requests(configuration.now),
  ...facts(configuration),
  ...reports(configuration)
]

interface Named {
  readonly at: number
  readonly dueAt: number
  readonly epoch: number
}
const stray = (type: DeadlineKind, { at, dueAt, epoch }: Named): CmkEvent => ({
  type,
  at,
  dueAt,
  epoch,
  versionId: "stray"
})

/** Facts about other deadlines: moved, of another epoch, early, or never set. */
const strayFacts = ({ snapshot, now }: Configuration): ReadonlyArray<CmkEvent> => {
  const owed = deadlines(snapshot)
  const wrong = owed.flatMap(({ kind, dueAt, epoch }) => {
    const late = Math.max(dueAt, now)
    return [
      stray(kind, { at: late, dueAt, epoch: epoch - 1 }),
      stray(kind, { at: late, dueAt, epoch: epoch + 1 }),
      stray(kind, { at: late + 1, dueAt: dueAt + 1, epoch }),
      stray(kind, { at: late, dueAt: dueAt - 1, epoch }),
      stray(kind, { at: dueAt - 1, dueAt, epoch })
    ]
  })
  const { deletion, materialExpiry, nextRotation, epoch } = snapshot.context
  const kept = { DeletionDue: deletion, MaterialExpired: materialExpiry, RotationDue: nextRotation }
  const unowed = deadlineKinds.filter((kind) => owed.every((deadline) => deadline.kind !== kind))
  return [
    ...wrong,
    ...unowed.flatMap((kind) => {
      const { dueAt, epoch: armedIn } = kept[kind] ?? { dueAt: now, epoch }
      const at = now + 1_000 * day
      return [stray(kind, { at, dueAt, epoch: armedIn }), stray(kind, { at, dueAt: now, epoch })]
    })
  ]
}

describe.each(births)("a key that is %s", (_name, input) => {
  const { configurations, steps } = explorationOf(input)

  it("a key starts valid, with only the deadlines of its policy", () => {
    const first = create(input)
    expect(broken(first.next)).toEqual([])
    expect(first.commands).toEqual([])
    expect(deadlines(first.next).map((owed) => owed.kind)).toEqual(
      input.rotationIntervalMillis === null ? [] : ["RotationDue"]
    )
  })

  it("a key breaks no invariant in any configuration", () => {
    const faults = configurations
      .map(({ snapshot }) => ({ broken: broken(snapshot), stored: freeze(snapshot) }))
      .filter((found) => found.broken.length > 0)
    expect(faults).toEqual([])
  })

  it("a key answers every event in every configuration, and a query changes nothing", () => {
    for (const configuration of configurations) {
      const { snapshot } = configuration
      const before = JSON.stringify(plain(snapshot))
      for (const event of [...allEvents(configuration), ...strayFacts(configuration)]) {
        const verdict = decide(snapshot, event)
        expect(["Decision", "Refusal", "Stale"]).toContain(verdict._tag)
      }
      expect(JSON.stringify(plain(snapshot))).toBe(before)
    }
  })

  it("every accepted event adds exactly one to a key's epoch", () => {
    const jumps = steps.flatMap(({ from, event, verdict }) =>
      verdict._tag === "Decision" && verdict.next.context.epoch !== from.snapshot.context.epoch + 1 ? [event] : []
    )
    expect(jumps).toEqual([])
    expect(steps.some(({ verdict }) => verdict._tag === "Decision")).toBe(!input.serviceKey)
  })

  it("a key never changes its kind or forgets the fingerprint of its material", () => {
    for (const { from, verdict } of steps) {
      if (verdict._tag !== "Decision") continue
      const { origin, kind, spec, usage, protection, serviceKey, fingerprint } = from.snapshot.context
      expect(verdict.next.context).toMatchObject({ origin, kind, spec, usage, protection, serviceKey })
      if (fingerprint !== null) expect(verdict.next.context.fingerprint).toBe(fingerprint)
      expect(verdict.next.context.versionCount).toBeGreaterThanOrEqual(from.snapshot.context.versionCount)
    }
  })

  it("a key gives the same answers after storage as JSON", () => {
    for (const configuration of configurations) {
      const { snapshot } = configuration
      const stored = freeze(snapshot)
      const revived = revive(reread(stored))
      expect(plain(revived)).toEqual(plain(snapshot))
      expect(freeze(revived)).toEqual(stored)
      for (const event of [...allEvents(configuration), ...strayFacts(configuration)]) {
        expect(plainVerdict(decide(revived, event))).toEqual(plainVerdict(decide(snapshot, event)))
      }
    }
  })

  it("a key treats a fact as outdated that is early or has no deadline", () => {
    for (const configuration of configurations) {
      for (const event of strayFacts(configuration)) {
        expect({ event, verdict: decide(configuration.snapshot, event) }).toEqual({ event, verdict: { _tag: "Stale" } })
      }
    }
  })

  it("a key accepts every fact for one of its deadlines, however late, and clears the deadline", () => {
    for (const configuration of configurations) {
      for (const late of [0, 1, 3_650 * day]) {
        for (const event of facts({ ...configuration, now: configuration.now + late })) {
          const verdict = decide(configuration.snapshot, event)
          expect(verdict._tag).toBe("Decision")
          if (verdict._tag === "Decision") expect(decide(verdict.next, event)).toEqual({ _tag: "Stale" })
        }
      }
    }
  })

  it("the gate refuses exactly what the machine refuses, except for the content of the request", () => {
    for (const { from, event, verdict } of steps) {
      if (!isOperation(event.type)) continue
      const { snapshot } = from
      const refusal = refusalOf(event.type, snapshot)
      if (refusal !== undefined) expect(verdict).toEqual(refusal)
      // The gate is stricter in two places: service keys, and the number and spacing of versions.
      const stricter = snapshot.context.serviceKey || event.type === "CreateKeyVersion"
      if (stricter) expect(verdict._tag === "Decision" && !snapshot.can(event)).toBe(false)
      else expect({ event, accepted: verdict._tag === "Decision" }).toEqual({ event, accepted: snapshot.can(event) })
      if (!snapshot.can(event)) expect(() => step(snapshot, event)).toThrow(event.type)
    }
  })

  it("a request is refused for its content only because of deletion protection, other material or an early version", () => {
    for (const { from, event, verdict } of steps) {
      if (verdict._tag !== "Refusal" || !isOperation(event.type)) continue
      if (refusalOf(event.type, from.snapshot) !== undefined) continue
      const { deletionProtection, fingerprint, newestVersionAt } = from.snapshot.context
      const reasons = {
        ScheduleKeyDeletion: deletionProtection && verdict.code === "Rejected.StateModifiedFailed",
        ImportKeyMaterial: fingerprint !== null && verdict.code === "InvalidKeyMaterial",
        CreateKeyVersion: event.at - newestVersionAt < 7 * day && verdict.code === "Rejected.UnsupportedOperation"
      }
      expect(Object.entries(reasons)).toContainEqual([event.type, true])
    }
  })

  it("a refusal names the key's state and the legal states correctly", () => {
    const states = new Map(configurations.map(({ snapshot }) => [lifecycleOf(snapshot), snapshot]))
    for (const { snapshot } of configurations) {
      for (const operation of Object.keys(rules).filter(isOperation)) {
        const refusal = refusalOf(operation, snapshot)
        if (refusal === undefined) continue
        expect(refusal.keyState).toBe(lifecycleOf(snapshot))
        expect(refusal.hint).not.toBe("")
        expect(refusal.allowedStates).not.toContain(refusal.keyState)
        for (const state of refusal.allowedStates) {
          const there = states.get(state)
          expect(there === undefined ? "unreachable" : refusalOf(operation, there)).toBeUndefined()
        }
      }
    }
  })

  it("a Deleted key accepts no event, has no deadline and is not found", () => {
    const deleted = configurations.filter(({ snapshot }) => lifecycleOf(snapshot) === "Deleted")
    expect(deleted.length > 0).toBe(!input.serviceKey)
    for (const configuration of deleted) {
      const { snapshot } = configuration
      expect(deadlines(snapshot)).toEqual([])
      for (const event of requests(configuration.now)) {
        expect(decide(snapshot, event)).toMatchObject({ _tag: "Refusal", code: "Forbidden.KeyNotFound" })
      }
      for (const event of strayFacts(configuration)) expect(decide(snapshot, event)).toEqual({ _tag: "Stale" })
      for (const operation of Object.keys(rules).filter(isOperation)) {
        expect(refusalOf(operation, snapshot)?.code).toBe("Forbidden.KeyNotFound")
      }
    }
  })

  it("only the deadline of a schedule that was not cancelled deletes a key", () => {
    for (const { from, event, verdict } of steps) {
      if (verdict._tag !== "Decision" || lifecycleOf(verdict.next) !== "Deleted") continue
      expect(event.type).toBe("DeletionDue")
      expect(lifecycleOf(from.snapshot)).toBe("PendingDeletion")
      expect(event.at).toBeGreaterThanOrEqual(from.snapshot.context.deletion?.dueAt ?? Infinity)
      expect(verdict.commands).toEqual([{ _tag: "EraseMaterial" }, { _tag: "DropAliases" }])
    }
  })

  it("a key erases its material at each loss, and generates each counted version", () => {
    for (const { from, verdict } of steps) {
      if (verdict._tag !== "Decision") continue
      const before = from.snapshot.context
      const after = verdict.next.context
      const tags = verdict.commands.map((command) => command._tag)
      if (before.materialPresent && !after.materialPresent) expect(tags).toContain("EraseMaterial")
      if (after.materialPresent) expect(tags).not.toContain("EraseMaterial")
      expect(tags.includes("GenerateVersion")).toBe(after.versionCount > before.versionCount)
    }
  })

  it("a key is never both protected and PendingDeletion", () => {
    for (const { snapshot } of configurations) {
      expect(snapshot.context.deletionProtection && lifecycleOf(snapshot) === "PendingDeletion").toBe(false)
    }
  })
})

describe("the search", () => {
  it("the search reaches every state of both regions, with rotation set, suspended and overdue", () => {
    const all = births.flatMap(([, input]) => [...explorationOf(input).configurations])
    expect(new Set(all.map(({ snapshot }) => lifecycleOf(snapshot)))).toEqual(new Set(lifecycleStates))
    expect(new Set(all.map(({ snapshot }) => rotationOf(snapshot)))).toEqual(new Set(rotationStates))
    expect(all.some(({ snapshot, now }) => (snapshot.context.nextRotation?.dueAt ?? now) < now)).toBe(true)
    expect(all.every(({ now }) => now >= birth)).toBe(true)
  })

  it("the search never moves a service key: users may only read such keys", () => {
    for (const [, input] of births.filter(([, { serviceKey }]) => serviceKey)) {
      const { configurations } = explorationOf(input)
      const [first] = configurations
      expect(new Set(configurations.map(({ snapshot }) => snapshot))).toEqual(new Set([first?.snapshot]))
    }
  })
})
