/** The sizes of the parts of a drawing, in pixels or in cells of a terminal. */
import { effectText, lineText } from "../model/lines.ts"
import type { DrawnState } from "../model/drawing.ts"
import type { EdgeLine } from "../model/lines.ts"
import { textWidth } from "./textWidth.ts"

interface Size {
  readonly width: number
  readonly height: number
}

/** The sizes from which the layout is computed. */
export interface Metrics {
  /** The size of a state without inner states. */
  readonly stateSize: (state: DrawnState) => Size
  /** The size of the title and notes of a state with inner states, in its upper part. */
  readonly headSize: (state: DrawnState) => Size
  readonly labelSize: (lines: ReadonlyArray<EdgeLine>) => Size
  readonly startSize: number
  /** The margin inside a box around its states, and above its title. */
  readonly boxPadding: number
  readonly headGap: number
  readonly gap: { readonly node: number; readonly layer: number; readonly edge: number; readonly label: number }
  readonly direction: "RIGHT" | "DOWN"
}

export const sizes = { name: 15, note: 11, label: 12, boxName: 13, title: 18, lineHeight: 17, noteHeight: 16 } as const
/** Space for the clock before the text of an event on schedule. */
export const clockRoom = 16
/** The gap between an event and its guard, and between these and the actions. */
const guardRoom = 5

/** The most transitions without a change of state that are listed in a state; further ones are counted. */
const listedMax = 3

/** Longer texts are shortened in pictures; tooltips and the other formats contain them in full. */
const lettersMax = 56

export const clipped = (text: string): string => {
  const letters = Array.from(text)
  return letters.length <= lettersMax ? text : `${letters.slice(0, lettersMax - 1).join("")}\u2026`
}

const counted = (count: number): string => `${count} ${count === 1 ? "event keeps" : "events keep"} this state`

/** The rows below a state's name: its description, its notes, events on schedule that keep the state, and other events that keep it. */
export const notesOf = ({ about, notes, stays }: DrawnState): ReadonlyArray<EdgeLine | string> => {
  const timed = stays.filter((line) => line.timed)
  const others = stays.filter((line) => !line.timed)
  const rest = others.length > listedMax ? [counted(others.length)] : others
  return [...about, ...notes, ...timed, ...rest]
}

export const noteText = (note: EdgeLine | string): string => clipped(typeof note === "string" ? note : lineText(note))

export const isTimed = (note: EdgeLine | string): boolean => typeof note !== "string" && note.timed

const noteWidth = (note: EdgeLine | string): number =>
  textWidth(noteText(note), sizes.note, "regular") + (isTimed(note) ? clockRoom : 0)

/** The parts of a line of text, each with its own colour. */
export interface Pieces {
  readonly event: string
  readonly guard: string
  readonly effect: string
}

export const piecesOf = (line: EdgeLine): Pieces => ({
  event: clipped(line.event ?? ""),
  guard: line.guard === null ? "" : `[${clipped(line.guard)}]`,
  effect: clipped(effectText(line) ?? "")
})

/** The start of each part, and the width of the line. */
export const placesOf = (
  line: EdgeLine
): { readonly guard: number; readonly effect: number; readonly width: number } => {
  const { event, guard, effect } = piecesOf(line)
  const start = line.timed ? clockRoom : 0
  const eventEnd = start + textWidth(event, sizes.label, "regular")
  const guardAt = eventEnd + (event === "" || guard === "" ? 0 : guardRoom)
  const guardEnd = guardAt + textWidth(guard, sizes.note, "regular")
  const effectAt = guardEnd + (effect === "" || event + guard === "" ? 0 : guardRoom)
  return { guard: guardAt, effect: effectAt, width: effectAt + textWidth(effect, sizes.note, "regular") }
}

export const lineWidth = (line: EdgeLine): number => placesOf(line).width

const widest = (widths: ReadonlyArray<number>): number => Math.ceil(Math.max(0, ...widths))

/** A history state is a circle with a letter. */
const historySize = 30

/** Sizes in pixels, for pictures. */
export const pixels: Metrics = {
  stateSize: (state) => {
    if (state.kind === "history") return { width: historySize, height: historySize }
    const notes = notesOf(state)
    return {
      width: Math.max(112, widest([textWidth(clipped(state.name), sizes.name, "bold"), ...notes.map(noteWidth)]) + 36),
      height: 44 + notes.length * sizes.noteHeight + (notes.length === 0 ? 0 : 4)
    }
  },
  headSize: (state) => {
    const notes = notesOf(state)
    return {
      width: widest([textWidth(clipped(state.name), sizes.boxName, "bold"), ...notes.map(noteWidth)]) + 8,
      height: 18 + notes.length * sizes.noteHeight
    }
  },
  labelSize: (lines) => ({
    width: widest(lines.map(lineWidth)) + 8,
    height: lines.length * sizes.lineHeight + 4
  }),
  startSize: 14,
  boxPadding: 22,
  headGap: 8,
  gap: { node: 34, layer: 38, edge: 16, label: 4 },
  direction: "DOWN"
}
