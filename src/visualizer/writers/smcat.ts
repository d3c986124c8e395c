/** A drawing for state-machine-cat. */
import { timedText } from "../model/lines.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import { isSamePath } from "../model/paths.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { oneLine, plainPart } from "./names.ts"

/** An id as a name. Special characters are replaced by their codes, so that names stay unique. */
const named = (id: string): string => `"${id.split(".").map(plainPart).join(".")}"`

/** Its strings have no escapes that all its readers support. */
const quoted = (text: string): string => `"${oneLine(text).replaceAll("\\", "/").replaceAll('"', "'")}"`

const typeOf = (state: DrawnState): string => {
  if (state.kind === "history") return state.history === "deep" ? "deephistory" : "history"
  if (state.final) return "final"
  return state.kind === "parallel" && state.states.length > 0 ? "parallel" : "regular"
}

/** Writes a drawing for state-machine-cat. */
export const toSmcat = (drawing: Drawing, marks: Marks = {}): string => {
  const attributes = (state: DrawnState): string =>
    ` [label=${quoted(state.name)} type=${typeOf(state)}${isActive(marks, state.id) ? " active" : ""}]`
  const actions = ({ about, notes }: DrawnState): string =>
    about.length + notes.length === 0
      ? ""
      : `: ${[...about, ...notes].map((note) => oneLine(note).replaceAll(/["\\,;:{}[\]#]/g, " ")).join("\n")}\n`
  const dotsIn = (box: ReadonlyArray<string>): ReadonlyArray<string> => [
    ...drawing.starts
      .filter((start) => isSamePath(start.box, box))
      .map(({ id }) => `${named(id)} [label="" type=initial]`),
    ...drawing.forks.filter((fork) => isSamePath(fork.box, box)).map(({ id }) => `${named(id)} [label="" type=fork]`)
  ]
  const stateOf = (state: DrawnState): string => {
    const head = `${named(state.id)}${attributes(state)}${actions(state)}`
    return state.states.length === 0
      ? head
      : `${head} {\n${insideOf(state.path, state.states).replaceAll(/^(?=.)/gm, "  ")}}`
  }
  const insideOf = (box: ReadonlyArray<string>, states: ReadonlyArray<DrawnState>): string =>
    `${[...dotsIn(box), ...states.map(stateOf)].join(",\n")};\n`
  const edges = drawing.edges.flatMap(({ source, target, lines }) =>
    (lines.length === 0 ? [undefined] : lines).map(
      (line) => `${named(source)} => ${named(target)}${line === undefined ? "" : `: ${quoted(timedText(line))}`};\n`
    )
  )
  const staying = (state: DrawnState): ReadonlyArray<string> => [
    ...state.stays.map(
      (line) => `${named(state.id)} => ${named(state.id)} [type=internal]: ${quoted(timedText(line))};\n`
    ),
    ...state.states.flatMap(staying)
  ]
  const isWrapped = drawing.root.kind === "parallel" || drawing.states.includes(drawing.root)
  const body = isWrapped ? `${stateOf(drawing.root)};\n` : insideOf([], drawing.states)
  const caption = marks.caption === undefined ? "" : `# ${oneLine(marks.caption)}\n`
  return [caption, body, ...edges, ...staying(drawing.root)].join("")
}
