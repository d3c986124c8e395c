/** The page of reliability says what the stored results say. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { attacks } from "./attacks.ts"
import { pageOf, readResults } from "./page.ts"

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")

describe("the page of reliability", () => {
  it("is what the stored results make of it", () => {
    expect(textOf("../../docs/reliability.md")).toBe(pageOf(readResults(textOf("results.json"))))
  })

  it("names each attack that was not run", () => {
    for (const { name } of attacks) expect(pageOf([])).toContain(`- \`${name}\`: `)
  })

  it("says when a control does not fail", () => {
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
