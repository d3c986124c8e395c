/** Drawings of machines of all kinds, case by case: their arrows and their labels. */
import { and, assign, createMachine, fromPromise, not, or, setup, stateIn } from "xstate"
import type { AnyStateMachine } from "xstate"
import { describe, expect, it } from "vitest"
import { chartOf } from "../../src/visualizer/model/chart.ts"
import { drawingOf, everyState } from "../../src/visualizer/model/drawing.ts"
import { lineText } from "../../src/visualizer/model/lines.ts"
import type { Drawing } from "../../src/visualizer/model/drawing.ts"
import { toDot } from "../../src/visualizer/writers/dot.ts"
import { toMermaid } from "../../src/visualizer/writers/mermaid.ts"
import { toPlantuml } from "../../src/visualizer/writers/plantuml.ts"
import { toSmcat } from "../../src/visualizer/writers/smcat.ts"
import { collapsed, deeperThan } from "../../src/visualizer/model/region.ts"

const drawn = (machine: AnyStateMachine): Drawing => drawingOf(chartOf(machine))

/** `a → b: go`, without `state.` before the names; `a ↻ go` for a transition that stays. */
const sentences = ({ edges, root }: Drawing): ReadonlyArray<string> => {
  const short = (id: string): string => id.replace(/^state\./, "")
  return [
    ...edges.flatMap(({ source, target, lines }) =>
      (lines.length === 0 ? [""] : lines.map(lineText)).map((text) => `${short(source)} → ${short(target)}: ${text}`)
    ),
    ...everyState([root]).flatMap(({ id, stays }) => stays.map((line) => `${short(id)} ↻ ${lineText(line)}`))
  ]
}

const read = (machine: AnyStateMachine): ReadonlyArray<string> => sentences(drawn(machine))

