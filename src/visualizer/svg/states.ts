/** The states of a drawing as SVG, with their boxes. */
import { describedText } from "../model/lines.ts"
import type { DrawnState } from "../model/drawing.ts"
import type { EdgeLine } from "../model/lines.ts"
import type { Box } from "../layout/geometry.ts"
import { around, leaf, saying } from "./markup.ts"
import { clipped, clockRoom, isTimed, notesOf, noteText, sizes } from "../layout/metrics.ts"
import { clock, inset, pill, words } from "./pen.ts"
import type { Pen } from "./pen.ts"
import { textWidth } from "../layout/textWidth.ts"

const lookOf = ({ theme, options }: Pen, id: string) => {
  if (options.active?.includes(id) === true) return { ...theme.active, width: 3, is: "active" as const }
  const seen = options.visited?.includes(id) === true
  const { fill, stroke } = seen ? theme.visited : theme.state
  return {
    fill,
    stroke,
    text: theme.text,
    note: theme.quiet,
    width: seen ? 2.5 : 1.5,
    is: seen ? ("visited" as const) : ("other" as const)
  }
}

const said = { active: ", the current state", visited: ", visited before", other: "" } as const

const keeps = ({ stays }: DrawnState): ReadonlyArray<string> =>
  stays.length === 0 ? [] : [`Keeps this state: ${stays.map(describedText).join(", ")}`]

const tooltipOf = (pen: Pen, state: DrawnState, is: keyof typeof said): string => {
  const when = is === "active" && pen.options.past === true ? ", the state at that time" : said[is]
  return [
    `${state.name}${when}${state.final ? " (final)" : ""}`,
    ...(state.description === null ? [] : [state.description]),
    ...state.notes,
    ...keeps(state)
  ].join("\n")
}

const historyWords = { shallow: "History: the state that was active last", deep: "Deep history" } as const

const historyMarkup = (pen: Pen, state: DrawnState, box: Box): string => {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  const { fill, stroke } = pen.theme.state
  return around("g", { id: pen.id(state.id), "data-history": state.path.join(".") }, [
    saying("title", {}, `${historyWords[state.history ?? "shallow"]} (${state.path.at(-1) ?? ""})`),
    leaf("circle", { cx: middle.x, cy: middle.y, r: box.width / 2 - 1, fill, stroke, "stroke-width": 1.5 }),
    words(state.name, {
      x: middle.x,
      y: middle.y + 5,
      size: sizes.boxName,
      fill: pen.theme.text,
      weight: "bold",
      anchor: "middle"
    })
  ])
}

export const stateMarkup = (pen: Pen, state: DrawnState): string => {
  const box = pen.geometry.nodes[state.id]
  if (box === undefined) return ""
  if (state.kind === "history") return historyMarkup(pen, state, box)
  const look = lookOf(pen, state.id)
  const middle = box.x + box.width / 2
  const notes = notesOf(state)
  const nameAt = notes.length === 0 ? box.y + box.height / 2 + 5 : box.y + 27
  const name = { x: middle, y: nameAt, size: sizes.name, fill: look.text, weight: "bold", anchor: "middle" } as const
  return around("g", { id: pen.id(state.id), "data-state": state.id.slice("state.".length), "data-is": look.is }, [
    saying("title", {}, tooltipOf(pen, state, look.is)),
    leaf("rect", {
      ...box,
      rx: 10,
      fill: look.fill,
      stroke: look.stroke,
      "stroke-width": look.width,
      "stroke-dasharray": state.region && look.is === "other" ? regionDashes : undefined
    }),
    state.final ? leaf("rect", { ...inset(box, 4), rx: 7, fill: "none", stroke: look.stroke, "stroke-width": 1 }) : "",
    words(clipped(state.name), name),
    ...notes.map((note, at) => noteMarkup(note, middle, nameAt + 19 + at * sizes.noteHeight, look.note)),
    look.is === "active" ? badge(pen, box) : "",
    keptMarkup(pen, state.id, box)
  ])
}

