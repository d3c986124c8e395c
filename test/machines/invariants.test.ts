/** Each invariant is broken by a configuration that contradicts its sentence, and by no other. */
import { describe, expect, it } from "vitest"
import { create, freeze, lifecycleOf, revive, rotationOf } from "../../machines/cmk.ts"
import type { CmkContext, CmkSnapshot, StoredSnapshot } from "../../machines/cmk.ts"
import { deadlines, isExpired, reversibility, storedDeadlines } from "../../machines/deadlines.ts"
import { broken, invariants } from "../../machines/invariants.ts"
import {
  birth,
  day,
  disable,
  due,
  encryptionPair,
  eraseMaterial,
  expiring,
  external,
  grown,
  rotating,
  schedule,
  symmetric
} from "./keys.ts"

/** A key as it could be read from a store that something else changed. */
const damaged = (
  key: CmkSnapshot,
  context: Partial<CmkContext>,
  value: Partial<StoredSnapshot["value"]> = {}
): CmkSnapshot => {
  const stored = freeze(key)
  return revive({ value: { ...stored.value, ...value }, context: { ...stored.context, ...context } })
}

const deadline = { dueAt: birth + day, epoch: 1 }
const own = grown(symmetric)
const ownDisabled = grown(symmetric, disable(birth))
const ownLeaving = grown(symmetric, schedule(birth))
const imported = grown(external, expiring)
const empty = grown(external)
const pair = grown(encryptionPair)
const turning = grown(rotating)
const turningDisabled = grown(rotating, disable(birth))
const gone = grown(symmetric, schedule(birth), due(ownLeaving, "DeletionDue"))
const emptyGone = damaged(gone, { origin: "EXTERNAL" })

const faults: ReadonlyArray<readonly [says: string, key: CmkSnapshot, broken: ReadonlyArray<string>]> = [
  [
    "is Enabled without its imported material",
    damaged(imported, { materialPresent: false, materialExpiry: null }),
    ["usable-has-material"]
  ],
  ["lost the material that the service made", damaged(ownDisabled, { materialPresent: false }), ["own-material-stays"]],
  [
    "is Enabled without the material that the service made",
    damaged(own, { materialPresent: false }),
    ["usable-has-material", "own-material-stays"]
  ],
  [
    "waits for an import although the service made it",
    damaged(own, {}, { lifecycle: "PendingImport" }),
    ["pending-import-is-external-and-empty"]
  ],
  [
    "waits for an import of the material that it has",
    damaged(empty, { materialPresent: true, fingerprint: "f" }),
    ["pending-import-is-external-and-empty"]
  ],
  [
    "is deleted and has material",
    damaged(emptyGone, { materialPresent: true, fingerprint: "f" }),
    ["deleted-holds-nothing"]
  ],
  [
    "is deleted and will expire",
    damaged(emptyGone, { materialExpiry: deadline }),
    ["deleted-holds-nothing", "expiry-needs-material"]
  ],
  ["is PendingDeletion without a date", damaged(ownLeaving, { deletion: null }), ["deletion-deadline-iff-pending"]],
  ["is Enabled with a deletion date", damaged(own, { deletion: deadline }), ["deletion-deadline-iff-pending"]],
  ["is Disabled with a deletion date", damaged(ownDisabled, { deletion: deadline }), ["deletion-deadline-iff-pending"]],
  ["has material of the service that expires", damaged(own, { materialExpiry: deadline }), ["expiry-needs-material"]],
  ["waits for an import and will expire", damaged(empty, { materialExpiry: deadline }), ["expiry-needs-material"]],
  ["is a pair with a primary version", damaged(pair, { primaryVersionId: "version-1" }), ["primary-iff-symmetric"]],
  [
    "is a Disabled pair with a primary version",
    damaged(pair, { primaryVersionId: "version-1" }, { lifecycle: "Disabled" }),
    ["primary-iff-symmetric"]
  ],
  ["is Enabled without a primary version", damaged(own, { primaryVersionId: null }), ["primary-iff-symmetric"]],
  [
    "is Enabled with Suspended rotation",
    damaged(turning, {}, { rotation: "Suspended" }),
    ["suspended-iff-not-enabled"]
  ],
  [
    "is Disabled and goes on rotating",
    damaged(turningDisabled, {}, { rotation: "Enabled" }),
    ["suspended-iff-not-enabled"]
  ],
  [
    "has Suspended rotation without a policy",
    damaged(ownDisabled, {}, { rotation: "Suspended" }),
    ["suspended-iff-not-enabled"]
  ],
  [
    "has a policy and no date of the next rotation",
    damaged(turning, { nextRotation: null }),
    ["rotation-armed-iff-policy"]
  ],
  [
    "has a date of the next rotation and no policy",
    damaged(own, { nextRotation: deadline }),
    ["rotation-armed-iff-policy"]
  ],
  [
    "is a pair with a rotation policy",
    damaged(pair, { rotationIntervalMillis: day, nextRotation: deadline }),
    ["unsupported-never-rotates"]
  ],
  [
    "has imported material without a fingerprint",
    damaged(imported, { fingerprint: null }),
    ["material-has-fingerprint"]
  ],
  ["is external and has two versions", damaged(imported, { versionCount: 2 }), ["a-key-has-a-version"]],
  ["is external and has no version", damaged(imported, { versionCount: 0 }), ["a-key-has-a-version"]],
  ["has no version", damaged(own, { versionCount: 0 }), ["a-key-has-a-version"]]
]

