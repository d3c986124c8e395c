/** A drawing in Graphviz's language. */
import { isSamePath, lineText } from "../model/drawing.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { oneLine } from "./names.ts"

/** In a quoted string a backslash begins an escape, so it is doubled. */
const quoted = (text: string): string => `"${oneLine(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`

const lines = (texts: ReadonlyArray<string>): string =>
  `"${texts.map((text) => quoted(text).slice(1, -1)).join("\\n")}"`

export const toDot = (drawing: Drawing, marks: Marks = {}): string => {
  const nodeOf = (state: DrawnState): ReadonlyArray<string> => {
    if (state.states.length === 0) {
      const style = isActive(marks, state.id) ? 'rounded,filled,bold" fillcolor="#cfe3f7' : "rounded"
      const shape = state.final ? " peripheries=2" : ""
      return [`${quoted(state.id)} [label=${quoted(state.name)} shape=box style="${style}"${shape}];`]
    }
    return [
      `subgraph ${quoted(`cluster_${state.id}`)} {`,
      ...[`label=${quoted(state.name)};`, ...startsIn(state.path), ...state.states.flatMap(nodeOf)].map(indented),
      "}"
    ]
  }
  const startsIn = (box: ReadonlyArray<string>): ReadonlyArray<string> =>
    drawing.starts
      .filter((start) => isSamePath(start.box, box))
      .map(({ id }) => `${quoted(id)} [label="" shape=circle style=filled fillcolor=black width=0.15];`)
  const edges = drawing.edges.map(({ source, target, lines: said }) => {
    const style = said.length > 0 && said.every((line) => line.timed) ? " style=dashed" : ""
    return `${quoted(source)} -> ${quoted(target)} [label=${lines(said.map(lineText))}${style}];`
  })
  return [
    `digraph ${quoted(drawing.id)} {`,
    ...["compound=true;", ...startsIn([]), ...drawing.states.flatMap(nodeOf), ...edges].map(indented),
    "}",
    ""
  ].join("\n")
}

const indented = (line: string): string => `  ${line}`
