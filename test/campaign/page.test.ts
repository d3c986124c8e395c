/** The page of reliability agrees with the stored results. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { attacks } from "./attacks.ts"
import { firstSeedAfter, pageOf } from "./page.ts"
import { readResults, readScores } from "./stored.ts"

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

const run = { name: "kills", size: 500, figures: "", holds: true, commit: "c", date: "d", machine: "m" }

describe("docs/reliability.md", () => {
  it("docs/reliability.md agrees with the stored results of the campaign", () => {
    expect(textOf("../../docs/reliability.md")).toBe(pageOf(readResults(), readScores()))
  })

  it("docs/reliability.md names each attack that was not run", () => {
    for (const { name } of attacks) expect(pageOf([], [])).toContain(`- \`${name}\`: `)
  })

  it("docs/reliability.md has the share of noticed changes of each group, and names the groups without one", () => {
    const stamp = { commit: "c", date: "d", machine: "m" }
    const page = pageOf([], [{ group: "context", mutants: 160, noticed: 152, judged: 5, unjudged: 3, ...stamp }])
    expect(page).toContain("| context | `src/domain/encryptionContext.ts` | 160 | 95.0 % | 5 | 3 | c | d |")
    expect(page).not.toContain("`mutants`: the group context")
    expect(page).toContain("`mutants`: the group timers")
  })

  it("docs/reliability.md says when a control does not fail", () => {
    expect(pageOf([{ ...run, name: "power-loss-unsynced", holds: false }], [])).toContain("DOES NOT FAIL")
  })

  it("docs/reliability.md adds the sizes of several runs, and lists each run", () => {
    const page = pageOf([run, { ...run, size: 400, commit: "later" }], [])
    expect(page).toContain("| `kills` | 900 kills | 2 | holds |")
    expect(page).toContain("| `kills` | 400 |  | holds | later |")
    expect(page).toContain("`kills` ran with 900; a whole campaign runs 10000.")
  })

  it("docs/reliability.md calls an attack broken if one of its runs found a fault", () => {
    expect(pageOf([{ ...run, holds: false }, run], [])).toContain("| `kills` | 1000 kills | 2 | BROKEN |")
  })

  it("a run begins with the seed after those of earlier runs", () => {
    expect(firstSeedAfter([])).toBe(1)
    expect(firstSeedAfter([run, { ...run, size: 0.2 }])).toBe(502)
  })
})
