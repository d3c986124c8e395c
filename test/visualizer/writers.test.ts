/** The other languages, each read back by a program that is at home in it. */
import { Effect } from "effect"
import { SaxesParser } from "saxes"
import * as smcat from "state-machine-cat"
import { Graphviz } from "@hpcc-js/wasm-graphviz"
import { describe, expect, it } from "vitest"
import { chartOf } from "../../src/visualizer/model/chart.ts"
import { drawingOf, everyState, lineText, stateId } from "../../src/visualizer/model/drawing.ts"
import type { Drawing } from "../../src/visualizer/model/drawing.ts"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { layout } from "../../src/visualizer/layout/layout.ts"
import { cells, toAscii } from "../../src/visualizer/writers/ascii.ts"
import { toDot } from "../../src/visualizer/writers/dot.ts"
import { toJson } from "../../src/visualizer/writers/json.ts"
import { toPlantuml } from "../../src/visualizer/writers/plantuml.ts"
import { toScxml } from "../../src/visualizer/writers/scxml.ts"
import { toSmcat } from "../../src/visualizer/writers/smcat.ts"
import { toText } from "../../src/visualizer/writers/textTree.ts"
import { hostileMachine } from "./hostile.ts"

const { cmk, importSession } = knownMachines
const hostile = drawingOf(chartOf(hostileMachine))
const drawings: ReadonlyArray<readonly [string, Drawing]> = [
  ["cmk", cmk.drawing],
  ["importSession", importSession.drawing],
  ["names that are syntax", hostile]
]

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** Every value of a member, however deep. */
const allOf = (value: unknown, member: string): ReadonlyArray<unknown> =>
  Array.isArray(value)
    ? value.flatMap((item) => allOf(item, member))
    : isRecord(value)
      ? Object.entries(value).flatMap(([name, inner]) => [...(name === member ? [inner] : []), ...allOf(inner, member)])
      : []

const linesOf = (drawing: Drawing): number =>
  drawing.edges.reduce((count, { lines }) => count + Math.max(1, lines.length), 0)

const transitionsIn = (value: unknown): ReadonlyArray<unknown> => allOf(value, "transitions").flat()

describe.each(drawings)("%s", (_name, drawing) => {
  const states = everyState(drawing.states)

  it("is read by state-machine-cat, with every state and every line", async () => {
    const read: unknown = await smcat.render(toSmcat(drawing), { outputType: "json" })
    const names = allOf(read, "name").filter((name) => String(name).startsWith("state."))
    expect(new Set(names).size).toBe(states.length)
    expect(transitionsIn(read)).toHaveLength(linesOf(drawing))
  })

  it("is SCXML that state-machine-cat reads, and XML", async () => {
    const text = toScxml(drawing)
    const parser = new SaxesParser({ xmlns: true })
    parser.on("error", (error) => {
      throw error
    })
    parser.write(text).close()
    const read: unknown = await smcat.render(text, { inputType: "scxml", outputType: "json" })
    const named = allOf(read, "name")
    expect(new Set(named).size).toBe(named.filter((name) => name !== "initial").length + 1)
    expect(named.length).toBeGreaterThan(states.length)
  })

  it("is laid out by Graphviz", async () => {
    const graphviz = await Graphviz.load()
    const read: unknown = JSON.parse(graphviz.layout(toDot(drawing), "json", "dot"))
    const objects = isRecord(read) ? allOf(read["objects"], "name").map(String) : []
    const leaves = states.filter((state) => state.states.length === 0)
    expect(objects.filter((name) => name.startsWith("state."))).toHaveLength(leaves.length)
    expect(objects.filter((name) => name.startsWith("cluster_state."))).toHaveLength(states.length - leaves.length)
    expect(isRecord(read) && Array.isArray(read["edges"]) ? read["edges"] : []).toHaveLength(drawing.edges.length)
  })

  it("is PlantUML: every line has one of its forms, and every name is declared", () => {
    const lines = toPlantuml(drawing).trimEnd().split("\n")
    expect([lines.at(0), lines.at(-1)]).toEqual(["@startuml", "@enduml"])
    const text = String.raw`(?:[\p{L}\p{N} .,()[\]+:-]|<U\+[0-9a-f]{4,6}>)`
    const declaration = new RegExp(String.raw`^ *state "${text}+" as (\w+)(?: #[\w;:.]+)?( \{)?$`, "u")
    const arrow = new RegExp(String.raw`^ *(\w+|\[\*\]) --> (\w+|\[\*\])(?: : (?:${text}|\\n)+)?$`, "u")
    const declared: Array<string> = []
    const used: Array<string> = []
    let depth = 0
    for (const line of lines.slice(1, -1)) {
      const [, name, opens] = declaration.exec(line) ?? []
      const [, from, to] = arrow.exec(line) ?? []
      if (name !== undefined) declared.push(name)
      else if (from !== undefined && to !== undefined) used.push(from, to)
      else expect(line.trim()).toMatch(/^(\}|hide empty description)$/)
      depth += opens === undefined ? (line.trim() === "}" ? -1 : 0) : 1
    }
    expect(depth).toBe(0)
    expect(new Set(declared).size).toBe(states.length)
    expect(used.filter((name) => name !== "[*]" && !declared.includes(name))).toEqual([])
  })

  it("is text without anything that moves a cursor or turns the line around", async () => {
    const laidOut = await Effect.runPromise(layout(drawing, cells))
    for (const text of [toText(drawing), toAscii(drawing, laidOut)]) {
      // oxlint-disable-next-line no-control-regex -- these are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
    }
  })
})

describe("letters", () => {
  it.each(Object.entries(knownMachines))("lose no label of %s, and no state", (_name, machine) => {
    const text = toAscii(machine.drawing, machine.cells)
    for (const { lines } of machine.drawing.edges) {
      for (const line of lines) expect(text).toContain(lineText(line))
    }
    for (const { name } of everyState(machine.drawing.states)) expect(text).toContain(name)
  })

  it("mark what is lit without colour", () => {
    const active = ["state.lifecycle.Disabled"]
    expect(toText(cmk.drawing, { active })).toMatch(/^\s*▶ Disabled$/m)
    expect(toText(cmk.drawing)).not.toContain("▶")
    expect(toAscii(cmk.drawing, cmk.cells, { active })).toContain("> Disabled <")
  })

  it("list every event of a state, those that stay too", () => {
    const text = toText(cmk.drawing)
    expect(text).toContain("→ Deleted: DeletionDue (by time)")
    expect(text).toContain("↻ CreateAlias")
  })
})

describe("JSON", () => {
  it("has a version, and says what is drawn, where, and what is marked", () => {
    const active = [stateId(["lifecycle", "Enabled"])]
    const read: unknown = JSON.parse(toJson(cmk.drawing, cmk.geometry, { active }))
    expect(read).toEqual({
      format: "keystate-chart",
      version: 1,
      marks: { active, visited: [], path: [], refused: null },
      drawing: cmk.drawing,
      geometry: cmk.geometry
    })
  })
})
