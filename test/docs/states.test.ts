/** The generated pages in docs/ are up to date. */
import { existsSync, readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { cmkMachine } from "../../machines/cmk.ts"
import { invariants } from "../../machines/invariants.ts"
import { drawings } from "../../src/visualizer/legends.ts"
import { toMermaid } from "../../src/visualizer/writers/mermaid.ts"
import { stateTableMarkdown } from "../../src/visualizer/keys/stateTable.ts"
import { generateStatesPage } from "../../src/development/docs/statesPage.ts"
import { pages, staleFiles } from "../../src/development/docs/writeDocs.ts"

const committed = (path: string): string => {
  const file = new URL(`../../${path}`, import.meta.url)
  return existsSync(file) ? readFileSync(file, "utf8") : ""
}

describe("a generated page", () => {
  it.each(pages)("the generated page %s is up to date", async (path, generate) => {
    expect(committed(path), `${path} is out of date: run \`npm run docs\` and commit it`).toBe(await generate())
  })

  it("each generated page is listed once, and docs/states.md is listed", () => {
    const paths = pages.map(([path]) => path)
    expect(paths).toContain("docs/states.md")
    expect(new Set(paths).size).toBe(paths.length)
  })
})

describe("the folders of generated files", () => {
  it("the folders of generated files hold no other files", () => {
    expect(staleFiles()).toEqual([])
  })
})

describe("docs/states.md", () => {
  const page = generateStatesPage()

  it("docs/states.md has the drawing, the tables and every invariant", () => {
    expect(page).toContain(`\`\`\`mermaid\n${toMermaid(drawings.cmk)}\`\`\``)
    expect(page).toContain(stateTableMarkdown())
    for (const { id, sentence } of invariants) expect(page).toContain(`- ${sentence} (\`${id}\`)`)
  })

  it("docs/states.md describes every state that is drawn", () => {
    const regions = Object.values(cmkMachine.root.states).map((region) => Object.values(region.states))
    expect(regions.map((states) => states.length)).toEqual([6, 5])
    for (const { key, description, always = [] } of regions.flat()) {
      const passing = always.some(({ guard }) => guard === undefined)
      expect(page.includes(`| \`${key}\` | ${description ?? ""} |`)).toBe(!passing)
      if (!passing) expect(description ?? "").not.toBe("")
    }
  })

  it("docs/states.md says what each deadline does to the key", () => {
    for (const moves of [
      "| `DeletionDue` | PendingDeletion → Deleted |",
      "| `MaterialExpired` | Enabled → PendingImport<br/>Disabled → PendingImport<br/>PendingDeletion → PendingDeletion |",
      "| `RotationDue` | Enabled → Enabled |"
    ]) {
      expect(page).toContain(moves)
    }
  })

  it("docs/states.md has tables whose rows have as many cells as their header", () => {
    const widths = page
      .split(/\n\n/u)
      .filter((block) => block.startsWith("| "))
      .map(
        (block) =>
          new Set(
            block
              .trim()
              .split("\n")
              .map((line) => line.split(" | ").length)
          )
      )
    expect(widths.length).toBeGreaterThan(6)
    expect(widths.filter(({ size }) => size !== 1)).toEqual([])
  })
})
