/** README.md agrees with the pages that it summarises. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"

const rowsOf = (path: string): ReadonlyMap<string, ReadonlyArray<string>> => {
  const text = readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")
  const rows = text.split("\n").filter((line) => line.startsWith("| "))
  return new Map(rows.map((row) => row.split("|").slice(1, -1)).map(([name = "", ...cells]) => [name.trim(), cells]))
}

/** The number at the beginning of each cell. */
const numbersIn = (cells: ReadonlyArray<string> | undefined): ReadonlyArray<string | undefined> | undefined =>
  cells?.map((cell) => /^ (\d+)/.exec(cell)?.[1])

describe("README.md", () => {
  it("README.md and the comparison page name the same numbers of broken laws", () => {
    const broken = numbersIn(rowsOf("docs/comparison.md").get("Laws of the conformance suite that it breaks"))
    expect(broken?.slice(0, 3)).toEqual(["0", expect.any(String), expect.any(String)])
    expect(numbersIn(rowsOf("README.md").get("Conformance laws broken"))).toEqual(broken)
  })
})
