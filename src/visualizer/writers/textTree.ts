/** A drawing as an indented list, for terminals, screen readers and diffs. `▶` marks current states. */
import { everyState } from "../model/drawing.ts"
import { timedText } from "../model/lines.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import type { EdgeLine } from "../model/lines.ts"
import { isSamePath } from "../model/paths.ts"
import { columns, foldedTo } from "./boxes.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { oneLine } from "./names.ts"

/** Long lines are wrapped with more indentation. Deeply nested lines keep a minimum width. */
const folded = (line: string): ReadonlyArray<string> => {
  if (line.length <= columns) return [line]
  const indent = (/^ */.exec(line)?.[0] ?? "").slice(0, columns - 24)
  const [first = "", ...rest] = foldedTo(line.trimStart(), columns - indent.length - 4)
  return [`${indent}${first}`, ...rest.map((row) => `${indent}    ${row}`)]
}

const kindText = (state: DrawnState): string => {
  if (state.final) return " (final)"
  return state.kind === "parallel" && state.states.length > 0 ? " (all at once)" : ""
}

const nameOf = (state: DrawnState): string =>
  oneLine(state.kind === "history" ? `${state.path.at(-1) ?? ""} (history)` : state.name)

const titleOf = (state: DrawnState): string =>
  state.history === "deep" ? `${nameOf(state)}, deep` : `${nameOf(state)}${kindText(state)}`

/** The description of a transition, below its line. */
const saidOf = (line: EdgeLine | undefined): ReadonlyArray<string> =>
  line === undefined || line.description === null
    ? []
    : [`    ${oneLine(line.description.replaceAll(/\s+/g, " ").trim())}`]

/** Writes a drawing as a tree of text. */
export const toText = (drawing: Drawing, marks: Marks = {}): string => {
  const names = new Map(everyState([drawing.root]).map((state) => [state.id, nameOf(state)]))
  const movesOf = (id: string): ReadonlyArray<string> =>
    drawing.edges
      .filter(({ source }) => source === id)
      .flatMap(({ target, lines }) => {
        const ends = target.startsWith("fork.") ? drawing.edges.filter(({ source }) => source === target) : [{ target }]
        const where = ends.map((end) => names.get(end.target) ?? end.target).join(" and ")
        return (lines.length === 0 ? [undefined] : lines).flatMap((line) => [
          `→ ${where}${line === undefined ? "" : `: ${oneLine(timedText(line))}`}`,
          ...saidOf(line)
        ])
      })
  const startOf = (box: ReadonlyArray<string>): ReadonlyArray<string> =>
    drawing.starts
      .filter((start) => isSamePath(start.box, box))
      .flatMap(({ id }) => ["start", ...movesOf(id).map((move) => `  ${move}`)])
  const linesOf = (state: DrawnState): ReadonlyArray<string> => {
    const mark = isActive(marks, state.id) ? "▶ " : "  "
    const inside = [
      ...(state.description === null ? [] : [oneLine(state.description)]),
      ...state.notes.map(oneLine),
      ...movesOf(state.id),
      ...state.stays.flatMap((line) => [`↻ ${oneLine(timedText(line))}`, ...saidOf(line)]),
      ...startOf(state.path),
      ...state.states.flatMap(linesOf)
    ]
    return [`${mark}${titleOf(state)}`, ...inside.map((line) => `    ${line}`)]
  }
  const isRootDrawn = drawing.states.includes(drawing.root)
  const lines = [
    ...(marks.caption === undefined ? [] : [oneLine(marks.caption)]),
    oneLine(drawing.id),
    ...(isRootDrawn ? [] : startOf([]).map((line) => `  ${line}`)),
    ...drawing.states.flatMap(linesOf)
  ]
  return [...lines.flatMap(folded), ""].join("\n")
}
