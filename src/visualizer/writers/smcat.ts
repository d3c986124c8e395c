/** A drawing in the language of state-machine-cat. */
import { isSamePath, lineText } from "../model/drawing.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { oneLine, plainPart } from "./names.ts"

/** An id as a name: odd characters are spelled by their codes, so that no two states come to share one. */
const named = (id: string): string => `"${id.split(".").map(plainPart).join(".")}"`

/** Its strings have no escapes that every reader of it knows. */
const quoted = (text: string): string => `"${oneLine(text).replaceAll("\\", "/").replaceAll('"', "'")}"`

export const toSmcat = (drawing: Drawing, marks: Marks = {}): string => {
  const attributes = (state: DrawnState): string => {
    const type = state.final ? " type=final" : ""
    return ` [label=${quoted(state.name)}${type}${isActive(marks, state.id) ? " active" : ""}]`
  }
  const startsIn = (box: ReadonlyArray<string>): ReadonlyArray<string> =>
    drawing.starts.filter((start) => isSamePath(start.box, box)).map(({ id }) => `${named(id)} [label="" type=initial]`)
  const stateOf = (state: DrawnState): string =>
    state.states.length === 0
      ? `${named(state.id)}${attributes(state)}`
      : `${named(state.id)}${attributes(state)} {\n${insideOf(state.path, state.states).replaceAll(/^(?=.)/gm, "  ")}}`
  const insideOf = (box: ReadonlyArray<string>, states: ReadonlyArray<DrawnState>): string =>
    `${[...startsIn(box), ...states.map(stateOf)].join(",\n")};\n`
  const edges = drawing.edges.flatMap(({ source, target, lines }) =>
    (lines.length === 0 ? [undefined] : lines).map(
      (line) => `${named(source)} => ${named(target)}${line === undefined ? "" : `: ${quoted(lineText(line))}`};\n`
    )
  )
  return [insideOf([], drawing.states), ...edges].join("")
}
