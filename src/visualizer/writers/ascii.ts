/** A drawing as text characters, from a geometry in cells of a terminal: boxes, arrows, and every label. */
import { everyState } from "../model/drawing.ts"
import { lineText } from "../model/lines.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import type { EdgeLine } from "../model/lines.ts"
import type { Box, Geometry, Point } from "../layout/geometry.ts"
import { notesOf, noteText } from "../layout/metrics.ts"
import type { Metrics } from "../layout/metrics.ts"
import { isActive } from "./marks.ts"
import type { Marks } from "./marks.ts"
import { columns, toBoxes } from "./boxes.ts"
import { oneLine } from "./names.ts"

/** A tilde marks an event on schedule; pictures have a clock. */
const saidOf = (line: EdgeLine): string => oneLine(`${line.timed ? "~" : ""}${lineText(line)}`)

const noteLines = (state: DrawnState): ReadonlyArray<string> =>
  notesOf(state).map((note) => oneLine(typeof note === "string" ? noteText(note) : saidOf(note)))

const widest = (texts: ReadonlyArray<string>): number => Math.max(0, ...texts.map((text) => text.length))

/** Sizes in cells of a terminal. */
export const cells: Metrics = {
  stateSize: (state) => {
    if (state.kind === "history") return { width: 6, height: 3 }
    const notes = noteLines(state)
    return { width: Math.max(14, widest([oneLine(state.name), ...notes]) + 6), height: 3 + notes.length }
  },
  headSize: (state) => ({
    width: widest([oneLine(state.name), ...noteLines(state)]) + 4,
    height: 1 + noteLines(state).length
  }),
  labelSize: (lines) => ({ width: widest(lines.map(saidOf)) + 2, height: lines.length }),
  startSize: 1,
  boxPadding: 2,
  headGap: 0,
  gap: { node: 5, layer: 2, edge: 2, label: 1 },
  direction: "DOWN"
}

const up = 1
const right = 2
const down = 4
const left = 8

const corners: Readonly<Record<number, string>> = { [up]: "|", [down]: "|", [up | down]: "|" }
const flats: Readonly<Record<number, string>> = { [left]: "-", [right]: "-", [left | right]: "-" }

/** A grid of characters. Line cells record their directions, so that crossings and corners are drawn correctly. */
class Sheet {
  readonly #letters: Array<Array<string>>
  readonly #leads: Array<Array<number>>

  constructor(width: number, height: number) {
    this.#letters = Array.from({ length: height }, () => Array.from({ length: width }, () => " "))
    this.#leads = Array.from({ length: height }, () => Array.from({ length: width }, () => 0))
  }

  put(x: number, y: number, text: string): void {
    const row = this.#letters[y]
    if (row === undefined) return
    for (const [at, letter] of Array.from(text).entries()) if (x + at >= 0 && x + at < row.length) row[x + at] = letter
  }

  lead(x: number, y: number, where: number): void {
    const row = this.#leads[y]
    if (row === undefined || row[x] === undefined) return
    row[x] |= where
    const leads = row[x]
    this.put(x, y, corners[leads] ?? flats[leads] ?? "+")
  }

  frame({ x, y, width, height }: Box, edge: { readonly across: string; readonly along: string }): void {
    const [x2, y2] = [x + width - 1, y + height - 1]
    this.put(x, y, `+${edge.across.repeat(Math.max(0, width - 2))}+`)
    this.put(x, y2, `+${edge.across.repeat(Math.max(0, width - 2))}+`)
    for (let row = y + 1; row < y2; row++) {
      this.put(x, row, edge.along)
      this.put(x2, row, edge.along)
    }
  }

  clear({ x, y, width, height }: Box): void {
    for (let row = y; row < y + height; row++) this.put(x, row, " ".repeat(width))
  }

  text(): string {
    return `${this.#letters.map((row) => row.join("").trimEnd()).join("\n")}\n`
  }
}

const whole = ({ x, y, width, height }: Box): Box => {
  const [x1, y1] = [Math.round(x), Math.round(y)]
  return { x: x1, y: y1, width: Math.round(x + width) - x1, height: Math.round(y + height) - y1 }
}

/** A direction of a line. */
interface Direction {
  readonly dx: number
  readonly dy: number
  /** The side by which a line leaves a cell, and the side by which it enters the next one. */
  readonly leaves: number
  readonly enters: number
  readonly head: string
}

const directions = {
  right: { dx: 1, dy: 0, leaves: right, enters: left, head: ">" },
  left: { dx: -1, dy: 0, leaves: left, enters: right, head: "<" },
  down: { dx: 0, dy: 1, leaves: down, enters: up, head: "v" },
  up: { dx: 0, dy: -1, leaves: up, enters: down, head: "^" }
} as const satisfies Readonly<Record<string, Direction>>

