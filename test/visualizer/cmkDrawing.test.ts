/** The drawing of the CMK, compared with the behaviour of the machine. */
import { describe, expect, it } from "vitest"
import { lifecycleOf, rotationOf } from "../../machines/cmk.ts"
import type { CmkSnapshot } from "../../machines/cmk.ts"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { everyState } from "../../src/visualizer/model/drawing.ts"
import type { EdgeLine } from "../../src/visualizer/model/lines.ts"
import { births, explorationOf } from "../machines/explore.ts"

const { drawing } = knownMachines.cmk

interface Move {
  readonly region: string
  readonly from: string
  readonly to: string
  readonly event: string
}
const nameOf = ({ region, from, to, event }: Move): string => `${region}: ${from} → ${to} by ${event}`

const partsOf = (id: string): readonly [string, string] => {
  const [, region = "", state = ""] = id.split(".")
  return [region, state]
}

const eventOf = ({ event }: EdgeLine): string => event ?? ""

const drawn: ReadonlyArray<Move> = [
  ...drawing.edges.flatMap(({ source, target, lines }) => {
    const [[region, from], [, to]] = [partsOf(source), partsOf(target)]
    return source.startsWith("start") ? [] : lines.map((line) => ({ region, from, to, event: eventOf(line) }))
  }),
  ...everyState(drawing.states).flatMap(({ id, stays }) => {
    const [region, state] = partsOf(id)
    return stays.map((line) => ({ region, from: state, to: state, event: eventOf(line) }))
  })
]

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

describe("the drawing of the CMK", () => {
  it("the drawing of the CMK shows the stable states of both regions, and no transient state", () => {
    expect(drawing.states.map(({ name, states }) => [name, states.map((state) => state.name)])).toEqual([
      ["lifecycle", ["PendingImport", "Enabled", "Disabled", "PendingDeletion", "Deleted"]],
      ["rotation", ["Unsupported", "Disabled", "Enabled", "Suspended"]]
    ])
  })

  it("the drawing of the CMK begins at the states of a new key, with their conditions", () => {
    const starts = drawing.edges.filter(({ source }) => source.startsWith("start"))
    expect(starts.map(({ target, lines }) => `${target}: ${lines.map(({ guard }) => guard ?? "").join()}`)).toEqual([
      "state.lifecycle.PendingImport: Origin EXTERNAL",
      "state.lifecycle.Enabled: else",
      "state.rotation.Unsupported: cannot rotate",
      "state.rotation.Enabled: else if policy on",
      "state.rotation.Disabled: else"
    ])
  })

  it("the drawing of the CMK has only arrows that some key can follow", () => {
    const names = new Set(lived.map(nameOf))
    const eventless = new Set(lived.map(({ region, from, to }) => `${region}: ${from} → ${to}`))
    const idle = drawn.filter((move) =>
      move.event === "" ? !eventless.has(`${move.region}: ${move.from} → ${move.to}`) : !names.has(nameOf(move))
    )
    expect(idle).toEqual([])
  })

  it("the drawing of the CMK has an arrow for every change of a key", () => {
    const names = new Set(drawn.map(nameOf))
    const changes = lived.filter(({ from, to }) => from !== to)
    const missing = changes.filter((move) => !names.has(nameOf(move)) && !names.has(nameOf({ ...move, event: "" })))
    expect(missing).toEqual([])
    expect(changes.length).toBeGreaterThan(0)
  })

  it("the drawing of the CMK has a line for every event that a key accepts", () => {
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
})