/** The numbers of steps that kept a state, at its lower edge. */
const keptMarkup = ({ options, theme }: Pen, id: string, box: Box): string => {
  const kept = options.kept?.find(({ state }) => state === id)
  return kept === undefined
    ? ""
    : pill(`${kept.numbers} \u21bb`, { x: box.x + 8, y: box.y + box.height }, theme.path, theme.page)
}

const noteMarkup = (note: EdgeLine | string, middle: number, y: number, fill: string): string => {
  const text = noteText(note)
  const event = typeof note === "string" ? undefined : (note.event ?? undefined)
  if (!isTimed(note)) return words(text, { x: middle, y, size: sizes.note, fill, anchor: "middle", event })
  const x = middle - (textWidth(text, sizes.note, "regular") + clockRoom) / 2
  return clock(x, y, fill) + words(text, { x: x + clockRoom, y, size: sizes.note, fill, event })
}

/** A word at the highlighted state, for readers who cannot distinguish the colours. */
const badge = ({ options, theme }: Pen, { x, y, width, height }: Box): string => {
  const text = options.past === true ? "then" : "now"
  const wide = textWidth(text, sizes.note, "bold") + 14
  // At the side, because arrows reach a state from above and below.
  const left = x + width - 12
  const top = y + height / 2
  return (
    leaf("rect", {
      x: left,
      y: top - 9,
      width: wide,
      height: 18,
      rx: 9,
      fill: theme.page,
      stroke: theme.active.stroke,
      "stroke-width": 2
    }) +
    words(text, {
      x: left + wide / 2,
      y: top + 4,
      size: sizes.note,
      fill: theme.text,
      weight: "bold",
      anchor: "middle"
    })
  )
}

/** A region has a dashed border: it is active at the same time as the others. */
const regionDashes = "7 5"

const headNote = (note: EdgeLine | string, x: number, y: number, fill: string): string => {
  const event = typeof note === "string" ? undefined : (note.event ?? undefined)
  const at = { y, size: sizes.note, fill, event }
  if (!isTimed(note)) return words(noteText(note), { ...at, x })
  return clock(x, y, fill) + words(noteText(note), { ...at, x: x + clockRoom })
}

export const boxMarkup = (pen: Pen, state: DrawnState): string => {
  const box = pen.geometry.nodes[state.id]
  const head = pen.geometry.heads[state.id]
  if (box === undefined || head === undefined) return ""
  const { box: look, quiet } = pen.theme
  return around("g", { id: pen.id(state.id), "data-region": state.path.join(".") }, [
    saying("title", {}, tooltipOf(pen, state, "other")),
    leaf("rect", {
      ...box,
      rx: 14,
      fill: look.fill,
      stroke: look.stroke,
      "stroke-width": 1.5,
      "stroke-dasharray": state.region ? regionDashes : undefined
    }),
    words(clipped(state.name), { x: head.x + 4, y: head.y + 15, size: sizes.boxName, fill: quiet, weight: "bold" }),
    ...notesOf(state).map((note, at) => headNote(note, head.x + 4, head.y + 31 + at * sizes.noteHeight, quiet))
  ])
}

/** A small square where a transition splits to several states. */
export const forkMarkup = (pen: Pen, id: string): string => {
  const box = pen.geometry.nodes[id]
  return box === undefined ? "" : leaf("rect", { id: pen.id(id), ...inset(box, 2), rx: 2, fill: pen.theme.line })
}

export const startMarkup = (pen: Pen, id: string): string => {
  const box = pen.geometry.nodes[id]
  return box === undefined
    ? ""
    : leaf("circle", {
        id: pen.id(id),
        cx: box.x + box.width / 2,
        cy: box.y + box.height / 2,
        r: box.width / 2 - 1,
        fill: pen.theme.text
      })
}
