/** Imported material: import, expiry, deletion and re-import in each state. */
import { describe, expect, it } from "vitest"
import { lifecycleOf } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { refusalOf } from "../../machines/permits.ts"
import {
  answer,
  birth,
  cancel,
  day,
  decided,
  disable,
  due,
  encryptionPair,
  eraseMaterial,
  expiring,
  external,
  grown,
  importMaterial,
  led,
  schedule,
  symmetric
} from "./keys.ts"

describe("imported material", () => {
  it("a Disabled key becomes PendingImport when its imported material expires", () => {
    const disabled = grown(external, expiring, disable(birth))
    const { next, commands } = decided(disabled, due(disabled, "MaterialExpired"))
    expect(lifecycleOf(next)).toBe("PendingImport")
    expect(commands).toEqual([{ _tag: "EraseMaterial" }])
  })

  it("an Enabled key becomes PendingImport when its imported material expires, to the millisecond", () => {
    const key = grown(external, expiring)
    const fact = due(key, "MaterialExpired")
    expect(answer(key, { ...fact, at: fact.at - 1 })).toBe("Stale")
    expect(lifecycleOf(led(key, fact))).toBe("PendingImport")
  })

  it("material that expires in PendingDeletion is erased, and the key's state and date stay", () => {
    const pending = grown(external, expiring, schedule(birth))
    const { next, commands } = decided(pending, due(pending, "MaterialExpired"))
    expect(lifecycleOf(next)).toBe("PendingDeletion")
    expect(next.context.deletion).toEqual(pending.context.deletion)
    expect(next.context.materialPresent).toBe(false)
    expect(commands).toEqual([{ _tag: "EraseMaterial" }])
    expect(answer(next, due(next, "DeletionDue"))).toBe("Success")
  })

  it("deleted material has no expiry", () => {
    const key = grown(external, expiring)
    const fact = due(key, "MaterialExpired")
    const erased = led(key, eraseMaterial(birth + day))
    expect(lifecycleOf(erased)).toBe("PendingImport")
    expect(deadlines(erased)).toEqual([])
    expect(answer(erased, fact)).toBe("Stale")
  })

  it("DeleteKeyMaterial works in every state, also without material", () => {
    const keys = [
      grown(external),
      grown(external, expiring),
      grown(external, expiring, disable(birth)),
      grown(external, expiring, schedule(birth)),
      grown(external, schedule(birth))
    ]
    expect(keys.map((key) => answer(key, eraseMaterial(birth)))).toEqual(keys.map(() => "Success"))
  })

  it("ImportKeyMaterial makes a PendingImport key Enabled, also if the key was Disabled before", () => {
    const key = grown(external, expiring, disable(birth), eraseMaterial(birth), importMaterial(birth))
    expect(lifecycleOf(key)).toBe("Enabled")
  })

  it("importing the same bytes keeps a Disabled key Disabled and sets a new expiry", () => {
    const disabled = grown(external, expiring, disable(birth))
    const old = due(disabled, "MaterialExpired")
    const renewed = led(disabled, importMaterial(birth + day, { expiresAt: birth + 9 * day }))
    expect(lifecycleOf(renewed)).toBe("Disabled")
    expect(renewed.context.materialExpiry?.dueAt).toBe(birth + 9 * day)
    expect(answer(renewed, old)).toBe("Stale")
  })

  it("a new import without an expiry never expires, and otherwise only by the new deadline", () => {
    const key = grown(external, expiring)
    const old = due(key, "MaterialExpired")
    expect(deadlines(led(key, importMaterial(birth)))).toEqual([])
    const same = led(key, expiring)
    expect(answer(same, old)).toBe("Stale")
    expect(answer(same, due(same, "MaterialExpired"))).toBe("Success")
  })

  it("ImportKeyMaterial refuses different bytes, also after deletion, after expiry and while Disabled", () => {
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

  it("ImportKeyMaterial is refused in PendingDeletion", () => {
    const pending = grown(external, expiring, schedule(birth))
    for (const fingerprint of ["first", "other"]) {
      expect(answer(pending, importMaterial(birth, { fingerprint }))).toBe("Rejected.StateModifiedFailed")
    }
  })

  it("ImportKeyMaterial refuses the origin of other keys before checking the state", () => {
    for (const input of [symmetric, encryptionPair]) {
      for (const key of [grown(input), grown(input, disable(birth)), grown(input, schedule(birth))]) {
        expect(answer(key, importMaterial(birth))).toBe("Unsupported.Origin")
        expect(answer(key, eraseMaterial(birth))).toBe("Unsupported.Origin")
        expect(refusalOf("GetParametersForImport", key)?.code).toBe("Unsupported.Origin")
      }
    }
  })
})
