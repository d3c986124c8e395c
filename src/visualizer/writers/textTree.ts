/** A drawing as an indented list: for terminals, screen readers and diffs. `▶` stands before what is current. */
import { everyState, isSamePath, lineText } from "../model/drawing.ts"
import type { DrawnState, Drawing, EdgeLine } from "../model/drawing.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { oneLine } from "./names.ts"

const saidOf = (line: EdgeLine): string => `${lineText(line)}${line.timed ? " (by time)" : ""}`

export const toText = (drawing: Drawing, marks: Marks = {}): string => {
  const names = new Map(everyState(drawing.states).map(({ id, name }) => [id, name]))
  const short = (id: string): string => oneLine(names.get(id) ?? id)
  const movesOf = (id: string): ReadonlyArray<string> =>
    drawing.edges
      .filter(({ source }) => source === id)
      .flatMap(({ target, lines }) =>
        (lines.length === 0 ? [undefined] : lines).map(
          (line) => `→ ${short(target)}${line === undefined ? "" : `: ${oneLine(saidOf(line))}`}`
        )
      )
  const startOf = (box: ReadonlyArray<string>): ReadonlyArray<string> =>
    drawing.starts
      .filter((start) => isSamePath(start.box, box))
      .flatMap(({ id }) => ["start", ...movesOf(id).map((move) => `  ${move}`)])
  const linesOf = (state: DrawnState): ReadonlyArray<string> => {
    const mark = isActive(marks, state.id) ? "▶ " : "  "
    const head = `${mark}${oneLine(state.name)}${state.final ? " (final)" : ""}`
    const inside = [
      ...(state.description === null ? [] : [oneLine(state.description)]),
      ...movesOf(state.id),
      ...state.stays.map((line) => `↻ ${oneLine(saidOf(line))}`),
      ...startOf(state.path).filter(() => state.states.length > 0),
      ...state.states.flatMap(linesOf)
    ]
    return [head, ...inside.map((line) => `    ${line}`)]
  }
  return [oneLine(drawing.id), ...startOf([]).map((line) => `  ${line}`), ...drawing.states.flatMap(linesOf), ""].join(
    "\n"
  )
}
