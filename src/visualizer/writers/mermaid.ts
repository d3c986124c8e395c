/** A drawing as Mermaid text, which avoids known faults of Mermaid's state diagrams. */
import { everyState } from "../model/drawing.ts"
import { timedText } from "../model/lines.ts"
import type { DrawnEdge, DrawnState, Drawing } from "../model/drawing.ts"
import { isSamePath, sharedBox } from "../model/paths.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { indented, namesOf } from "./names.ts"
import { rimsOf } from "./rims.ts"
import type { Rims } from "./rims.ts"
import type { Path } from "../model/chart.ts"

/** Escapes characters that are syntax in Mermaid: a colon ends a label, a semicolon a line. */
const escaped = (text: string): string =>
  Array.from(text, (letter) =>
    /^[\p{L}\p{N} _.,()+*/-]$/u.test(letter) ? letter : `#${letter.codePointAt(0) ?? 0};`
  ).join("")

/** Brackets are plain text in a label. */
const labelText = (text: string): string => escaped(text).replaceAll("#91;", "[").replaceAll("#93;", "]")

interface Sheet {
  readonly drawing: Drawing
  readonly nameOf: (id: string) => string
  readonly paths: ReadonlyMap<string, Path>
  readonly endOf: Rims["endOf"]
  readonly markOf: Rims["markOf"]
}

const withLabel = (line: string, texts: ReadonlyArray<string>): string =>
  texts.length === 0 ? line : `${line} : ${texts.map(labelText).join("<br/>")}`

const arrowLine = (sheet: Sheet, { source, target, lines }: DrawnEdge): string =>
  withLabel(`${sheet.endOf(source, target)} --> ${sheet.endOf(target, source)}`, lines.map(timedText))

/**
 * An arrow is written in the box that directly contains both its ends. Otherwise it is written at the end, outside all
 * boxes, because naming a state in a third box would move it there.
 */
const homeOf = ({ paths }: Sheet, { source, target }: DrawnEdge): Path => {
  const [from, to] = [paths.get(source), paths.get(target)]
  if (from === undefined || to === undefined) return []
  const box = sharedBox([from, to])
  return from.length === box.length + 1 && to.length === box.length + 1 ? box : []
}

/**
 * Transitions that keep the state, as one arrow from the state to itself. For a box the text says that it does not
 * start again.
 */
const stayLine = ({ nameOf }: Sheet, { id, stays, states }: DrawnState): ReadonlyArray<string> => {
  const texts = stays.map((line) => `${timedText(line)}${states.length === 0 ? "" : " (stays)"}`)
  return stays.length === 0 ? [] : [withLabel(`${nameOf(id)} --> ${nameOf(id)}`, texts)]
}

const declaration = (sheet: Sheet, state: DrawnState): ReadonlyArray<string> => {
  const name = sheet.nameOf(state.id)
  const texts = [state.name, ...state.about, ...state.notes].map(escaped)
  if (state.states.length > 0) {
    // Mermaid accepts no further rows for a box, so its title has them.
    return [`state "${texts.join("<br/>")}" as ${name} {`, ...inside(sheet, state).map(indented), "}"]
  }
  return texts.length === 1 ? [`state "${texts.join("")}" as ${name}`] : texts.map((text) => `${name} : ${text}`)
}

/** A separator divides regions. Each region has its initial state and its transitions. */
const inside = (sheet: Sheet, box: DrawnState): ReadonlyArray<string> => {
  const { drawing, nameOf } = sheet
  const starts = new Set(drawing.starts.filter((start) => isSamePath(start.box, box.path)).map(({ id }) => id))
  const forks = drawing.forks.filter((fork) => isSamePath(fork.box, box.path))
  const parts = box.states.map((state) => declaration(sheet, state))
  const declared =
    box.kind === "parallel" ? parts.flatMap((part, at) => (at === 0 ? part : ["--", ...part])) : parts.flat()
  return [
    ...sheet.markOf(box).map((mark) => `state "any state of ${escaped(box.name)}" as ${mark}`),
    ...forks.map(({ id }) => `state ${nameOf(id)} <<fork>>`),
    ...declared,
    ...drawing.edges.filter(({ source }) => starts.has(source)).map((edge) => startLine(sheet, box.path, edge)),
    ...(box.kind === "parallel" ? [] : arrowsIn(sheet, box)),
    ...box.states.filter(({ final }) => final && box.kind !== "parallel").map(({ id }) => `${nameOf(id)} --> [*]`)
  ]
}

