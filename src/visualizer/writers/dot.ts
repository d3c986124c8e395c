/** A drawing for Graphviz. Boxes are clusters, each with a point that represents the box in edges. */
import { everyState } from "../model/drawing.ts"
import { timedText } from "../model/lines.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import { isSamePath, isWithin } from "../model/paths.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { indented, oneLine } from "./names.ts"

/** In a quoted string a backslash begins an escape, so it is doubled. */
const escaped = (text: string): string => oneLine(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')

const quoted = (text: string): string => `"${escaped(text)}"`

const lines = (texts: ReadonlyArray<string>): string => `"${texts.map(escaped).join("\\n")}"`

const rowsOf = ({ name, about, notes, stays }: DrawnState): ReadonlyArray<string> => [
  name,
  ...about,
  ...notes,
  ...stays.map(timedText)
]

const leafOf = (state: DrawnState, marks: Marks): string => {
  if (state.kind === "history") return `${quoted(state.id)} [label=${quoted(state.name)} shape=circle comment=history];`
  const style = isActive(marks, state.id) ? 'rounded,filled,bold" fillcolor="#cfe3f7' : "rounded"
  const shape = state.final ? " peripheries=2" : ""
  return `${quoted(state.id)} [label=${lines(rowsOf(state))} shape=box style="${style}"${shape} comment=${state.kind}];`
}

const clusterName = (id: string): string => quoted(`cluster_${id}`)

/** Writes a drawing in the language of Graphviz. */
export const toDot = (drawing: Drawing, marks: Marks = {}): string => {
  const startsIn = (box: ReadonlyArray<string>): ReadonlyArray<string> => [
    ...drawing.starts
      .filter((start) => isSamePath(start.box, box))
      .map(({ id }) => `${quoted(id)} [label="" shape=circle style=filled fillcolor=black width=0.15 comment=start];`),
    ...drawing.forks
      .filter((fork) => isSamePath(fork.box, box))
      .map(({ id }) => `${quoted(id)} [label="" shape=box style=filled width=0.15 height=0.15 comment=fork];`)
  ]
  const nodeOf = (state: DrawnState): ReadonlyArray<string> =>
    state.states.length === 0
      ? [leafOf(state, marks)]
      : [
          `subgraph ${clusterName(state.id)} {`,
          ...[
            `label=${lines(rowsOf(state))};`,
            `comment=${state.kind};`,
            `style="${state.region ? "rounded,dashed" : "rounded"}";`,
            `${quoted(state.id)} [label="" shape=point width=0.01 style=invis comment=${state.kind}];`,
            ...startsIn(state.path),
            ...state.states.flatMap(nodeOf)
          ].map(indented),
          "}"
        ]
  const boxes = new Map(
    everyState(drawing.states).flatMap((state) => (state.states.length === 0 ? [] : [[state.id, state.path] as const]))
  )
  const paths = new Map(everyState(drawing.states).map(({ id, path }) => [id, path]))
  /** An edge cannot end at the border of a box that contains its other end: Graphviz ignores that. */
  const rim = (name: string, end: string, other: string): string => {
    const box = boxes.get(end)
    const isInside = box !== undefined && isWithin(paths.get(other) ?? [], box)
    return box === undefined || isInside ? "" : ` ${name}=${clusterName(end)}`
  }
  const edges = drawing.edges.map(({ source, target, lines: said }) => {
    const style = said.length > 0 && said.every((line) => line.timed) ? " style=dashed" : ""
    const rims = rim("ltail", source, target) + rim("lhead", target, source)
    return `${quoted(source)} -> ${quoted(target)} [label=${lines(said.map(timedText))}${style}${rims}];`
  })
  const isRootDrawn = drawing.states.includes(drawing.root)
  const top = [...(isRootDrawn ? [] : startsIn([])), ...drawing.states.flatMap(nodeOf), ...edges]
  const title = marks.caption === undefined ? [] : [`label=${quoted(marks.caption)};`, "labelloc=t;"]
  return [
    `digraph ${quoted(drawing.id)} {`,
    ...["compound=true;", `comment=${drawing.root.kind};`, ...title, ...top].map(indented),
    "}",
    ""
  ].join("\n")
}
