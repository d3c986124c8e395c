/** The page of performance and its pictures agree with the stored run. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { readManyKeysRun } from "./manyKeysPage.ts"
import { performancePage, picturesOf, readRun } from "./loadPage.ts"

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8")
const run = readRun(textOf("load.json"))

describe("docs/performance.md", () => {
  it("docs/performance.md agrees with the stored run", () => {
    expect(textOf("../../docs/performance.md")).toBe(performancePage(run, readManyKeysRun(textOf("tenMillion.json"))))
  })

  it("the pictures of docs/performance.md agree with the stored run", () => {
    for (const [name, picture] of Object.entries(picturesOf(run))) {
      expect(textOf(`../../docs/images/${name}`)).toBe(picture)
    }
  })

  it("a picture has a bar for each result, and the longest bar fills the width", () => {
    for (const picture of Object.values(picturesOf(run))) {
      const widths = [...picture.matchAll(/<rect [^>]*width="(\d+)"/g)].map(([, width]) => Number(width))
      expect([widths.length, Math.max(...widths)]).toEqual([run.results.length, 380])
    }
  })
})
