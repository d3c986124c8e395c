/** The suite finds seeded faults: a few of them here, all of them in `npm run conformance:power`. */
import { describe, expect, it } from "vitest"
import type { LawId } from "../../src/conformance/lawbook/laws.ts"
import { faultClasses, occurrences, patched, unguarded } from "./power/fault.ts"
import { allFaults } from "./power/faults.ts"
import { readSeeded } from "../../src/development/docs/laws/seeded.ts"
import { faultsByLaw, trial } from "./power/power.ts"

describe("seeded faults", () => {
  it("the seeded faults cover every class, and have unique names", () => {
    expect(allFaults.length).toBeGreaterThanOrEqual(363)
    expect(new Set(allFaults.map(({ fault }) => fault.id)).size).toBe(allFaults.length)
    for (const each of faultClasses) expect(allFaults.filter(({ of }) => of === each).length).toBeGreaterThanOrEqual(3)
  })

  it.for(allFaults.map(({ fault }) => [fault.id, fault] as const))("the seeded fault %s still applies", ([, fault]) => {
    expect(fault.patches.map((patch) => occurrences(patch))).toEqual(fault.patches.map(() => 1))
    for (const { find, replace } of fault.patches) expect(replace).not.toBe(find)
  })

  it("the pages of the laws list the seeded faults", () => {
    expect(readSeeded().faults).toEqual(faultsByLaw())
  })

  it("a seeded fault whose text is absent fails with an error", () => {
    const fault = { id: "gone", does: "", law: "KMS-LC-003", patches: [unguarded] } as const
    expect(() => patched(fault, unguarded.file, "nothing of the kind")).toThrow("its text is 0 times")
    expect(() => patched(fault, unguarded.file, unguarded.find.repeat(2))).toThrow("its text is 2 times")
  })
})

describe("faults that the suite catches", () => {
  it.for([
    ["cancel-leaves-disabled", "KMS-DEL-007", 4],
    ["deletion-never-carried-out", "KMS-DEL-010", 4],
    ["context-not-authenticated", "KMS-CTX-003", 3],
    ["policies-stored-not-enforced", "KMS-AC-001", 2],
    ["revocation-lost-on-restart", "KMS-LC-010", 5],
    ["plaintext-trimmed", "KMS-CTX-018", 3],
    ["replays-answered", "KMS-WIR-001", 3]
  ] as const satisfies ReadonlyArray<readonly [string, LawId, number]>)(
    "the suite catches %s",
    async ([id, law, length]) => {
      const verdict = await trial(id)
      expect(verdict).toMatchObject({ outcome: "caught", law, unused: [] })
      expect(verdict.steps.length).toBeLessThanOrEqual(length)
    }
  )

  it("the suite finds nothing in the unchanged engine", async () => {
    expect(await trial("control", "http")).toMatchObject({ outcome: "clean", law: "" })
  })
})
