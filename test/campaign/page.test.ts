/** The page of reliability agrees with the stored results. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { attacks } from "./attacks.ts"
import { pageOf, readResults } from "./page.ts"

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

describe("docs/reliability.md", () => {
  it("docs/reliability.md agrees with the stored results of the campaign", () => {
    expect(textOf("../../docs/reliability.md")).toBe(pageOf(readResults(textOf("results.json"))))
  })

  it("docs/reliability.md names each attack that was not run", () => {
    for (const { name } of attacks) expect(pageOf([])).toContain(`- \`${name}\`: `)
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
    expect(pageOf([result])).toContain("DOES NOT FAIL")
  })
})
