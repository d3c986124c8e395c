/** A machine as Mermaid text, written around the known faults of Mermaid's state diagrams. */
import type { AnyStateMachine } from "xstate"
import { chartOf } from "../model/chart.ts"
import { stateId } from "../model/drawing.ts"
import { plainName } from "./names.ts"
import type { Arrow, Chart, ChartState, Entry, Path } from "../model/chart.ts"

/** What Mermaid would read as syntax becomes an entity: a colon ends a label, a semicolon a line. */
const escaped = (text: string): string =>
  Array.from(text, (letter) =>
    /^[\p{L}\p{N} _.,()+*/-]$/u.test(letter) ? letter : `#${letter.codePointAt(0) ?? 0};`
  ).join("")

const guardLabel = (guard: string | null): string => (guard === null ? "" : `[${escaped(guard)}]`)

const arrowLabel = ({ event, guard }: Arrow): string =>
  [event === null ? "" : escaped(event), guardLabel(guard)].filter((text) => text !== "").join(" ")

const sameAs = (a: Path) => (b: Path) => a.length === b.length && a.every((key, index) => key === b[index])

/** Mermaid prints the labels of parallel arrows over each other, so two states share one arrow and its label has lines. */
const joined = (arrows: ReadonlyArray<Arrow>): ReadonlyArray<readonly [Arrow, string]> => {
  const groups: Array<Array<Arrow>> = []
  for (const arrow of arrows) {
    const group = groups.find(([first]) => {
      return first !== undefined && sameAs(first.source)(arrow.source) && sameAs(first.target)(arrow.target)
    })
    if (group === undefined) groups.push([arrow])
    else group.push(arrow)
  }
  return groups.flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [[first, [...new Set(group.map(arrowLabel))].join("<br/>")] as const]
  })
}

/**
 * An arrow is written in the box that holds both its ends, or at the very end, outside of all boxes: named in a third
 * box, a state would be moved there. Ends are always leaves, for an arrow to or from a box inside a box does not parse
 * or does not lay out.
 */
const homeOf = ({ source, target }: Arrow): Path => {
  const sourceBox = source.slice(0, -1)
  return sameAs(sourceBox)(target.slice(0, -1)) ? sourceBox : []
}

/** Ids are paths, because Mermaid has one namespace for all: the second `Enabled` would be drawn in the first one's box. */
const mermaidId = ({ id }: Chart, path: Path): string => plainName([id, ...path])

type Labelled = readonly [Arrow, string]

const withLabel = (line: string, label: string): string => (label === "" ? line : `${line} : ${label}`)

const linesOf = (chart: Chart): ReadonlyArray<string> => {
  const arrows = joined(chart.arrows)
  const idOf = (path: Path): string => mermaidId(chart, path)

  const arrowLine = ([{ source, target }, label]: Labelled): string =>
    withLabel(`${idOf(source)} --> ${idOf(target)}`, label)

  /** An entry that leads deeper is drawn to the box it leads into, whose own entry leads on. */
  const entryLine =
    (box: Path) =>
    ({ target, guard }: Entry): string =>
      withLabel(`[*] --> ${idOf(target.slice(0, box.length + 1))}`, guardLabel(guard))

  const declaration = (state: ChartState): ReadonlyArray<string> => {
    const head = `state "${escaped(state.name)}" as ${idOf(state.path)}`
    return state.states.length === 0
      ? [head]
      : [`${head} {`, ...inside(state.path, state).map((line) => `  ${line}`), "}"]
  }

  const inside = (box: Path, { states, entries }: Pick<ChartState, "states" | "entries">): ReadonlyArray<string> => [
    ...states.flatMap(declaration),
    ...new Set(entries.map(entryLine(box))),
    ...arrows.filter(([arrow]) => sameAs(homeOf(arrow))(box)).map(arrowLine),
    ...states.filter((state) => state.final).map((state) => `${idOf(state.path)} --> [*]`)
  ]

  return inside([], chart)
}

const leavesOf = (states: ReadonlyArray<ChartState>): ReadonlyArray<ChartState> =>
  states.flatMap((state) => (state.states.length === 0 ? [state] : leavesOf(state.states)))

/** Lit states are marked by a thick frame too: a class, which Mermaid takes for states that hold no others. */
const litLines = (chart: Chart, active: ReadonlyArray<string>): ReadonlyArray<string> => {
  const lit = leavesOf(chart.states).filter(({ path }) => active.includes(stateId(path)))
  return lit.length === 0
    ? []
    : [
        "classDef current fill:#cfe3f7,stroke:#083f78,stroke-width:4px,color:#000000",
        ...lit.map(({ path }) => `class ${mermaidId(chart, path)} current`)
      ]
}

/** What of a machine is written, and what is lit. */
export interface MermaidOptions {
  /** The box that is written alone. */
  readonly region?: string | undefined
  /** Ids of the states that are lit: `state.lifecycle.Enabled`. */
  readonly active?: ReadonlyArray<string>
}

const regionIn = (chart: Chart, region: string | undefined): Chart =>
  region === undefined
    ? chart
    : {
        ...chart,
        states: chart.states.filter(({ name }) => name === region),
        entries: [],
        arrows: chart.arrows.filter(({ source, target }) => source[0] === region && target[0] === region)
      }

/** Text of a `stateDiagram-v2`. Regions of a parallel state are boxes side by side; transient states are not drawn. */
export const toMermaid = (machine: AnyStateMachine, { region, active = [] }: MermaidOptions = {}): string => {
  const chart = regionIn(chartOf(machine), region)
  const lines = [...linesOf(chart), ...litLines(chart, active)]
  return ["stateDiagram-v2", ...lines.map((line) => `  ${line}`), ""].join("\n")
}
