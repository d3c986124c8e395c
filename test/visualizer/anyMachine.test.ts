/** Drawings of machines of all kinds, case by case: their arrows and their labels. */
import { Effect } from "effect"
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
import { toScxml } from "../../src/visualizer/writers/scxml.ts"
import { toSmcat } from "../../src/visualizer/writers/smcat.ts"
import { toText } from "../../src/visualizer/writers/textTree.ts"
import { layout } from "../../src/visualizer/layout/layout.ts"
import { pixels } from "../../src/visualizer/layout/metrics.ts"
import { svg } from "../../src/visualizer/svg/svg.ts"
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
      "a → b: four [r (5)]",
      "a → b: five [context !== undefined]"
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

describe("the parts of other people's machines", () => {
  it("a machine without states is drawn as one state, in every language", async () => {
    const lone = createMachine({ id: "lone", entry: "start", on: { ping: { actions: "answer" } } })
    const drawing = drawn(lone)
    expect(drawing.states.map(({ name, notes }) => [name, notes])).toEqual([["lone", ["entry / start"]]])
    expect(svg(drawing, await Effect.runPromise(layout(drawing, pixels)))).toContain("ping / answer")
    for (const write of [toMermaid, toPlantuml, toDot, toSmcat, toText]) {
      expect(write(drawing)).toContain("lone")
      expect(write(drawing)).toContain("answer")
    }
    expect(drawingOf(chartOf(createMachine({})), { plain: true }).states).toHaveLength(1)
  })

  it("guards of one name and other parameters are other conditions, in words and in SCXML", () => {
    const over = (_: unknown, { min }: { readonly min: number }) => min > 0
    const machine = setup({ guards: { over } }).createMachine({
      id: "m",
      initial: "a",
      states: {
        a: {
          on: {
            go: [
              { guard: { type: "over", params: { min: 5 } }, target: "b" },
              { guard: { type: "over", params: { min: 2 } }, target: "c" },
              { guard: { type: "over", params: () => ({ min: 1 }) }, target: "a" }
            ]
          }
        },
        b: {},
        c: {}
      }
    })
    const drawing = drawn(machine)
    expect(sentences(drawing)).toEqual(
      expect.arrayContaining(["a → b: go [over (min 5)]", "a → c: go [else if over (min 2)]", "a ↻ go [else if over]"])
    )
    expect(toScxml(drawing)).toContain('cond="over_min_5"')
    expect(toScxml(drawing)).toContain('cond="over_min_2"')
  })

  it("guards without a name show a short expression, or a number", () => {
    const long = () => [1, 2, 3].map((one) => one * 2).filter((one) => one > 2).length > 1
    const machine = createMachine({
      id: "m",
      initial: "a",
      context: { tries: 0, isOpen: true },
      states: {
        a: {
          always: [
            { guard: ({ context }) => context.tries > 3, target: "b" },
            {
              guard: ({ context }) => {
                const { isOpen } = context
                return isOpen
              },
              target: "c"
            },
            { guard: not(({ context }) => context.isOpen), target: "b" },
            {
              guard: and([() => long(), () => [1, 2, 3].filter((one) => one > 2).concat([4, 5, 6]).length > 1]),
              target: "c"
            }
          ]
        },
        b: {},
        c: {}
      }
    })
    expect(read(machine).filter((line) => line.startsWith("a →"))).toEqual([
      "a → b: [context.tries > 3]",
      "a → b: [else if not context.isOpen]",
      "a → c: [else if unnamed guard 1]",
      "a → c: [else if long() and unnamed guard 2]"
    ])
  })

  it("the description of a transition is in tooltips, text and SCXML", async () => {
    const machine = createMachine({
      id: "m",
      initial: "a",
      states: {
        a: {
          on: {
            go: { target: "b", description: "The customer\n pays." },
            act: { actions: "log", description: "Writes a line." }
          }
        },
        b: {}
      }
    })
    const drawing = drawn(machine)
    const picture = svg(drawing, await Effect.runPromise(layout(drawing, pixels)))
    expect(picture).toContain("go: The customer pays.")
    expect(picture).toContain("act / log: Writes a line.")
    expect(toText(drawing)).toMatch(/→ b: go\n +The customer pays\./)
    expect(toText(drawing)).toMatch(/↻ act \/ log\n +Writes a line\./)
    expect(toScxml(drawing)).toContain("<keystate:description>Writes a line.</keystate:description>")
  })

  it("the description and the notes of a box are in Mermaid and SCXML", () => {
    const machine = createMachine({
      id: "m",
      initial: "box",
      states: { box: { description: "Holds a.", tags: "busy", entry: "log", initial: "a", states: { a: {} } } }
    })
    expect(toMermaid(drawn(machine))).toContain('state "box<br/>Holds a.<br/>entry / log<br/>tags#58; busy" as m_box {')
    expect(toScxml(drawn(machine))).toContain(
      "<keystate:description>Holds a.</keystate:description><keystate:tag>busy</keystate:tag>"
    )
  })

  it("names that differ only in characters that SCXML does not allow stay different in SCXML", () => {
    const machine = createMachine({
      id: "m",
      initial: "a",
      states: {
        a: {
          on: { "go on": { guard: "is ok?", target: "b" }, "go-on": "b", go_on: { guard: "is ok!", target: "b" } },
          after: { "is ok?": "b" }
        },
        b: {}
      }
    })
    const text = toScxml(drawn(machine))
    for (const part of ['event="go_on" cond="is_ok_"', 'event="go_on_2" cond="is_ok__2"', 'delayexpr="is_ok__3"'])
      expect(text).toContain(part)
  })

  it("an event whose name begins another event's name is exact in SCXML", () => {
    const machine = createMachine({
      id: "m",
      initial: "a",
      states: { a: { on: { "user.data": { guard: "isOpen", target: "b" } } }, b: { on: { "user.data.read": "a" } } }
    })
    expect(toScxml(drawn(machine))).toContain("cond=\"_event.name == 'user.data' &amp;&amp; (isOpen)\"")
    expect(toScxml(drawn(machine))).toContain('<transition event="user.data.read" target="a">')
  })

  it("a control of direction in a name does not turn the text of an SVG", async () => {
    const drawing = drawn(createMachine({ id: "m", initial: "\u202eevil", states: { "\u202eevil": {} } }))
    const picture = svg(drawing, await Effect.runPromise(layout(drawing, pixels)))
    expect(picture).toMatch(/>\ufffdevil<\/text>/)
  })
})
