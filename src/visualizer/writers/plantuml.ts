/** A drawing as PlantUML text. */
import { timedText } from "../model/lines.ts"
import type { DrawnEdge, DrawnState, Drawing } from "../model/drawing.ts"
import { isSamePath } from "../model/paths.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { indented, namesOf, oneLine } from "./names.ts"
import { rimsOf } from "./rims.ts"
import type { Rims } from "./rims.ts"

/** Creole, markup and line breaks become numeric characters; a backslash would begin an escape. */
const written = (text: string): string =>
  Array.from(oneLine(text), (letter) =>
    /^[\p{L}\p{N} .,()[\]+:/-]$/u.test(letter)
      ? letter
      : `<U+${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}>`
  ).join("")

interface Sheet {
  readonly drawing: Drawing
  readonly nameOf: (id: string) => string
  readonly marks: Marks
  readonly rims: Rims
}

const arrow = (source: string, target: string, texts: ReadonlyArray<string>): string =>
  `${source} --> ${target}${texts.length === 0 ? "" : ` : ${texts.map(written).join("\\n")}`}`

const labelOf = ({ lines }: DrawnEdge): ReadonlyArray<string> => lines.map(timedText)

const stereotypes = { shallow: " <<history>>", deep: " <<history*>>" } as const

const stateOf = (sheet: Sheet, state: DrawnState): ReadonlyArray<string> => {
  const { nameOf, marks } = sheet
  const name = nameOf(state.id)
  if (state.kind === "history") return [`state ${name}${stereotypes[state.history ?? "shallow"]}`]
  const lit = isActive(marks, state.id) ? " #lightblue;line:blue;line.bold" : ""
  const head = `state "${written(state.name)}" as ${name}${lit}`
  // In italics: otherwise a description looks like a transition that keeps the state.
  const about = state.about.map((row) => `${name} : //${written(row)}//`)
  const notes = [...state.notes, ...state.stays.map(timedText)].map((note) => `${name} : ${written(note)}`)
  return state.states.length === 0
    ? [head, ...about, ...notes]
    : [`${head} {`, ...insideOf(sheet, state).map(indented), "}", ...about, ...notes]
}

/** `--` separates regions, each with its start arrow. */
const insideOf = (sheet: Sheet, box: DrawnState): ReadonlyArray<string> => {
  const { drawing, nameOf } = sheet
  const starts = new Set(drawing.starts.filter((start) => isSamePath(start.box, box.path)).map(({ id }) => id))
  const parts = box.states.map((state) => stateOf(sheet, state))
  const marks = sheet.rims.markOf(box).map((mark) => `state "any state of ${written(box.name)}" as ${mark}`)
  return [
    ...marks,
    ...(box.kind === "parallel" ? parts.flatMap((part, at) => (at === 0 ? part : ["--", ...part])) : parts.flat()),
    ...drawing.edges
      .filter(({ source }) => starts.has(source))
      .map((edge) => arrow("[*]", nameOf(edge.target), labelOf(edge))),
    ...box.states.filter(({ final }) => final && box.kind !== "parallel").map(({ id }) => arrow(nameOf(id), "[*]", []))
  ]
}

/** Writes a drawing for PlantUML. */
export const toPlantuml = (drawing: Drawing, marks: Marks = {}): string => {
  const sheet: Sheet = { drawing, nameOf: namesOf(drawing), marks, rims: rimsOf(drawing, false) }
  const { nameOf } = sheet
  const isWrapped = drawing.root.kind === "parallel" || drawing.states.includes(drawing.root)
  const starts = new Set(drawing.starts.map(({ id }) => id))
  return [
    "@startuml",
    "hide empty description",
    ...(marks.caption === undefined ? [] : [`title ${written(marks.caption)}`]),
    ...drawing.forks.map(({ id }) => `state ${nameOf(id)} <<fork>>`),
    ...(isWrapped ? stateOf(sheet, drawing.root) : insideOf(sheet, drawing.root)),
    ...drawing.edges
      .filter(({ source }) => !starts.has(source))
      .map((edge) =>
        arrow(sheet.rims.endOf(edge.source, edge.target), sheet.rims.endOf(edge.target, edge.source), labelOf(edge))
      ),
    "@enduml",
    ""
  ].join("\n")
}
