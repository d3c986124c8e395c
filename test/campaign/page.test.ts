/** The page of reliability agrees with the stored results. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { attacks } from "./attacks.ts"
import { pageOf } from "./page.ts"
import { readResults, readScores } from "./stored.ts"

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

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
    const result = {
      name: "power-loss-unsynced",
      size: 1,
      figures: "",
      holds: false,
      commit: "",
      date: "",
      machine: ""
    }
    expect(pageOf([result], [])).toContain("DOES NOT FAIL")
  })
})