describe("a chart", () => {
  it("a chart draws a transition of a box once, from its edge, and one into a box to its edge", () => {
    const door = createMachine({
      id: "door",
      initial: "shut",
      states: {
        shut: { on: { open: "ajar" } },
        ajar: { initial: "narrow", states: { narrow: { on: { push: "wide" } }, wide: {} }, on: { close: "shut" } }
      }
    })
    expect([...read(door)].sort()).toEqual([
      "ajar → shut: close",
      "ajar.narrow → ajar.wide: push",
      "shut → ajar: open",
      "start → shut: ",
      "start.ajar → ajar.narrow: "
    ])
  })

  it("a chart leaves out a transition of a box that every inner state handles itself", () => {
    const machine = createMachine({
      id: "m",
      initial: "box",
      states: {
        box: {
          initial: "a",
          on: { go: "out", stop: "out" },
          states: { a: { on: { "*": "b", stop: "b" } }, b: { on: { go: "a" } } }
        },
        out: {}
      }
    })
    expect(read(machine).filter((line) => line.includes("go") || line.includes("stop"))).toEqual([
      "box → out: stop",
      "box.a → box.b: stop",
      "box.b → box.a: go"
    ])
    expect(read(machine)).toContain("box.a → box.b: any other event")
  })

  it("a chart draws a history state as a symbol with its default", () => {
    const machine = createMachine({
      id: "m",
      initial: "box",
      states: {
        box: {
          initial: "a",
          states: {
            a: { on: { n: "b" } },
            b: {},
            last: { type: "history", target: "b" },
            deep: { type: "history", history: "deep" }
          },
          on: { leave: "out" }
        },
        out: { on: { back: "box.last", exact: "box.deep" } }
      }
    })
    const lines = read(machine)
    expect(lines).toContain("out → box.last: back")
    expect(lines).toContain("box.last → box.b: ")
    expect(lines).toContain("out → box.deep: exact")
    const signs = everyState(drawn(machine).states).filter(({ kind }) => kind === "history")
    expect(signs.map(({ name }) => name)).toEqual(["H", "H*"])
  })

  it("a chart draws a transient state, with its conditions", () => {
    const machine = setup({ guards: { isShort: () => true } }).createMachine({
      id: "m",
      initial: "choosing",
      states: {
        choosing: { always: [{ guard: "isShort", target: "left" }, { target: "again" }], on: { never: "left" } },
        again: { always: "right" },
        left: {},
        right: {}
      }
    })
    expect(read(machine)).toEqual([
      "start → choosing: ",
      "choosing → left: [is short]",
      "choosing → again: [else]",
      "again → right: always"
    ])
  })

  it("a chart labels delays, actors and final states in words, without XState's internal names", () => {
    const machine = setup({
      actors: { verify: fromPromise(() => Promise.resolve(1)) },
      delays: { patience: 5 },
      actions: { start: () => {} }
    }).createMachine({
      id: "m",
      initial: "a",
      states: {
        a: {
          after: { 5000: "b", 90_000: "c", patience: "c" },
          invoke: { src: "verify", onDone: "b", onError: "c" },
          tags: ["busy", "slow"],
          entry: "start",
          exit: assign({ x: 1 })
        },
        b: { initial: "x", states: { x: { on: { end: "y" } }, y: { type: "final" } }, onDone: "c" },
        c: { invoke: { src: fromPromise(() => Promise.resolve(1)), onDone: "a" } }
      }
    })
    const drawing = drawn(machine)
    expect(sentences(drawing)).toEqual(
      expect.arrayContaining([
        "a → b: done: verify",
        "a → c: failed: verify",
        "a → b: after 5 s",
        "a → c: after 1 min 30 s",
        "a → c: after patience",
        "b → c: done",
        "c → a: done: actor"
      ])
    )
    expect(drawing.states[0]?.notes).toEqual(["runs verify", "entry / start", "exit / assign x", "tags: busy, slow"])
    expect(JSON.stringify({ ...drawing, chart: null })).not.toContain("xstate.")
  })

  it("a drawing has the description of a state in rows, in every format that has notes", () => {
    const description = "The parts of the file go to the server, one after another,\n until all of them have arrived."
    const machine = createMachine({
      id: "m",
      initial: "a",
      states: { a: { description, entry: "start", on: { go: "b" } }, b: { description: "Done." } }
    })
    const drawing = drawn(machine)
    const rows = ["The parts of the file go to the server, one", "after another, until all of them have", "arrived."]
    expect(drawing.states.map(({ about }) => about)).toEqual([rows, ["Done."]])
    for (const write of [toMermaid, toPlantuml, toDot, toSmcat]) expect(write(drawing)).toContain("of them have")
    expect(drawingOf(chartOf(machine), { plain: true }).states.map(({ about }) => about)).toEqual([[], []])
    const long = createMachine({ id: "m", description: "word ".repeat(100) })
    expect(drawn(long).root.about).toHaveLength(4)
    expect(drawn(long).root.about.at(-1)).toMatch(/word\u2026$/)
  })

  it("a chart draws onDone only from a state that can end", () => {
    const machine = createMachine({
      id: "m",
      initial: "a",
      states: { a: { initial: "x", states: { x: {} }, onDone: "b" }, b: {} }
    })
    expect(read(machine)).toEqual(["start → a: ", "start.a → a.x: "])
    expect(everyState(drawn(machine).states).find(({ name }) => name === "b")?.notes).toEqual(["never entered"])
  })

  it("a chart distinguishes a transition that stays, one that re-enters, and an ignored event", () => {
    const machine = createMachine({
      id: "m",
      initial: "a",
      states: {
        a: { on: { act: { actions: "log" }, same: "a", again: { target: "a", reenter: true }, never: {} } },
        b: { initial: "c", states: { c: {} }, on: { first: "b", reset: { target: ".c", reenter: true } } }
      },
      on: { never: ".b" }
    })
    expect(read(machine)).toEqual(
      expect.arrayContaining(["a ↻ act / log", "a ↻ same", "a → a: again (re-enters)", "a ↻ never (ignored)"])
    )
    expect(read(createMachine({ ...machine.config, initial: "b" }))).toEqual(
      expect.arrayContaining(["b → b: first", "b → b.c: reset (re-enters)", "state → b: never"])
    )
  })

  it("a chart joins the targets of one transition in a fork, and keeps regions apart", () => {
    const machine = createMachine({
      id: "m",
      type: "parallel",
      on: { reset: { target: [".x.a", ".y.c"] } },
      states: {
        x: { initial: "a", states: { a: { on: { next: "b" } }, b: {} } },
        y: { initial: "c", states: { c: { on: { next: "d" } }, d: {} } }
      }
    })
    const drawing = drawn(machine)
    expect(sentences(drawing)).toEqual(
      expect.arrayContaining(["state → fork.0: reset", "fork.0 → x.a: ", "fork.0 → y.c: ", "x.a → x.b: next"])
    )
    expect(drawing.states.map(({ id, kind }) => [id, kind])).toEqual([["state", "parallel"]])
    expect(drawing.root.states.map(({ region }) => region)).toEqual([true, true])
  })

  it("a chart labels combined guards in words", () => {
    const machine = setup({
      guards: { p: () => true, q: () => true, r: ({ event }, limit: number) => event.type.length < limit }
    }).createMachine({
      id: "m",
      initial: "a",
      states: {
        a: {
          on: {
            one: { guard: and(["p", or(["q", not("p")])]), target: "b" },
            two: { guard: not(and(["p", "q"])), target: "b" },
            three: { guard: stateIn({ a: "x" }), target: "b" },
            four: { guard: { type: "r", params: 5 }, target: "b" },
            five: { guard: ({ context }) => context !== undefined, target: "b" },
            six: { guard: stateIn("#m.b"), target: "b" }
          }
        },
        b: {}
      }
    })
    expect(read(machine).filter((line) => line.startsWith("a →"))).toEqual([
      "a → b: one [p and (q or not p)]",
      "a → b: two [not (p and q)]",
      "a → b: three [in a.x]",
      "a → b: four [r]",
      "a → b: five [unnamed guard]"
    ])
  })

  it("a chart closes a box: inner lines disappear, and others end at the box", () => {
    const machine = createMachine({
      id: "m",
      initial: "a",
      states: {
        a: { on: { in: "box.deep.y" } },
        box: {
          initial: "x",
          states: {
            x: { on: { n: "deep" } },
            deep: { initial: "y", states: { y: { on: { out: "#m.a", n: "z" } }, z: {} } }
          },
          on: { back: "a" }
        }
      }
    })
    const closed = collapsed(drawn(machine), deeperThan(1))
    expect(sentences(closed)).toEqual(["start → a: ", "a → box: in", "box → a: back", "box → a: out"])
    expect(closed.states.map(({ notes }) => notes)).toEqual([[], ["4 states inside"]])
    expect(sentences(collapsed(drawn(machine), deeperThan(2)))).toContain("box.deep → a: out")
  })
})
