/** The corners of a key's life, each as a sentence. */
import { describe, expect, it } from "vitest"
import { create, lifecycleOf, rotationOf } from "../../machines/cmk.ts"
import type { CmkEvent, CmkInput, CmkSnapshot } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { asymmetricVersionsMax, decide, kindOf, refusalOf, versionSpacingMillis } from "../../machines/permits.ts"
import {
  addVersion,
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

const kindsOwed = (snapshot: CmkSnapshot) => deadlines(snapshot).map(({ kind }) => kind)
const allKinds: ReadonlyArray<readonly [string, CmkInput]> = [
  ["symmetric", symmetric],
  ["rotating", rotating],
  ["external", external],
  ["asymmetric", encryptionPair]
]
const expiring = importMaterial(birth, { expiresAt: birth + 3 * day })

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

describe("imported material", () => {
  it("that expires while the key is Disabled leaves it PendingImport", () => {
    const disabled = grown(external, expiring, disable(birth))
    const { next, commands } = decided(disabled, due(disabled, "MaterialExpired"))
    expect(lifecycleOf(next)).toBe("PendingImport")
    expect(commands).toEqual([{ _tag: "EraseMaterial" }])
  })

  it("that expires while the key is Enabled leaves it PendingImport, and not a millisecond early", () => {
    const key = grown(external, expiring)
    const fact = due(key, "MaterialExpired")
    expect(answer(key, { ...fact, at: fact.at - 1 })).toBe("Stale")
    expect(lifecycleOf(led(key, fact))).toBe("PendingImport")
  })

  it("that expires in PendingDeletion is erased, and the key keeps its state and its date", () => {
    const pending = grown(external, expiring, schedule(birth))
    const { next, commands } = decided(pending, due(pending, "MaterialExpired"))
    expect(lifecycleOf(next)).toBe("PendingDeletion")
    expect(next.context.deletion).toEqual(pending.context.deletion)
    expect(next.context.materialPresent).toBe(false)
    expect(commands).toEqual([{ _tag: "EraseMaterial" }])
    expect(answer(next, due(next, "DeletionDue"))).toBe("Success")
  })

  it("deleted by hand no longer expires", () => {
    const key = grown(external, expiring)
    const fact = due(key, "MaterialExpired")
    const erased = led(key, eraseMaterial(birth + day))
    expect(lifecycleOf(erased)).toBe("PendingImport")
    expect(deadlines(erased)).toEqual([])
    expect(answer(erased, fact)).toBe("Stale")
  })

  it("may be deleted in every state, even where there is none", () => {
    const keys = [
      grown(external),
      grown(external, expiring),
      grown(external, expiring, disable(birth)),
      grown(external, expiring, schedule(birth)),
      grown(external, schedule(birth))
    ]
    expect(keys.map((key) => answer(key, eraseMaterial(birth)))).toEqual(keys.map(() => "Success"))
  })

  it("makes a PendingImport key Enabled, even one that was Disabled before it lost its material", () => {
    const key = grown(external, expiring, disable(birth), eraseMaterial(birth), importMaterial(birth))
    expect(lifecycleOf(key)).toBe("Enabled")
  })

  it("imported again as the same bytes keeps a Disabled key Disabled and sets the expiry anew", () => {
    const disabled = grown(external, expiring, disable(birth))
    const old = due(disabled, "MaterialExpired")
    const renewed = led(disabled, importMaterial(birth + day, { expiresAt: birth + 9 * day }))
    expect(lifecycleOf(renewed)).toBe("Disabled")
    expect(renewed.context.materialExpiry?.dueAt).toBe(birth + 9 * day)
    expect(answer(renewed, old)).toBe("Stale")
  })

  it("imported again without an expiry never expires, and with the same expiry only by the new deadline", () => {
    const key = grown(external, expiring)
    const old = due(key, "MaterialExpired")
    expect(deadlines(led(key, importMaterial(birth)))).toEqual([])
    const same = led(key, expiring)
    expect(answer(same, old)).toBe("Stale")
    expect(answer(same, due(same, "MaterialExpired"))).toBe("Success")
  })

  it("of different bytes is InvalidKeyMaterial, even after deletion, after expiry and while Disabled", () => {
    const key = grown(external, expiring)
    const keys = [
      key,
      led(key, eraseMaterial(birth)),
      led(key, due(key, "MaterialExpired")),
      led(key, disable(birth)),
      led(key, schedule(birth), eraseMaterial(birth), cancel(birth))
    ]
    const other = importMaterial(birth + 5 * day, { fingerprint: "other" })
    expect(keys.map((each) => answer(each, other))).toEqual(keys.map(() => "InvalidKeyMaterial"))
    expect(keys.map((each) => answer(each, importMaterial(birth + 5 * day)))).toEqual(keys.map(() => "Success"))
  })

  it("cannot arrive in PendingDeletion, whatever its bytes", () => {
    const pending = grown(external, expiring, schedule(birth))
    for (const fingerprint of ["first", "other"]) {
      expect(answer(pending, importMaterial(birth, { fingerprint }))).toBe("Rejected.StateModifiedFailed")
    }
  })

  it("is for external keys: others are told of their origin before their state", () => {
    for (const input of [symmetric, encryptionPair]) {
      for (const key of [grown(input), grown(input, disable(birth)), grown(input, schedule(birth))]) {
        expect(answer(key, importMaterial(birth))).toBe("Unsupported.Origin")
        expect(answer(key, eraseMaterial(birth))).toBe("Unsupported.Origin")
        expect(refusalOf("GetParametersForImport", key)?.code).toBe("Unsupported.Origin")
      }
    }
  })
})

describe("automatic rotation", () => {
  it("makes a version, makes it primary, and sets the next for one interval after", () => {
    const key = grown(rotating)
    const { next, commands } = decided(key, due(key, "RotationDue"))
    const at = birth + 30 * day
    expect(commands).toEqual([{ _tag: "GenerateVersion", versionId: next.context.newestVersionId, at }])
    expect(next.context).toMatchObject({ versionCount: 2, newestVersionAt: at })
    expect(next.context.primaryVersionId).toBe(next.context.newestVersionId)
    expect(next.context.nextRotation).toEqual({ dueAt: at + 30 * day, epoch: next.context.epoch })
  })

  it.each([
    ["Disabled", [disable(birth)]],
    ["PendingDeletion", [schedule(birth, 30)]],
    ["PendingDeletion after Disabled", [disable(birth), schedule(birth, 30)]]
  ])("is Suspended while the key is %s: nothing is due, and the date is kept", (_state, events) => {
    const key = grown(rotating)
    const fact = due(key, "RotationDue")
    const suspended = led(key, ...events)
    expect(rotationOf(suspended)).toBe("Suspended")
    expect(kindsOwed(suspended)).not.toContain("RotationDue")
    expect(answer(suspended, fact)).toBe("Stale")
    expect(suspended.context.nextRotation).toEqual(key.context.nextRotation)
  })

  it.each([
    ["enabled again", [disable(birth), enable(birth + 100 * day)]],
    ["saved from deletion", [schedule(birth, 30), cancel(birth + 29 * day)]]
  ])("is back in force as soon as the key is %s", (_how, events) => {
    const key = grown(rotating, ...events)
    expect(rotationOf(key)).toBe("Enabled")
    expect(kindsOwed(key)).toEqual(["RotationDue"])
  })

  it("that is past due runs once after the key is resumed, not once an interval missed", () => {
    const resumedAt = birth + 100 * day
    const resumed = grown(rotating, disable(birth + day), enable(resumedAt))
    const fact = due(resumed, "RotationDue", resumedAt)
    const rotated = led(resumed, fact)
    expect(rotated.context.versionCount).toBe(2)
    expect(rotated.context.nextRotation?.dueAt).toBe(resumedAt + 30 * day)
    expect(answer(rotated, fact)).toBe("Stale")
    expect(deadlines(rotated).filter(({ dueAt }) => dueAt <= resumedAt)).toEqual([])
  })

  it("follows a changed policy from the newest version's instant, even into the past", () => {
    const at = birth + 20 * day
    const key = grown(rotating, setRotation(at, 7))
    expect(key.context.nextRotation?.dueAt).toBe(birth + 7 * day)
    const rotated = led(key, due(key, "RotationDue", at))
    expect(rotated.context.nextRotation?.dueAt).toBe(at + 7 * day)
  })

  it("stops with its policy, and a policy that comes back has a deadline of its own", () => {
    const key = grown(rotating)
    const fact = due(key, "RotationDue")
    const stopped = led(key, setRotation(birth, null))
    expect([rotationOf(stopped), deadlines(stopped), answer(stopped, fact)]).toEqual(["Disabled", [], "Stale"])
    const again = led(stopped, setRotation(birth, 30))
    expect(answer(again, fact)).toBe("Stale")
    expect(answer(again, due(again, "RotationDue"))).toBe("Success")
  })

  it("switched off twice is off, and each call is accepted", () => {
    const key = grown(symmetric, setRotation(birth, null), setRotation(birth, null))
    expect([rotationOf(key), key.context.epoch]).toEqual(["Disabled", 3])
  })

  it("has no policy to set on external and asymmetric keys, and none on a key that is not Enabled", () => {
    const policy = setRotation(birth, 30)
    expect(answer(grown(external, expiring), policy)).toBe("Rejected.UnsupportedOperation")
    expect(answer(grown(external), policy)).toBe("Rejected.PendingImport")
    expect(answer(grown(encryptionPair), policy)).toBe("Rejected.UnsupportedOperation")
    expect(answer(grown(symmetric, disable(birth)), policy)).toBe("Rejected.Disabled")
    expect(answer(grown(symmetric, schedule(birth)), policy)).toBe("Rejected.PendingDeletion")
  })
})

describe("CreateKeyVersion", () => {
  const grownOld = (versions: number): CmkSnapshot => {
    const events = Array.from({ length: versions - 1 }, (_, index) =>
      addVersion(birth + (index + 1) * versionSpacingMillis)
    )
    return grown(signingPair, ...events)
  }

  it("adds a version 7 days after the newest one, and not a millisecond earlier", () => {
    expect(versionSpacingMillis).toBe(7 * day)
    const key = grown(signingPair)
    expect(answer(key, addVersion(birth + 7 * day - 1))).toBe("Rejected.UnsupportedOperation")
    const second = led(key, addVersion(birth + 7 * day))
    expect(second.context).toMatchObject({ versionCount: 2, newestVersionAt: birth + 7 * day, primaryVersionId: null })
    expect(answer(second, addVersion(birth + 14 * day - 1))).toBe("Rejected.UnsupportedOperation")
    expect(answer(second, addVersion(birth + 14 * day))).toBe("Success")
  })

  it("orders the version it counts", () => {
    const event = addVersion(birth + 7 * day)
    expect(decided(grown(signingPair), event).commands).toEqual([
      { _tag: "GenerateVersion", versionId: `version-at-${event.at}`, at: event.at }
    ])
  })

  it("stops at 50 versions", () => {
    expect(asymmetricVersionsMax).toBe(50)
    const next = (versions: number): CmkEvent => addVersion(birth + versions * versionSpacingMillis)
    expect(grownOld(50).context.versionCount).toBe(50)
    expect(answer(grownOld(49), next(49))).toBe("Success")
    expect(answer(grownOld(50), next(50))).toBe("Rejected.LimitExceeded")
  })

  it("is refused by state before kind, and by kind before spacing", () => {
    expect(answer(grown(symmetric, disable(birth)), addVersion(birth))).toBe("Rejected.Disabled")
    expect(answer(grown(external), addVersion(birth))).toBe("Rejected.PendingImport")
    expect(answer(grown(symmetric), addVersion(birth + 30 * day))).toBe("Rejected.UnsupportedOperation")
    expect(answer(grown(signingPair, schedule(birth)), addVersion(birth))).toBe("Rejected.PendingDeletion")
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
