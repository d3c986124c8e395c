/** Layouts of other machines: no overlaps, and equal to the reviewed pictures. */
import { Effect } from "effect"
import fc from "fast-check"
import { createMachine } from "xstate"
import { describe, expect, it } from "vitest"
import { chartOf } from "../../src/visualizer/model/chart.ts"
import { drawingOf, everyState } from "../../src/visualizer/model/drawing.ts"
import type { Drawing } from "../../src/visualizer/model/drawing.ts"
import { collapsed, deeperThan } from "../../src/visualizer/model/region.ts"
import { collisionsIn } from "../../src/visualizer/layout/collisions.ts"
import type { Geometry } from "../../src/visualizer/layout/geometry.ts"
import { layout } from "../../src/visualizer/layout/layout.ts"
import { pixels } from "../../src/visualizer/layout/metrics.ts"
import { svg } from "../../src/visualizer/svg/svg.ts"
import { isWhole, partOf } from "../sample.ts"
import { patience } from "../patience.ts"
import { fixtures } from "./fixtures/machines.ts"
import { generatedMachines } from "./generated.ts"

const laidOut = (drawing: Drawing): Promise<Geometry> => Effect.runPromise(layout(drawing, pixels, patience))

describe.each(partOf(Object.entries(fixtures), 5))("the drawing of %s", (name, machine) => {
  it("a drawing has no collisions, and is the picture that was reviewed", async () => {
    const drawing = drawingOf(chartOf(machine))
    const geometry = await laidOut(drawing)
    expect(collisionsIn(drawing, geometry)).toEqual([])
    await expect(`${svg(drawing, geometry)}\n`).toMatchFileSnapshot(`fixtures/${name}.svg`)
  })
})

/** A machine of 100 states: ten steps, each with ten inner states. */
const hundred = createMachine({
  id: "hundred",
  initial: "step0",
  states: Object.fromEntries(
    Array.from({ length: 10 }, (_, step) => [
      `step${step}`,
      {
        initial: "part0",
        states: Object.fromEntries(
          Array.from({ length: 9 }, (_nothing, part) => [
            `part${part}`,
            { on: { NEXT: `part${(part + 1) % 9}`, ...(part % 3 === 0 ? { BACK: "part0" } : {}) } }
          ])
        ),
        on: { DONE: `step${(step + 1) % 10}`, CANCEL: "step0" }
      }
    ])
  )
})

describe("a machine of 100 states", () => {
  it("the drawing of a machine of 100 states with closed boxes has no collisions", async () => {
    const drawing = drawingOf(chartOf(hundred))
    expect(everyState(drawing.states)).toHaveLength(100)
    const closed = collapsed(drawing, deeperThan(1))
    expect(collisionsIn(closed, await laidOut(closed))).toEqual([])
  })
})

/** Each state has transitions to three others all over the machine. */
const dense = createMachine({
  id: "dense",
  initial: "n0",
  states: Object.fromEntries(
    Array.from({ length: 31 }, (_, n) => [
      `n${n}`,
      { on: { NEXT: `n${(n + 1) % 31}`, SKIP: `n${(n * 7 + 3) % 31}`, BACK: `n${(n * 13 + 1) % 31}` } }
    ])
  )
})

describe("a machine with many transitions", () => {
  it("the drawing of a machine of 31 states with three transitions each is made in time, without collisions", async () => {
    const drawing = drawingOf(chartOf(dense))
    expect(collisionsIn(drawing, await laidOut(drawing))).toEqual([])
  })

  it("a machine is drawn even if its first layout takes longer than the time for better layouts", async () => {
    const drawing = drawingOf(chartOf(dense))
    const geometry = await Effect.runPromise(layout(drawing, pixels, 0))
    for (const { id } of [...everyState(drawing.states), ...drawing.edges])
      expect(geometry.nodes[id] ?? geometry.edges[id], id).toBeDefined()
  })
})

describe("a line into a narrow box", () => {
  it("a line into a narrow box does not cross the box's title", async () => {
    const machine = createMachine({
      id: "s0",
      entry: "enter s0",
      on: { go: { target: "#s2", actions: "t0" } },
      initial: "s1",
      states: {
        s1: { id: "s1", type: "parallel", entry: "enter s1", states: { s2: { id: "s2", entry: "enter s2" } } }
      }
    })
    const drawing = drawingOf(chartOf(machine))
    expect(collisionsIn(drawing, await laidOut(drawing))).toEqual([])
  })
})

describe("the drawing of a generated machine", () => {
  it("the drawing of a generated machine has no collisions", async () => {
    await fc.assert(
      fc.asyncProperty(generatedMachines, async ({ machine }) => {
        const drawing = drawingOf(chartOf(machine))
        expect(collisionsIn(drawing, await laidOut(drawing))).toEqual([])
      }),
      { numRuns: isWhole ? 20 : 2 }
    )
  })
})
