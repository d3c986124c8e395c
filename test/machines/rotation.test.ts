/** New versions by schedule and by request, in each special case. */
import { describe, expect, it } from "vitest"
import { rotationOf } from "../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { asymmetricVersionsMax, versionSpacingMillis } from "../../machines/permits.ts"
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
  expiring,
  external,
  grown,
  led,
  rotating,
  schedule,
  setRotation,
  signingPair,
  symmetric
} from "./keys.ts"

const kindsOwed = (snapshot: CmkSnapshot) => deadlines(snapshot).map(({ kind }) => kind)

describe("a primary version at its message limit", () => {
  const told = (exhaustedVersionId: string): CmkEvent => ({
    type: "VersionExhausted",
    at: birth + day,
    exhaustedVersionId,
    versionId: "more"
  })
  const primaryOf = (key: CmkSnapshot): string => key.context.primaryVersionId ?? ""

  it("a primary version at its message limit gets a successor if a rotation policy is on", () => {
    const key = grown(rotating)
    const { next, commands } = decided(key, told(primaryOf(key)))
    expect(commands).toEqual([{ _tag: "GenerateVersion", versionId: "more", at: birth + day }])
    expect(next.context).toMatchObject({ versionCount: 2, primaryVersionId: "more", newestVersionAt: birth + day })
    expect(next.context.nextRotation).toEqual({ dueAt: birth + 31 * day, epoch: next.context.epoch })
    // Two equal reports, as from two simultaneous calls, create one version.
    expect(answer(next, told(primaryOf(key)))).toBe("Stale")
  })

  it.each([
    ["there is no policy", grown(symmetric)],
    ["the policy was lifted", grown(rotating, setRotation(birth, null))],
    ["the key is Disabled", grown(rotating, disable(birth))],
    ["the key is to be deleted", grown(rotating, schedule(birth, 7))],
    ["the key is external", grown(external)],
    ["the key is a pair", grown(signingPair)]
  ])("a version at its message limit stays primary if %s", (_why, key) => {
    expect(answer(key, told(primaryOf(key)))).toBe("Stale")
  })
})

describe("automatic rotation", () => {
  it("automatic rotation creates a primary version and sets the next rotation one interval later", () => {
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
  ])("automatic rotation is Suspended while the key is %s, and its date does not change", (_state, events) => {
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
  ])("automatic rotation resumes as soon as the key is %s", (_how, events) => {
    const key = grown(rotating, ...events)
    expect(rotationOf(key)).toBe("Enabled")
    expect(kindsOwed(key)).toEqual(["RotationDue"])
  })

  it("automatic rotation runs once after a resumption, not once for each missed interval", () => {
    const resumedAt = birth + 100 * day
    const resumed = grown(rotating, disable(birth + day), enable(resumedAt))
    const fact = due(resumed, "RotationDue", resumedAt)
    const rotated = led(resumed, fact)
    expect(rotated.context.versionCount).toBe(2)
    expect(rotated.context.nextRotation?.dueAt).toBe(resumedAt + 30 * day)
    expect(answer(rotated, fact)).toBe("Stale")
    expect(deadlines(rotated).filter(({ dueAt }) => dueAt <= resumedAt)).toEqual([])
  })

  it("a changed rotation policy counts from the newest version's instant, also into the past", () => {
    const at = birth + 20 * day
    const key = grown(rotating, setRotation(at, 7))
    expect(key.context.nextRotation?.dueAt).toBe(birth + 7 * day)
    const rotated = led(key, due(key, "RotationDue", at))
    expect(rotated.context.nextRotation?.dueAt).toBe(at + 7 * day)
  })

  it("automatic rotation stops with its policy, and a new policy has its own deadline", () => {
    const key = grown(rotating)
    const fact = due(key, "RotationDue")
    const stopped = led(key, setRotation(birth, null))
    expect([rotationOf(stopped), deadlines(stopped), answer(stopped, fact)]).toEqual(["Disabled", [], "Stale"])
    const again = led(stopped, setRotation(birth, 30))
    expect(answer(again, fact)).toBe("Stale")
    expect(answer(again, due(again, "RotationDue"))).toBe("Success")
  })

  it("automatic rotation can be switched off twice", () => {
    const key = grown(symmetric, setRotation(birth, null), setRotation(birth, null))
    expect([rotationOf(key), key.context.epoch]).toEqual(["Disabled", 3])
  })

  it("UpdateRotationPolicy refuses external keys, asymmetric keys and keys that are not Enabled", () => {
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

  it("CreateKeyVersion adds a version 7 days after the newest one, and not a millisecond earlier", () => {
    expect(versionSpacingMillis).toBe(7 * day)
    const key = grown(signingPair)
    expect(answer(key, addVersion(birth + 7 * day - 1))).toBe("Rejected.UnsupportedOperation")
    const second = led(key, addVersion(birth + 7 * day))
    expect(second.context).toMatchObject({ versionCount: 2, newestVersionAt: birth + 7 * day, primaryVersionId: null })
    expect(answer(second, addVersion(birth + 14 * day - 1))).toBe("Rejected.UnsupportedOperation")
    expect(answer(second, addVersion(birth + 14 * day))).toBe("Success")
  })

  it("CreateKeyVersion counts a version and requests its generation", () => {
    const event = addVersion(birth + 7 * day)
    expect(decided(grown(signingPair), event).commands).toEqual([
      { _tag: "GenerateVersion", versionId: `version-at-${event.at}`, at: event.at }
    ])
  })

  it("CreateKeyVersion is refused after 50 versions", () => {
    expect(asymmetricVersionsMax).toBe(50)
    const next = (versions: number): CmkEvent => addVersion(birth + versions * versionSpacingMillis)
    expect(grownOld(50).context.versionCount).toBe(50)
    expect(answer(grownOld(49), next(49))).toBe("Success")
    expect(answer(grownOld(50), next(50))).toBe("Rejected.LimitExceeded")
  })

  it("CreateKeyVersion checks the state before the kind, and the kind before the spacing", () => {
    expect(answer(grown(symmetric, disable(birth)), addVersion(birth))).toBe("Rejected.Disabled")
    expect(answer(grown(external), addVersion(birth))).toBe("Rejected.PendingImport")
    expect(answer(grown(symmetric), addVersion(birth + 30 * day))).toBe("Rejected.UnsupportedOperation")
    expect(answer(grown(signingPair, schedule(birth)), addVersion(birth))).toBe("Rejected.PendingDeletion")
  })
})
