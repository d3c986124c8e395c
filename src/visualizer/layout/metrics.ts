/** Sizes of what is drawn, in pixels; or in cells of a terminal, where every letter is as wide as another. */
import { effectText, lineText } from "../model/lines.ts"
import type { DrawnState } from "../model/drawing.ts"
import type { EdgeLine } from "../model/lines.ts"
import { textWidth } from "./textWidth.ts"

interface Size {
  readonly width: number
  readonly height: number
}

/** The sizes of what is drawn, from which the layout is computed. */
export interface Metrics {
  /** Size of a state that holds no others. */
  readonly stateSize: (state: DrawnState) => Size
  /** Size of the name and the notes of a state that holds others, in its upper part. */
  readonly headSize: (state: DrawnState) => Size
  readonly labelSize: (lines: ReadonlyArray<EdgeLine>) => Size
  readonly startSize: number
  /** Free space inside a box around its states, and above its head. */
  readonly boxPadding: number
  readonly headGap: number
  readonly gap: { readonly node: number; readonly layer: number; readonly edge: number; readonly label: number }
  readonly direction: "RIGHT" | "DOWN"
}

export const sizes = { name: 15, note: 11, label: 12, boxName: 13, title: 18, lineHeight: 17, noteHeight: 16 } as const
/** Room for the small clock before the words of what time brings. */
export const clockRoom = 16
/** Room between an event and its guard, and between them and the actions. */
const guardRoom = 5

/** As many transitions that stay are listed in a state; more are counted. */
const listedMax = 3

/** Longer texts are cut in pictures; tooltips and the other formats have all of them. */
const lettersMax = 56

export const clipped = (text: string): string => {
  const letters = Array.from(text)
  return letters.length <= lettersMax ? text : `${letters.slice(0, lettersMax - 1).join("")}\u2026`
}

const counted = (count: number): string => `${count} ${count === 1 ? "event keeps" : "events keep"} this state`

/** Rows under a state's name: its notes, scheduled events that keep the state, and the other events that do. */
export const notesOf = ({ notes, stays }: DrawnState): ReadonlyArray<EdgeLine | string> => {
  const timed = stays.filter((line) => line.timed)
  const others = stays.filter((line) => !line.timed)
  const rest = others.length > listedMax ? [counted(others.length)] : others
  return [...notes, ...timed, ...rest]
}

export const noteText = (note: EdgeLine | string): string => clipped(typeof note === "string" ? note : lineText(note))

export const isTimed = (note: EdgeLine | string): boolean => typeof note !== "string" && note.timed

const noteWidth = (note: EdgeLine | string): number =>
  textWidth(noteText(note), sizes.note, "regular") + (isTimed(note) ? clockRoom : 0)

/** The pieces of a line, each in another colour. */
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

/** Where each piece of a line begins, and how wide the line is. */
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