const sound: ReadonlyArray<readonly [says: string, key: CmkSnapshot]> = [
  ["has many versions", damaged(own, { versionCount: 50 })],
  ["is Disabled without a primary version", damaged(ownDisabled, { primaryVersionId: null })],
  ["is deleted with a policy that is still Suspended", damaged(gone, {}, { rotation: "Suspended" })],
  ["waits for its second import", grown(external, expiring, eraseMaterial(birth))],
  ["has imported material", imported]
]

describe("the invariants of a key", () => {
  it.each(faults)("the invariants name what is wrong with a key that %s", (_says, key, ids) => {
    expect(broken(key)).toEqual(ids)
  })

  it.each(sound)("the invariants find nothing wrong with a key that %s", (_says, key) => {
    expect(broken(key)).toEqual([])
  })

  it("every invariant is broken by one of the damaged keys", () => {
    const found = new Set(faults.flatMap(([, , ids]) => ids))
    expect([...found].toSorted()).toEqual(invariants.map(({ id }) => id).toSorted())
  })

  it("every invariant has a separate sentence", () => {
    for (const { sentence } of invariants) expect(sentence).toMatch(/^[A-Z].* .*\.$/)
    expect(new Set(invariants.map(({ sentence }) => sentence)).size).toBe(invariants.length)
  })
})

describe("the deadlines of a key", () => {
  const kindsOf = (key: CmkSnapshot) => deadlines(key).map(({ kind }) => kind)

  it("a key has the deadlines that its state lets happen", () => {
    expect(kindsOf(damaged(ownLeaving, { deletion: null }))).toEqual([])
    expect(kindsOf(damaged(own, { deletion: deadline }))).toEqual([])
    expect(kindsOf(damaged(turning, { nextRotation: null }))).toEqual([])
    expect(kindsOf(turningDisabled)).toEqual([])
    expect(kindsOf(imported)).toEqual(["MaterialExpired"])
    expect(kindsOf(turning)).toEqual(["RotationDue"])
    expect(kindsOf(grown(external, expiring, schedule(birth)))).toEqual(["DeletionDue", "MaterialExpired"])
    expect(kindsOf(gone)).toEqual([])
  })

  it("a stored key has the same deadlines as its snapshot", () => {
    for (const key of [own, imported, ownLeaving, turning]) {
      expect(storedDeadlines(freeze(key))).toEqual(deadlines(key))
    }
  })

  it("deletion and expiry are irreversible, and rotation is not", () => {
    expect(reversibility).toEqual({
      DeletionDue: "irreversible",
      MaterialExpired: "irreversible",
      RotationDue: "reversible"
    })
  })

  it("material is expired from its deadline on", () => {
    const at = birth + 3 * day
    expect([at - 1, at, at + 1].map((now) => isExpired(imported, now))).toEqual([false, true, true])
    expect(isExpired(own, at)).toBe(false)
  })
})

describe("a snapshot in a state that no key rests in", () => {
  const creating = { ...create(symmetric).next, value: { lifecycle: "Creating", rotation: "Choosing" } } as const

  it("a snapshot in a state that no key rests in is refused with its value", () => {
    expect(() => lifecycleOf(creating)).toThrow(/cannot rest in .*Creating/)
    expect(() => rotationOf(creating)).toThrow(/cannot rest in .*Choosing/)
  })
})
