/** Sizes of what is drawn, in pixels; or in cells of a terminal, where every letter is as wide as another. */
import { lineText } from "../model/drawing.ts"
import type { DrawnState, EdgeLine } from "../model/drawing.ts"
import { textWidth } from "./textWidth.ts"

export interface Metrics {
  /** Size of a state that holds no others. */
  readonly stateSize: (state: DrawnState) => { readonly width: number; readonly height: number }
  readonly labelSize: (lines: ReadonlyArray<EdgeLine>) => { readonly width: number; readonly height: number }
  readonly startSize: number
  /** Free space inside a box around its states, and above them for its name. */
  readonly boxPadding: number
  readonly boxHead: number
  readonly gap: { readonly node: number; readonly layer: number; readonly edge: number; readonly label: number }
  readonly direction: "RIGHT" | "DOWN"
}

export const sizes = { name: 15, note: 11, label: 12, boxName: 13, title: 18, lineHeight: 17, noteHeight: 16 } as const
/** Room for the small clock before the words of what time brings. */
export const clockRoom = 16
/** Room between an event and its guard. */
export const guardRoom = 5

/** Notes under a state's name: scheduled events that keep the state, and the number of other events that do. */
export const notesOf = ({ stays }: DrawnState): ReadonlyArray<EdgeLine | string> => {
  const timed = stays.filter((line) => line.timed)
  const rest = stays.length - timed.length
  return rest === 0 ? timed : [...timed, `${rest} ${rest === 1 ? "event keeps" : "events keep"} this state`]
}

export const noteText = (note: EdgeLine | string): string => (typeof note === "string" ? note : lineText(note))

const noteWidth = (note: EdgeLine | string): number =>
  textWidth(noteText(note), sizes.note, "regular") + (typeof note === "string" ? 0 : clockRoom)

const guardWords = (guard: string | null): string => (guard === null ? "" : `[${guard}]`)

export const lineWidth = ({ event, guard, timed }: EdgeLine): number =>
  (timed ? clockRoom : 0) +
  (event === null ? 0 : textWidth(event, sizes.label, "regular") + (guard === null ? 0 : guardRoom)) +
  textWidth(guardWords(guard), sizes.note, "regular")

const widest = (widths: ReadonlyArray<number>): number => Math.ceil(Math.max(0, ...widths))

export const pixels: Metrics = {
  stateSize: (state) => {
    const notes = notesOf(state)
    return {
      width: Math.max(112, widest([textWidth(state.name, sizes.name, "bold"), ...notes.map(noteWidth)]) + 36),
      height: 44 + notes.length * sizes.noteHeight + (notes.length === 0 ? 0 : 4)
    }
  },
  labelSize: (lines) => ({
    width: widest(lines.map(lineWidth)) + 8,
    height: lines.length * sizes.lineHeight + 4
  }),
  startSize: 14,
  boxPadding: 22,
  boxHead: 34,
  gap: { node: 34, layer: 38, edge: 16, label: 4 },
  direction: "DOWN"
}
