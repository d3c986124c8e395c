/** The corners of a key's life, each as a sentence. */
import { describe, expect, it } from "vitest"
import { create, lifecycleOf, rotationOf } from "../../machines/cmk.ts"
import type { CmkInput } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { decide, kindOf, refusalOf } from "../../machines/permits.ts"
import {
  answer,
  birth,
  cancel,
  day,
  decided,
  disable,
  due,
  enable,
  encryptionPair,
  eraseMaterial,
  expiring,
  external,
  grown,
  importMaterial,
  led,
  protect,
  rotating,
  schedule,
  setRotation,
  signingPair,
  symmetric
} from "./keys.ts"

const allKinds: ReadonlyArray<readonly [string, CmkInput]> = [
  ["symmetric", symmetric],
  ["rotating", rotating],
  ["external", external],
  ["asymmetric", encryptionPair]
]

describe("a new key", () => {
  it("is Enabled when the service makes its material, and PendingImport when it is to be imported", () => {
    expect(lifecycleOf(create(symmetric).next)).toBe("Enabled")
    expect(lifecycleOf(create(signingPair).next)).toBe("Enabled")
    expect(lifecycleOf(create(external).next)).toBe("PendingImport")
  })

  it("rotates only if it is symmetric, of the service's making and has a policy", () => {
    const rotations = [rotating, symmetric, external, encryptionPair, { ...symmetric, serviceKey: true }]
    expect(rotations.map((input) => rotationOf(create(input).next))).toEqual([
      "Enabled",
      "Disabled",
      "Unsupported",
      "Unsupported",
      "Unsupported"
    ])
  })

  it("has a primary version exactly if it is symmetric and has material", () => {
    const primaries = [symmetric, external, encryptionPair].map((input) => create(input).next.context.primaryVersionId)
    expect(primaries).toEqual(["version-1", null, null])
    expect(grown(external, importMaterial(birth)).context.primaryVersionId).toBe("version-1")
  })

  it("is called symmetric, asymmetric or external, as the vendor's table groups keys", () => {
    expect(allKinds.map(([, input]) => kindOf(create(input).next))).toEqual([
      "symmetric",
      "symmetric",
      "external",
      "asymmetric"
    ])
  })
})

describe("enabling and disabling", () => {
  it("may be repeated, and each repetition is accepted", () => {
    const key = grown(symmetric, disable(birth), disable(birth), enable(birth), enable(birth))
    expect(lifecycleOf(key)).toBe("Enabled")
    expect(key.context.epoch).toBe(5)
  })
})

describe("cancelling a deletion", () => {
  it("leads to Enabled even if the key was Disabled before", () => {
    const key = grown(symmetric, disable(birth), schedule(birth), cancel(birth + day))
    expect(lifecycleOf(key)).toBe("Enabled")
    expect(key.context.deletion).toBeNull()
  })

  it("leads an external key whose material expired meanwhile to PendingImport", () => {
    const pending = grown(external, expiring, schedule(birth))
    const expired = led(pending, due(pending, "MaterialExpired"))
    expect(lifecycleOf(expired)).toBe("PendingDeletion")
    expect(lifecycleOf(led(expired, cancel(birth + 4 * day)))).toBe("PendingImport")
  })

  it("leads an external key whose material was deleted meanwhile to PendingImport", () => {
    const key = grown(external, expiring, schedule(birth), eraseMaterial(birth), cancel(birth))
    expect(lifecycleOf(key)).toBe("PendingImport")
  })

  it("leads an external key that never had material back to PendingImport", () => {
    expect(lifecycleOf(grown(external, schedule(birth), cancel(birth)))).toBe("PendingImport")
  })

  it("makes the deadline stale: an acknowledged cancel always wins", () => {
    const pending = grown(symmetric, schedule(birth))
    const fact = due(pending, "DeletionDue")
    expect(answer(led(pending, cancel(birth + 7 * day)), fact)).toBe("Stale")
  })

  it("makes it stale even if the deletion is scheduled again for the same instant", () => {
    const pending = grown(symmetric, schedule(birth, 30))
    const fact = due(pending, "DeletionDue")
    const again = led(pending, cancel(birth + 23 * day), schedule(birth + 23 * day, 7))
    expect(again.context.deletion?.dueAt).toBe(pending.context.deletion?.dueAt)
    expect(answer(again, fact)).toBe("Stale")
    expect(answer(again, due(again, "DeletionDue"))).toBe("Success")
  })

  it("comes too late once the deadline was carried out", () => {
    const pending = grown(symmetric, schedule(birth))
    expect(answer(led(pending, due(pending, "DeletionDue")), cancel(birth + 7 * day))).toBe("Forbidden.KeyNotFound")
  })
})

describe("deletion", () => {
  it.each(allKinds)(
    "of a key that is %s is carried out at its instant and not a millisecond before",
    (_name, input) => {
      const pending = grown(input, schedule(birth))
      const fact = due(pending, "DeletionDue")
      expect(fact.at).toBe(birth + 7 * day)
      expect(answer(pending, { ...fact, at: fact.at - 1 })).toBe("Stale")
      expect(lifecycleOf(led(pending, fact))).toBe("Deleted")
    }
  )

  it("takes material and aliases with it, and leaves nothing to rotate or expire", () => {
    const pending = grown(rotating, schedule(birth))
    const { next, commands } = decided(pending, due(pending, "DeletionDue"))
    expect(commands).toEqual([{ _tag: "EraseMaterial" }, { _tag: "DropAliases" }])
    expect(next.context).toMatchObject({ materialPresent: false, nextRotation: null, rotationIntervalMillis: null })
    expect(deadlines(next)).toEqual([])
  })

  it("cannot be scheduled twice: another date needs a cancel first", () => {
    const pending = grown(symmetric, schedule(birth))
    expect(answer(pending, schedule(birth, 30))).toBe("Rejected.StateModifiedFailed")
    expect(decide(pending, schedule(birth, 30))).toMatchObject({ hint: expect.stringContaining("CancelKeyDeletion") })
  })

  it.each(allKinds)("of a key that is %s is refused while deletion protection is on", (_name, input) => {
    const shielded = grown(input, protect(birth, true))
    expect(answer(shielded, schedule(birth))).toBe("Rejected.StateModifiedFailed")
    expect(decide(shielded, schedule(birth))).toMatchObject({ hint: expect.stringContaining("SetDeletionProtection") })
    expect(answer(led(shielded, protect(birth, false)), schedule(birth))).toBe("Success")
  })

  it("cannot be stopped by switching protection on afterwards", () => {
    expect(answer(grown(symmetric, schedule(birth)), protect(birth, true))).toBe("Rejected.PendingDeletion")
  })
})

describe("a key managed by a cloud service", () => {
  it("may be looked at and nothing else", () => {
    const key = create({ ...symmetric, serviceKey: true }).next
    expect(refusalOf("DescribeKey", key)).toBeUndefined()
    expect(refusalOf("Encrypt", key)?.code).toBe("UnsupportedOperation")
    for (const event of [disable(birth), schedule(birth), setRotation(birth, 30), protect(birth, true)]) {
      expect(answer(key, event)).toBe("UnsupportedOperation")
    }
  })
})
