/** The other languages, each read back by a separate parser to the same chart. */
import { Graphviz } from "@hpcc-js/wasm-graphviz"
import { SaxesParser } from "saxes"
import * as smcat from "state-machine-cat"
import fc from "fast-check"
import type { AnyStateMachine } from "xstate"
import { describe, expect, it } from "vitest"
import { chartOf } from "../../src/visualizer/model/chart.ts"
import { drawingOf, everyState } from "../../src/visualizer/model/drawing.ts"
import { timedText } from "../../src/visualizer/model/lines.ts"
import type { Drawing } from "../../src/visualizer/model/drawing.ts"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { toDot } from "../../src/visualizer/writers/dot.ts"
import { namesOf, plainPart } from "../../src/visualizer/writers/names.ts"
import { toPlantuml } from "../../src/visualizer/writers/plantuml.ts"
import { toScxml } from "../../src/visualizer/writers/scxml.ts"
import { toSmcat } from "../../src/visualizer/writers/smcat.ts"
import { fixtures } from "./fixtures/machines.ts"
import { generatedMachines } from "./generated.ts"
import { hostileMachine } from "./hostile.ts"
import { arrowText, saidBy } from "./normalForm.ts"
import type { Said } from "./normalForm.ts"
import { readPlantuml } from "./plantumlGrammar.ts"

const foreign: Readonly<Record<string, AnyStateMachine>> = { ...fixtures, "names that are syntax": hostileMachine }

const drawings: ReadonlyArray<readonly [string, Drawing]> = [
  ...Object.entries(knownMachines).map(([name, { drawing }]) => [name, drawing] as const),
  ...Object.entries(foreign).map(([name, machine]) => [name, drawingOf(chartOf(machine))] as const)
]

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const listIn = (value: unknown, member: string): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const found: unknown = isRecord(value) ? value[member] : undefined
  return Array.isArray(found) ? found.filter(isRecord) : []
}

const textIn = (value: unknown, member: string): string => {
  const found: unknown = isRecord(value) ? value[member] : undefined
  return typeof found === "string" ? found : ""
}

const smcatName = (id: string): string => id.split(".").map(plainPart).join(".")

/** Strings of state-machine-cat have no quotes and no backslashes. */
const smcatLabel = (text: string): string =>
  text
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- what the writer takes out
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "\ufffd")
    .replaceAll("\\", "/")
    .replaceAll('"', "'")

interface Walked {
  readonly places: Array<string>
  readonly parallel: Array<string>
  readonly arrows: Array<string>
}

const walkSmcat = (machine: unknown, box: string | undefined, said: Walked): void => {
  for (const state of listIn(machine, "states")) {
    const [name, type] = [textIn(state, "name"), textIn(state, "type")]
    if (type === "parallel") said.parallel.push(name)
    const isSign = type === "initial" || type === "fork"
    const isTop = box === undefined || box === "state"
    if (!isSign && name !== "state") said.places.push(isTop ? name : `${box} / ${name}`)
    walkSmcat(state["statemachine"], name, said)
  }
  for (const transition of listIn(machine, "transitions")) {
    const [from, to] = [textIn(transition, "from"), textIn(transition, "to")]
    said.arrows.push(arrowText(from.startsWith("start") ? "●" : from, to, textIn(transition, "label")))
  }
}

const readSmcat = async (text: string): Promise<Said> => {
  const said: Walked = { places: [], parallel: [], arrows: [] }
  walkSmcat(await smcat.render(text, { outputType: "json" }), undefined, said)
  return { places: said.places.sort(), parallel: said.parallel.sort(), arrows: said.arrows.sort() }
}

