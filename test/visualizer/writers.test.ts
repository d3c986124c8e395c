/** Drawings as text and as data: complete, harmless in a terminal, and 80 columns wide. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { chartOf } from "../../src/visualizer/model/chart.ts"
import { drawingOf, everyState, stateId } from "../../src/visualizer/model/drawing.ts"
import { lineText } from "../../src/visualizer/model/lines.ts"
import type { Drawing } from "../../src/visualizer/model/drawing.ts"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { layout } from "../../src/visualizer/layout/layout.ts"
import { cells, toAscii } from "../../src/visualizer/writers/ascii.ts"
import { toJson } from "../../src/visualizer/writers/json.ts"
import { toText } from "../../src/visualizer/writers/textTree.ts"
import { fixtures } from "./fixtures/machines.ts"
import { hostileMachine } from "./hostile.ts"

const { cmk, importSession } = knownMachines
const hostile = drawingOf(chartOf(hostileMachine))
const drawings: ReadonlyArray<readonly [string, Drawing]> = [
  ["cmk", cmk.drawing],
  ["importSession", importSession.drawing],
  ["checkout", drawingOf(chartOf(fixtures.checkout))],
  ["names that are syntax", hostile]
]

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => Array.from(line).length))

/** The words of a text, independent of its line breaks. */
const flat = (text: string): string => text.replaceAll(/[|:#\s]+/g, " ")

describe.each(drawings)("%s", (_name, drawing) => {
  it("the text drawing has no control or bidirectional characters, and at most 80 columns", async () => {
    const laidOut = await Effect.runPromise(layout(drawing, cells))
    for (const text of [toText(drawing), toAscii(drawing, laidOut)]) {
      expect(widest(text)).toBeLessThanOrEqual(80)
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }
  })
})

describe("text drawings", () => {
  it.each(Object.entries(knownMachines))("the text drawing of %s has every label and every state", (_name, machine) => {
    const text = flat(toAscii(machine.drawing, machine.cells))
    for (const { lines } of machine.drawing.edges) {
      for (const line of lines) expect(text).toContain(flat(lineText(line)))
    }
    for (const { name } of everyState(machine.drawing.states)) expect(text).toContain(name)
  })

  it("the text drawing marks current states without colour", () => {
    const active = ["state.lifecycle.Disabled"]
    expect(toText(cmk.drawing, { active })).toMatch(/^\s*▶ Disabled$/m)
    expect(toText(cmk.drawing)).not.toContain("▶")
    expect(toAscii(cmk.drawing, cmk.cells, { active })).toContain("> Disabled <")
  })

  it("the text drawing lists every event of a state", () => {
    const text = toText(cmk.drawing)
    expect(text).toContain("→ Deleted: DeletionDue (by time)")
    expect(text).toContain("↻ CreateAlias")
  })
})

describe("JSON drawings", () => {
  it("the JSON drawing has a version, the drawing, the geometry and the marks", () => {
    const active = [stateId(["lifecycle", "Enabled"])]
    const read: unknown = JSON.parse(toJson(cmk.drawing, cmk.geometry, { active }))
    expect(read).toEqual({
      format: "keystate-chart",
      version: 2,
      marks: { active, visited: [], path: [], kept: [], refused: null, caption: null },
      drawing: JSON.parse(JSON.stringify(cmk.drawing)),
      geometry: cmk.geometry
    })
  })
})