/** Lines are horizontal or vertical. */
const directionOf = (from: Point, to: Point): Direction => {
  if (to.y > from.y) return directions.down
  if (to.y < from.y) return directions.up
  return to.x > from.x ? directions.right : directions.left
}

const drawLine = (sheet: Sheet, from: Point, to: Point): void => {
  const { dx, dy, enters, leaves } = directionOf(from, to)
  let { x, y } = from
  for (let steps = Math.abs(to.x - from.x) + Math.abs(to.y - from.y); steps > 0; steps--) {
    sheet.lead(x, y, leaves)
    x += dx
    y += dy
    sheet.lead(x, y, enters)
  }
}

const boxOf = (geometry: Geometry, id: string): Box => whole(geometry.nodes[id] ?? { x: 0, y: 0, width: 0, height: 0 })

/** The frame of a state with inner states. */
const drawOuter = (sheet: Sheet, box: Box): void => sheet.frame(box, { across: ".", along: ":" })

const drawHead = (sheet: Sheet, head: Box, state: DrawnState): void => {
  sheet.put(head.x, head.y, ` ${oneLine(state.name)} `)
  for (const [at, note] of noteLines(state).entries()) sheet.put(head.x + 1, head.y + 1 + at, note)
}

const drawLines = (sheet: Sheet, points: ReadonlyArray<Point>): void => {
  for (const [at, to] of points.entries()) {
    const from = points[at - 1]
    if (from !== undefined) drawLine(sheet, from, to)
  }
}

/** The last cell of an arrow from above or from the left belongs to the state's frame. */
const drawTip = (sheet: Sheet, points: ReadonlyArray<Point>): void => {
  const [from, to] = [points.at(-2), points.at(-1)]
  if (from === undefined || to === undefined) return
  const { head } = directionOf(from, to)
  sheet.put(to.x - (head === ">" ? 1 : 0), to.y - (head === "v" ? 1 : 0), head)
}

const drawLabel = (sheet: Sheet, { x, y }: Box, lines: ReadonlyArray<EdgeLine>): void => {
  for (const [at, line] of lines.entries()) sheet.put(x + 1, y + at, saidOf(line))
}

const drawState = (sheet: Sheet, box: Box, state: DrawnState, lit: boolean): void => {
  sheet.clear(box)
  sheet.frame(box, state.final || lit ? { across: "=", along: lit ? "#" : "|" } : { across: "-", along: "|" })
  const texts = [oneLine(lit ? `> ${state.name} <` : state.name), ...noteLines(state)]
  for (const [at, text] of texts.entries()) {
    sheet.put(box.x + Math.max(1, Math.floor((box.width - text.length) / 2)), box.y + 1 + at, text)
  }
}

/** For a terminal of 80 columns: a chart if it fits, otherwise boxes below each other. */
export const toAscii = (drawing: Drawing, geometry: Geometry, marks: Marks = {}): string => {
  const caption = marks.caption === undefined ? "" : `${oneLine(marks.caption)}\n`
  return caption + (geometry.width < columns ? toSheet(drawing, geometry, marks) : toBoxes(drawing, marks))
}

/** Each layer covers the one before: frames, lines, arrowheads, labels, titles, start dots, states. */
const toSheet = (drawing: Drawing, geometry: Geometry, marks: Marks): string => {
  const sheet = new Sheet(geometry.width + 1, geometry.height + 1)
  const states = everyState(drawing.states)
  const courses = drawing.edges.map(({ id }) =>
    (geometry.edges[id]?.points ?? []).map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) }))
  )
  const boxes = states.filter((state) => state.states.length > 0)
  for (const { id } of boxes) drawOuter(sheet, boxOf(geometry, id))
  for (const points of courses) drawLines(sheet, points)
  for (const points of courses) drawTip(sheet, points)
  for (const { id, lines } of drawing.edges) {
    const label = geometry.edges[id]?.label
    if (label !== undefined) drawLabel(sheet, whole(label), lines)
  }
  for (const state of boxes) drawHead(sheet, whole(geometry.heads[state.id] ?? boxOf(geometry, state.id)), state)
  for (const { id } of drawing.forks) sheet.put(boxOf(geometry, id).x, boxOf(geometry, id).y, "#")
  for (const { id } of drawing.starts) sheet.put(boxOf(geometry, id).x, boxOf(geometry, id).y, "o")
  for (const state of states) {
    if (state.states.length === 0) drawState(sheet, boxOf(geometry, state.id), state, isActive(marks, state.id))
  }
  return sheet.text()
}