const readDot = async (text: string): Promise<Said> => {
  const graphviz = await Graphviz.load()
  const read: unknown = JSON.parse(graphviz.layout(text, "json", "dot"))
  const objects = listIn(read, "objects")
  const nameAt = (gvid: unknown): string =>
    textIn(
      objects.find((one) => one["_gvid"] === gvid),
      "name"
    )
  const clusters = objects.filter((one) => textIn(one, "name").startsWith("cluster_"))
  const boxName = (cluster: unknown): string => textIn(cluster, "name").slice("cluster_".length)
  const holds = (cluster: Readonly<Record<string, unknown>>, gvid: unknown): boolean => {
    const nodes: unknown = cluster["nodes"]
    return Array.isArray(nodes) && nodes.includes(gvid)
  }
  const sizeOf = (cluster: Readonly<Record<string, unknown>>): number => {
    const nodes: unknown = cluster["nodes"]
    return Array.isArray(nodes) ? nodes.length : 0
  }
  const states = objects.filter((one) => textIn(one, "name").startsWith("state"))
  const parentOf = (state: Readonly<Record<string, unknown>>): string | undefined => {
    const around = clusters
      .filter((cluster) => holds(cluster, state["_gvid"]) && boxName(cluster) !== textIn(state, "name"))
      .toSorted((a, b) => sizeOf(a) - sizeOf(b))[0]
    return around === undefined ? undefined : boxName(around)
  }
  const rows = (label: unknown): ReadonlyArray<string> => String(label).split("\\n")
  const arrows = listIn(read, "edges").flatMap((edge) =>
    rows(edge["label"]).map((row) => {
      const from = nameAt(edge["tail"])
      return arrowText(from.startsWith("start") ? "●" : from, nameAt(edge["head"]), row)
    })
  )
  return {
    places: states
      .filter((state) => textIn(state, "name") !== "state")
      .map((state) => {
        const box = parentOf(state)
        return box === undefined || box === "state" ? textIn(state, "name") : `${box} / ${textIn(state, "name")}`
      })
      .sort(),
    parallel: [
      ...clusters.filter((cluster) => cluster["comment"] === "parallel").map(boxName),
      ...(isRecord(read) && read["comment"] === "parallel" && !clusters.some((one) => boxName(one) === "state")
        ? ["state"]
        : [])
    ].sort(),
    arrows: arrows.sort()
  }
}

/** In DOT, transitions that stay are in the label of their state. */
const withoutStays = (drawing: Drawing, said: Said): Said => {
  const stays = everyState([drawing.root]).flatMap(({ id, stays: lines }) =>
    lines.map((line) => arrowText(id, id, timedText(line)))
  )
  const left = [...stays]
  return {
    ...said,
    arrows: said.arrows.filter((arrow) => {
      const at = left.indexOf(arrow)
      if (at === -1) return true
      left.splice(at, 1)
      return false
    })
  }
}

const dotLabel = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- what the writer takes out
  text.toWellFormed().replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, "\ufffd")

describe.each(drawings)("%s", (_name, drawing) => {
  it("state-machine-cat reads the drawing as the same chart", async () => {
    expect(await readSmcat(toSmcat(drawing))).toEqual(saidBy(drawing, { name: smcatName, label: smcatLabel }))
  })

  it("Graphviz reads the drawing as the same chart", async () => {
    const expected = saidBy(drawing, { name: dotLabel, label: dotLabel })
    const hasOdd = everyState([drawing.root]).some(({ id }) => /[\\"]/.test(id))
    const read = await readDot(toDot(drawing))
    if (!hasOdd) expect(read).toEqual(withoutStays(drawing, expected))
    expect(read.arrows).toHaveLength(withoutStays(drawing, expected).arrows.length)
    expect(read.places).toHaveLength(expected.places.length)
  })

  it("the drawing in PlantUML describes the same chart", () => {
    const spelled = namesOf(drawing)
    expect(readPlantuml(toPlantuml(drawing))).toEqual(saidBy(drawing, { name: spelled, label: dotLabel, partsMin: 2 }))
  })

  it("the drawing in SCXML is valid XML, and state-machine-cat reads the file", async () => {
    const text = toScxml(drawing)
    const parser = new SaxesParser({ xmlns: true })
    parser.on("error", (error) => {
      throw error
    })
    parser.write(text).close()
    const read: unknown = await smcat.render(text, { inputType: "scxml", outputType: "json" })
    expect(JSON.stringify(read)).toContain("machine__")
  })
})

it("generated machines are written in every language as the same chart", async () => {
  await fc.assert(
    fc.asyncProperty(generatedMachines, async ({ machine }) => {
      const drawing = drawingOf(chartOf(machine))
      expect(await readSmcat(toSmcat(drawing))).toEqual(saidBy(drawing, { name: smcatName }))
      expect(await readDot(toDot(drawing))).toEqual(withoutStays(drawing, saidBy(drawing, { name: (id) => id })))
      expect(readPlantuml(toPlantuml(drawing))).toEqual(saidBy(drawing, { name: namesOf(drawing), partsMin: 2 }))
    }),
    { numRuns: 8 }
  )
})
