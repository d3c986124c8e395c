/** The tables of docs/states.md, read back and compared with the gate. */
import { describe, expect, it } from "vitest"
import { lifecycleOf } from "../../machines/cmk.ts"
import type { CmkInput, CmkSnapshot } from "../../machines/cmk.ts"
import { refusalOf, rules } from "../../machines/permits.ts"
import { operations, stateTableMarkdown } from "../../src/visualizer/keys/stateTable.ts"
import { births, explorationOf } from "../machines/explore.ts"
import { encryptionPair, external, signingPair, symmetric } from "../machines/keys.ts"

const text = stateTableMarkdown()

const cellsOf = (line: string): ReadonlyArray<string> =>
  line
    .slice(2, -2)
    .split(" | ")
    .map((cell) => cell.replaceAll("`", ""))

/** The table under a heading, as its head and its rows. */
const tableUnder = (heading: string): ReadonlyArray<ReadonlyArray<string>> => {
  const section = text.split("### ").find((part) => part.startsWith(`${heading}\n`)) ?? ""
  const lines = section.split("\n").filter((line) => line.startsWith("| "))
  return lines.filter((line) => !line.startsWith("| ---")).map(cellsOf)
}

const inState = (input: CmkInput, state: string): ReadonlyArray<CmkSnapshot> =>
  explorationOf(input)
    .configurations.map(({ snapshot }) => snapshot)
    .filter((snapshot) => lifecycleOf(snapshot) === state)

describe.each([
  ["Symmetric keys made by the service", symmetric, 3],
  ["Keys with imported material (symmetric, Origin EXTERNAL)", external, 4],
  ["Asymmetric keys for ENCRYPT/DECRYPT", encryptionPair, 3],
  ["Asymmetric keys for SIGN/VERIFY", signingPair, 3]
] as const)("the table of %s", (heading, input, states) => {
  const [head = [], ...rows] = tableUnder(heading)

  it("a state table has a column for each possible state, and a row for each operation", () => {
    expect(head.slice(1)).toHaveLength(states)
    for (const state of head.slice(1)) expect(inState(input, state).length).toBeGreaterThan(0)
    expect(rows.map(([operation]) => operation)).toEqual(Object.keys(rules))
  })

  it("a state table says what the gate answers for every reachable key of its kind", () => {
    for (const [index, operation] of operations.entries()) {
      const answers = head.slice(1).map((state) => {
        const codes = inState(input, state).map((snapshot) => refusalOf(operation, snapshot)?.code ?? "Success")
        return [...new Set(codes)].join(" or ")
      })
      expect([operation, ...answers]).toEqual(rows[index])
    }
  })
})

describe("service keys and deleted keys", () => {
  it("a service key permits exactly the operations that the sentence below the tables lists", () => {
    const listed = /answers `UnsupportedOperation` to every operation but (.*)\.$/mu.exec(text)?.[1] ?? ""
    const legal = listed.split(", ").map((name) => name.replaceAll("`", ""))
    for (const [, input] of births.filter(([, { serviceKey }]) => serviceKey)) {
      for (const { snapshot } of explorationOf(input).configurations) {
        const permitted = operations.filter((operation) => refusalOf(operation, snapshot) === undefined)
        expect(permitted).toEqual(legal)
      }
    }
  })

  it("a deleted key is not found, as the sentence below the tables says", () => {
    expect(text).toContain("A deleted key answers `Forbidden.KeyNotFound` to every operation of the API.")
  })
})
