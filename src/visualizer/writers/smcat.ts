/** A drawing in the language of state-machine-cat. */
import { isSamePath, lineText } from "../drawing.ts"
import type { DrawnState, Drawing } from "../drawing.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { oneLine } from "./names.ts"

/** Its strings know no other escape than that of the quote. */
const quoted = (text: string): string => `"${oneLine(text).replaceAll("\\", "/").replaceAll('"', "'")}"`

export const toSmcat = (drawing: Drawing, marks: Marks = {}): string => {
  const attributes = (state: DrawnState): string => {
    const type = state.final ? " type=final" : ""
    return ` [label=${quoted(state.name)}${type}${isActive(marks, state.id) ? " active" : ""}]`
  }
  const startsIn = (box: ReadonlyArray<string>): ReadonlyArray<string> =>
    drawing.starts
      .filter((start) => isSamePath(start.box, box))
      .map(({ id }) => `${quoted(id)} [label="" type=initial]`)
  const stateOf = (state: DrawnState): string =>
    state.states.length === 0
      ? `${quoted(state.id)}${attributes(state)}`
      : `${quoted(state.id)}${attributes(state)} {\n${insideOf(state.path, state.states).replaceAll(/^(?=.)/gm, "  ")}}`
  const insideOf = (box: ReadonlyArray<string>, states: ReadonlyArray<DrawnState>): string =>
    `${[...startsIn(box), ...states.map(stateOf)].join(",\n")};\n`
  const edges = drawing.edges.flatMap(({ source, target, lines }) =>
    (lines.length === 0 ? [undefined] : lines).map(
      (line) => `${quoted(source)} => ${quoted(target)}${line === undefined ? "" : `: ${quoted(lineText(line))}`};\n`
    )
  )
  return [insideOf([], drawing.states), ...edges].join("")
}
