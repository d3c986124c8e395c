/** How a report of mutants is read and judged. */
import { globSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { groups } from "./groups.ts"
import { mutantsOf, percentOf, scoreOf } from "./report.ts"

const source = "const a = 1\nconst isLate = at >= due\n"
const at = { start: { line: 2, column: 16 }, end: { line: 2, column: 25 } }
const mutant = (status: string, replacement: string) => ({ mutatorName: "Equality", replacement, status, location: at })

const report = JSON.stringify({
  files: {
    "src/a.ts": {
      source,
      mutants: [
        mutant("Killed", "at < due"),
        mutant("Survived", "at > due"),
        mutant("NoCoverage", "true"),
        mutant("Ignored", "")
      ]
    }
  }
})

describe("a report of mutants", () => {
  it("the mutant report names the code of each mutant and its replacement", () => {
    expect(mutantsOf(report)[1]).toStrictEqual({
      file: "src/a.ts",
      line: 2,
      mutator: "Equality",
      original: "at >= due",
      replacement: "at > due",
      status: "Survived"
    })
  })

  it("the mutant report counts survivors and untested mutants, with and without a reason", () => {
    const reasons = [{ file: "src/a.ts", original: "at >= due", replacement: "at > due", reason: "equal instants" }]
    const score = scoreOf(mutantsOf(report), reasons)
    expect(score.counted).toBe(3)
    expect(percentOf(score)).toBeCloseTo(100 / 3)
    expect(score.judged.map(({ replacement }) => replacement)).toStrictEqual(["at > due"])
    expect(score.unjudged.map(({ replacement }) => replacement)).toStrictEqual(["true"])
    expect(score.outdated).toStrictEqual([])
  })

  it("the mutant report finds reasons for mutants that a test now kills", () => {
    const reasons = [{ file: "src/a.ts", original: "at >= due", replacement: "at < due", reason: "unknown" }]
    expect(scoreOf(mutantsOf(report), reasons).outdated).toStrictEqual(reasons)
  })
})

describe("the groups of mutants", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url))
  const patterns = groups.flatMap(({ mutates, name, tests }) =>
    [...mutates, ...tests].map((pattern) => [name, pattern])
  )

  it.each(patterns)("the group %s names existing files: %s", (_name, pattern) => {
    expect(globSync(String(pattern), { cwd: root })).not.toHaveLength(0)
  })
})
