/** The drawing of a machine, read back and compared with what the machine does. */
import { describe, expect, it } from "vitest"
import { cmkMachine, lifecycleOf, rotationOf } from "../../machines/cmk.ts"
import type { CmkSnapshot } from "../../machines/cmk.ts"
import { toMermaid } from "../../src/visualizer/writers/mermaid.ts"
import { births, explorationOf } from "../machines/explore.ts"
import { layoutFaults, readMermaid, sentence, titleOf } from "./mermaidGrammar.ts"

const cmk = readMermaid(toMermaid(cmkMachine))

/** `Event [guard]` without its guard; the empty text for an arrow that needs no event. */
const eventOf = (label: string): string => label.replace(/ ?\[.*\]$/u, "")

interface Move {
  readonly region: "lifecycle" | "rotation"
  readonly from: string
  readonly to: string
  readonly event: string
}
const nameOf = ({ region, from, to, event }: Move): string => `${region}: ${from} → ${to} by ${event}`

const drawn: ReadonlyArray<Move> = cmk.arrows.flatMap(({ source, target, labels, box }) => {
  if (source === null || target === null) return []
  const region = titleOf(cmk, box) === "lifecycle" ? "lifecycle" : "rotation"
  return labels.map((label) => ({
    region,
    from: titleOf(cmk, source),
    to: titleOf(cmk, target),
    event: eventOf(label)
  }))
})

const regionsOf = (snapshot: CmkSnapshot) => ({ lifecycle: lifecycleOf(snapshot), rotation: rotationOf(snapshot) })

/** Every accepted event of every reachable configuration, as each region sees it. */
const lived: ReadonlyArray<Move> = births.flatMap(([, input]) =>
  explorationOf(input).steps.flatMap(({ from, event, verdict }) => {
    if (verdict._tag !== "Decision") return []
    const before = regionsOf(from.snapshot)
    const after = regionsOf(verdict.next)
    return (["lifecycle", "rotation"] as const).map((region) => ({
      region,
      from: before[region],
      to: after[region],
      event: event.type
    }))
  })
)

describe("the drawing of a key's life", () => {
  it("reads back, and has none of the faults Mermaid draws wrongly", () => {
    expect(layoutFaults(cmk)).toEqual([])
  })

  it("shows both regions with the states a key can rest in, and none it only passes through", () => {
    const boxes = cmk.states.filter(({ box }) => box === null).map(({ title }) => title)
    expect(boxes).toEqual(["lifecycle", "rotation"])
    const inBox = (title: string) =>
      cmk.states.filter(({ box }) => titleOf(cmk, box) === title).map((state) => state.title)
    expect(inBox("lifecycle")).toEqual(["PendingImport", "Enabled", "Disabled", "PendingDeletion", "Deleted"])
    expect(inBox("rotation")).toEqual(["Unsupported", "Disabled", "Enabled", "Suspended"])
  })

  it("begins where a new key begins, with what decides it, and ends with Deleted", () => {
    const ends = cmk.arrows.filter(({ source, target }) => source === null || target === null)
    expect(ends.map((arrow) => sentence(cmk, arrow))).toEqual([
      "[*] → PendingImport: [isExternal]",
      "[*] → Enabled: [else]",
      "Deleted → [*]: ",
      "[*] → Unsupported: [cannotRotate]",
      "[*] → Enabled: [else policyIsOn]",
      "[*] → Disabled: [else]"
    ])
  })

  it("has only arrows that some key can follow", () => {
    const names = new Set(lived.map(nameOf))
    const eventless = new Set(lived.map(({ region, from, to }) => `${region}: ${from} → ${to}`))
    const idle = drawn.filter((move) =>
      move.event === "" ? !eventless.has(`${move.region}: ${move.from} → ${move.to}`) : !names.has(nameOf(move))
    )
    expect(idle).toEqual([])
  })

  it("has an arrow for every change a key can undergo", () => {
    const names = new Set(drawn.map(nameOf))
    const changes = lived.filter(({ from, to }) => from !== to)
    const missing = changes.filter((move) => !names.has(nameOf(move)) && !names.has(nameOf({ ...move, event: "" })))
    expect(missing).toEqual([])
    expect(changes.length).toBeGreaterThan(0)
  })

  it("has an arrow, in one region or the other, for every event a key accepts", () => {
    const known = new Set(drawn.map(({ from, event }) => `${from} ${event}`))
    const silent = births.flatMap(([, input]) =>
      explorationOf(input).steps.filter(({ from, event, verdict }) => {
        const { lifecycle, rotation } = regionsOf(from.snapshot)
        return (
          verdict._tag === "Decision" && ![lifecycle, rotation].some((state) => known.has(`${state} ${event.type}`))
        )
      })
    )
    expect(silent).toEqual([])
  })

  it("is the same text every time", () => {
    expect(toMermaid(cmkMachine)).toBe(toMermaid(cmkMachine))
  })
})

describe("the strict reader", () => {
  const page = (...lines: ReadonlyArray<string>): string => ["stateDiagram-v2", ...lines, ""].join("\n")

  it.each([
    ["another kind of diagram", "graph TD\n"],
    ["a state used before it is declared", page('  state "a" as m_a', "  m_a --> m_b")],
    ["a state declared twice", page('  state "a" as m_a', '  state "b" as m_a')],
    ["a box left open", page('  state "a" as m_a {', '    state "b" as m_b')],
    ["a stray brace", page("  }")],
    ["a colon in a label", page('  state "a" as m_a', "  m_a --> m_a : x: y")],
    ["a semicolon in a label", page('  state "a" as m_a', "  m_a --> m_a : x; y")],
    ["markup in a label", page('  state "a" as m_a', "  m_a --> m_a : <b>x")],
    ["a quote in a title", page('  state "a"b" as m_a')],
    ["a concurrency line", page('  state "a" as m_a {', "    --", "  }")],
    ["a keyword as an id", page('  state "end" as end')],
    ["a wrong indent", page('   state "a" as m_a')],
    ["a missing last line end", 'stateDiagram-v2\n  state "a" as m_a']
  ])("refuses %s", (_fault, text) => {
    expect(() => readMermaid(text)).toThrow(Error)
  })

  it("reports arrows to boxes, arrows in a third box, and doubled arrows", () => {
    const text = page(
      '  state "a" as m_a {',
      '    state "b" as m_a_b',
      "  }",
      '  state "c" as m_c {',
      '    state "d" as m_c_d',
      "    m_c_d --> m_a_b",
      "  }",
      "  m_a_b --> m_c",
      "  m_a_b --> m_c_d : x",
      "  m_a_b --> m_c_d : y"
    )
    expect(layoutFaults(readMermaid(text))).toEqual([
      "m_a_b --> m_c ends at a box",
      "m_c_d --> m_a_b names a state of another box",
      "m_a_b --> m_c_d twice"
    ])
  })
})
