/** The page of performance and its pictures say what the stored run says. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { performancePage, picturesOf, readRun } from "./loadPage.ts"

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")
const run = readRun(textOf("load.json"))

describe("the page of performance", () => {
  it("is what the stored run makes of it", () => {
    expect(textOf("../../docs/performance.md")).toBe(performancePage(run))
  })

  it("shows the pictures that the stored run makes", () => {
    for (const [name, picture] of Object.entries(picturesOf(run))) {
      expect(textOf(`../../docs/images/${name}`)).toBe(picture)
    }
  })

  it("has a bar for each result, the longest of which fills the width", () => {
    for (const picture of Object.values(picturesOf(run))) {
      const widths = [...picture.matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, width]) => Number(width))
      expect([widths.length, Math.max(...widths)]).toEqual([run.results.length, 380])
    }
  })
})