/** A start arrow to a nested state is drawn to the state's box, because naming the nested state here would move it. */
const startLine = ({ nameOf, paths, drawing }: Sheet, box: Path, { target, lines }: DrawnEdge): string => {
  const path = paths.get(target) ?? []
  const near = everyState([drawing.root]).find((state) => isSamePath(state.path, path.slice(0, box.length + 1)))
  return withLabel(`[*] --> ${nameOf(near?.id ?? target)}`, lines.map(timedText))
}

const arrowsIn = (sheet: Sheet, box: DrawnState): ReadonlyArray<string> => [
  ...box.states.filter(({ states }) => states.length === 0).flatMap((state) => stayLine(sheet, state)),
  ...sheet.drawing.edges
    .filter((edge) => sheet.paths.has(edge.source) && isSamePath(homeOf(sheet, edge), box.path))
    .filter((edge) => box.path.length > 0 || isSideBySide(sheet, edge))
    .map((edge) => arrowLine(sheet, edge))
]

const isSideBySide = ({ paths }: Sheet, { source, target }: DrawnEdge): boolean =>
  paths.get(source)?.length === 1 && paths.get(target)?.length === 1

const isFarther = (sheet: Sheet, edge: DrawnEdge): boolean => {
  const { paths, drawing } = sheet
  const isStart = drawing.starts.some(({ id }) => id === edge.source)
  if (isStart) return false
  if (!paths.has(edge.source) || !paths.has(edge.target)) return true
  const home = homeOf(sheet, edge)
  const box = everyState([drawing.root]).find(({ path }) => isSamePath(path, home))
  return box?.kind === "parallel" || (home.length === 0 && !isSideBySide(sheet, edge))
}

/** Highlighted states have a thick border: a class, which Mermaid supports only for states without inner states. */
const litLines = ({ drawing, nameOf }: Sheet, marks: Marks): ReadonlyArray<string> => {
  const leaves = everyState(drawing.states).filter(({ states }) => states.length === 0)
  const lit = leaves.filter(({ id }) => isActive(marks, id))
  return lit.length === 0
    ? []
    : [
        "classDef current fill:#cfe3f7,stroke:#083f78,stroke-width:4px,color:#000000",
        ...lit.map(({ id }) => `class ${nameOf(id)} current`)
      ]
}

/** Text of a `stateDiagram-v2`. A parallel machine is a box with divided regions; other machines have no box. */
export const toMermaid = (drawing: Drawing, marks: Marks = {}): string => {
  const states = everyState([drawing.root])
  const sheet: Sheet = {
    drawing,
    nameOf: namesOf(drawing),
    paths: new Map<string, Path>([
      ...states.map(({ id, path }) => [id, path] as const),
      ...drawing.forks.map(({ id, box }) => [id, [...box, id]] as const)
    ]),
    ...rimsOf(drawing, true)
  }
  const isWrapped = drawing.root.kind === "parallel" || drawing.states.includes(drawing.root)
  const body = isWrapped ? declaration(sheet, drawing.root) : inside(sheet, drawing.root)
  const boxes = states.filter((state) => state.states.length > 0)
  const loose = states.filter((state) => state.states.length === 0 && (state.region || state === drawing.root))
  const far = [
    ...drawing.edges.filter((edge) => isFarther(sheet, edge)).map((edge) => arrowLine(sheet, edge)),
    ...[...boxes, ...loose].flatMap((state) => stayLine(sheet, state))
  ]
  const title = marks.caption === undefined ? [] : ["---", `title: ${JSON.stringify(marks.caption)}`, "---"]
  return [...title, "stateDiagram-v2", ...[...body, ...far, ...litLines(sheet, marks)].map(indented), ""].join("\n")
}
