/** A drawing as PlantUML text. */
import { isSamePath, lineText } from "../model/drawing.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { oneLine, plainName } from "./names.ts"

/** Creole, markup and line breaks are spelled as characters by their number; a backslash would begin an escape. */
const written = (text: string): string =>
  Array.from(oneLine(text), (letter) =>
    /^[\p{L}\p{N} .,()[\]+:-]$/u.test(letter)
      ? letter
      : `<U+${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}>`
  ).join("")

export const toPlantuml = (drawing: Drawing, marks: Marks = {}): string => {
  const names = new Map<string, string>()
  const register = (states: ReadonlyArray<DrawnState>): void => {
    for (const state of states) {
      names.set(state.id, plainName(state.path))
      register(state.states)
    }
  }
  register(drawing.states)
  const nameOf = (id: string): string => names.get(id) ?? "[*]"
  const edge = (source: string, target: string, said: ReadonlyArray<string>): string =>
    `${source} --> ${target}${said.length === 0 ? "" : ` : ${said.map(written).join("\\n")}`}`
  const startsIn = (box: ReadonlyArray<string>): ReadonlyArray<string> =>
    drawing.starts
      .filter((start) => isSamePath(start.box, box))
      .flatMap(({ id }) =>
        drawing.edges
          .filter(({ source }) => source === id)
          .map(({ target, lines }) => edge("[*]", nameOf(target), lines.map(lineText)))
      )
  const stateOf = (state: DrawnState): ReadonlyArray<string> => {
    const head = `state "${written(state.name)}" as ${nameOf(state.id)}`
    const lit = isActive(marks, state.id) ? " #lightblue;line:blue;line.bold" : ""
    if (state.states.length > 0) return [`${head} {`, ...insideOf(state.path, state.states).map(indented), "}"]
    return [`${head}${lit}`, ...(state.final ? [`${nameOf(state.id)} --> [*]`] : [])]
  }
  const insideOf = (box: ReadonlyArray<string>, states: ReadonlyArray<DrawnState>): ReadonlyArray<string> => [
    ...states.flatMap(stateOf),
    ...startsIn(box)
  ]
  const moves = drawing.edges
    .filter(({ source }) => names.has(source))
    .map(({ source, target, lines }) => edge(nameOf(source), nameOf(target), lines.map(lineText)))
  return ["@startuml", "hide empty description", ...insideOf([], drawing.states), ...moves, "@enduml", ""].join("\n")
}

const indented = (line: string): string => `  ${line}`
