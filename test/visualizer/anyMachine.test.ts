/** Drawings of machines other than ours: nesting, regions, transient states, composed guards, awkward names. */
import { and, createMachine, not, or, setup, stateIn } from "xstate"
import { describe, expect, it } from "vitest"
import { toMermaid } from "../../src/visualizer/writers/mermaid.ts"
import { layoutFaults, readMermaid, sentences } from "./mermaidGrammar.ts"
import type { ReadDiagram } from "./mermaidGrammar.ts"

describe("any machine", () => {
  const read = (machine: Parameters<typeof toMermaid>[0]): ReadDiagram => {
    const diagram = readMermaid(toMermaid(machine))
    expect(layoutFaults(diagram)).toEqual([])
    return diagram
  }

  it("that is flat is drawn without a box", () => {
    const lamp = createMachine({
      id: "lamp",
      initial: "off",
      states: {
        off: { on: { toggle: "on" } },
        on: { on: { toggle: "off", break: "broken" } },
        broken: { type: "final" }
      }
    })
    const diagram = read(lamp)
    expect(diagram.states.map(({ box }) => box)).toEqual([null, null, null])
    expect(sentences(diagram)).toEqual([
      "[*] → off: ",
      "off → on: toggle",
      "on → off: toggle",
      "on → broken: break",
      "broken → [*]: "
    ])
  })

  it("with nested states has arrows between resting states only: into a box means to its start, out of it from each", () => {
    const door = createMachine({
      id: "door",
      initial: "shut",
      states: {
        shut: { on: { open: "ajar" } },
        ajar: {
          initial: "narrow",
          states: { narrow: { on: { push: "wide" } }, wide: {} },
          on: { close: "shut" }
        }
      }
    })
    expect([...sentences(read(door))].sort()).toEqual([
      "[*] → narrow: ",
      "[*] → shut: ",
      "narrow → shut: close",
      "narrow → wide: push",
      "shut → narrow: open",
      "wide → shut: close"
    ])
  })

  it("that begins in a box is drawn beginning at the box", () => {
    const nested = createMachine({
      id: "n",
      initial: "outer",
      states: { outer: { initial: "inner", states: { inner: {} } } }
    })
    expect(sentences(read(nested))).toEqual(["[*] → inner: ", "[*] → outer: "])
  })

  it("has an inner answer to an event before an outer one, and an outer one only where the inner guard may fail", () => {
    const machine = setup({ guards: { allowed: () => true } }).createMachine({
      id: "m",
      initial: "box",
      states: {
        box: {
          initial: "a",
          on: { go: "out", stay: {} },
          states: { a: { on: { go: { guard: "allowed", target: "b" } } }, b: { on: { go: "a" } } }
        },
        out: {}
      }
    })
    expect(sentences(read(machine)).filter((line) => line.includes("go"))).toEqual([
      "a → b: go [allowed]",
      "b → a: go",
      "a → out: go [else]"
    ])
  })

  it("passes transient states by, joining the guards on the way", () => {
    const machine = setup({ guards: { short: () => true, late: () => true } }).createMachine({
      id: "m",
      initial: "start",
      states: {
        start: { on: { go: { guard: "late", target: "choosing" } } },
        choosing: { always: [{ guard: "short", target: "left" }, { target: "again" }] },
        again: { always: "right" },
        left: {},
        right: {}
      }
    })
    const diagram = read(machine)
    expect(diagram.states.map(({ title }) => title)).toEqual(["start", "left", "right"])
    expect(sentences(diagram)).toEqual([
      "[*] → start: ",
      "start → left: go [late and short]",
      "start → right: go [late and else]"
    ])
  })

  it("that would pass through transient states for ever is refused", () => {
    const machine = createMachine({ id: "m", initial: "a", states: { a: { always: "b" }, b: { always: "a" } } })
    expect(() => toMermaid(machine)).toThrow("again and again")
  })

  it("has its guards in words, however they are composed", () => {
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
            five: { guard: ({ context }) => context !== undefined, target: "b" }
          }
        },
        b: {}
      }
    })
    expect(read(machine).arrows.find(({ source }) => source === "m_a")?.labels).toEqual([
      "one [p and (q or (not p))]",
      "two [not (p and q)]",
      "three [in a.x]",
      "four [r]",
      "five [unnamed guard]"
    ])
  })

  it("may have names Mermaid would choke on: they come back whole, and never collide", () => {
    const names = [
      "end",
      "state",
      "note",
      "a:b",
      "a_b",
      "a b",
      "a.b",
      'say "hi"',
      "x; y",
      "<b>#35;</b>",
      "{}",
      "100%",
      "密钥",
      "Z"
    ]
    const states = Object.fromEntries(names.map((name) => [name, { on: { [`to: ${name}; "#1"`]: "#first" } }]))
    const machine = createMachine({ id: "end", initial: "one", states: { one: { id: "first" }, ...states } })
    const diagram = read(machine)
    expect(diagram.states.map(({ title }) => title)).toEqual(["one", ...names])
    expect(new Set(diagram.states.map(({ id }) => id)).size).toBe(names.length + 1)
    expect(diagram.arrows.slice(1).map(({ labels }) => labels)).toEqual(names.map((name) => [`to: ${name}; "#1"`]))
  })

  it("has a forbidden event drawn nowhere, and an event that only acts drawn as a loop", () => {
    const machine = createMachine({
      id: "m",
      initial: "a",
      states: { a: { on: { act: { actions: "log" }, never: {} } } },
      on: { never: { actions: "log" } }
    })
    expect(sentences(read(machine))).toEqual(["[*] → a: ", "a → a: act"])
  })

  it("with nested regions is drawn box in box, and a reset of several regions within each of them", () => {
    const machine = createMachine({
      id: "m",
      type: "parallel",
      on: { reset: { target: [".x.a", ".y.c"] } },
      states: {
        x: { initial: "a", states: { a: { on: { next: "b" } }, b: {} } },
        y: {
          initial: "c",
          states: {
            c: { on: { split: "d" } },
            d: {
              type: "parallel",
              states: {
                e: { initial: "f", states: { f: {} } },
                g: { initial: "h", states: { h: { on: { wake: "#m.x.b" } } } }
              }
            }
          }
        }
      }
    })
    expect([...sentences(read(machine))].sort()).toEqual([
      "[*] → a: ",
      "[*] → c: ",
      "[*] → f: ",
      "[*] → h: ",
      "a → a: reset",
      "a → b: next",
      "b → a: reset",
      "c → c: reset",
      "c → f: split",
      "c → h: split",
      "f → c: reset",
      "h → b: wake",
      "h → c: reset"
    ])
  })
})
