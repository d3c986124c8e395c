/** A drawing as text for terminals of any width: boxes below each other, each with its arrows below it. */
import { everyState } from "../model/drawing.ts"
import { lineText } from "../model/lines.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import type { EdgeLine } from "../model/lines.ts"
import { isSamePath } from "../model/paths.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { oneLine } from "./names.ts"

/** The width of a terminal. */
export const columns = 80

/** Wraps text. A word that is longer than a line is cut. */
export const foldedTo = (text: string, width: number): ReadonlyArray<string> => {
  if (text.length <= width) return [text]
  const space = text.lastIndexOf(" ", width)
  const at = space > 0 ? space : width
  return [text.slice(0, at), ...foldedTo(text.slice(at).trimStart(), width)]
}

/** The minimum width of text, for any depth. */
const narrowest = 12

const saidOf = (line: EdgeLine): string => oneLine(`${line.timed ? "~" : ""}${lineText(line)}`)

const frame = (
  texts: ReadonlyArray<string>,
  room: number,
  look: { across: string; along: string }
): ReadonlyArray<string> => {
  const rows = texts.flatMap((text) => foldedTo(text, room - 4))
  const width = Math.max(...rows.map((row) => row.length))
  const rim = `+${look.across.repeat(width + 2)}+`
  return [rim, ...rows.map((row) => `${look.along} ${row.padEnd(width)} ${look.along}`), rim]
}

/** An arrow with its label before it; a long label continues on the next line. */
const arrow = (words: string, where: string, room: number): ReadonlyArray<string> => {
  const text = words === "" ? `--> ${where}` : `${words} --> ${where}`
  const [first = "", ...rest] = foldedTo(text, room - 6)
  return [`  |- ${first}`, ...rest.map((row) => `  |    ${row}`)]
}

export const toBoxes = (drawing: Drawing, marks: Marks): string => {
  const nameOf = new Map(
    everyState([drawing.root]).map((state) => [
      state.id,
      oneLine(state.kind === "history" ? `${state.name} of ${state.path.at(-2) ?? drawing.id}` : state.name)
    ])
  )
  const endsOf = (target: string): string =>
    target.startsWith("fork.")
      ? drawing.edges
          .filter(({ source }) => source === target)
          .map((edge) => nameOf.get(edge.target) ?? "")
          .join(" and ")
      : (nameOf.get(target) ?? "")
  const arrowsOf = (id: string, room: number): ReadonlyArray<string> =>
    drawing.edges
      .filter(({ source }) => source === id)
      .flatMap(({ target, lines }) =>
        (lines.length === 0 ? [""] : lines.map(saidOf)).flatMap((said) => arrow(said, endsOf(target), room))
      )
  const startOf = (box: ReadonlyArray<string>, room: number): ReadonlyArray<string> =>
    drawing.starts.filter((start) => isSamePath(start.box, box)).flatMap(({ id }) => ["o", ...arrowsOf(id, room)])
  const stateOf = (state: DrawnState, room: number): ReadonlyArray<string> => {
    const lit = isActive(marks, state.id)
    const name = nameOf.get(state.id) ?? ""
    const texts = [lit ? `> ${name} <` : name, ...[...state.about, ...state.notes].map(oneLine)]
    const look = { across: state.final || lit ? "=" : "-", along: lit ? "#" : "|" }
    const stays = state.stays.flatMap((line) => arrow(saidOf(line), "stays", room))
    if (state.states.length === 0) return [...frame(texts, room, look), ...stays, ...arrowsOf(state.id, room), ""]
    const inner = Math.max(narrowest, room - 2)
    const heading = state.kind === "parallel" ? ["(all at once)"] : []
    return [
      ...frame([...texts, ...heading], room, { across: ".", along: ":" }),
      ...stays,
      ...arrowsOf(state.id, room),
      ...[...startOf(state.path, inner), ...state.states.flatMap((child) => stateOf(child, inner))].map((row) =>
        `: ${row}`.trimEnd()
      ),
      ""
    ]
  }
  const isRootDrawn = drawing.states.includes(drawing.root)
  const rows = [
    ...(isRootDrawn ? [] : startOf([], columns)),
    ...drawing.states.flatMap((state) => stateOf(state, columns))
  ]
  return `${rows.join("\n").trimEnd()}\n`
}
