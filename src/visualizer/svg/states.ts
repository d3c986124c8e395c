/** The states of a drawing as SVG, and the boxes they stand in. */
import { lineText } from "../model/drawing.ts"
import type { DrawnState, EdgeLine } from "../model/drawing.ts"
import type { Box } from "../layout/geometry.ts"
import { around, leaf, saying } from "./markup.ts"
import { clockRoom, notesOf, noteText, sizes } from "../layout/metrics.ts"
import { clock, inset, words } from "./pen.ts"
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

export const stateMarkup = (pen: Pen, state: DrawnState): string => {
  const box = pen.geometry.nodes[state.id]
  if (box === undefined) return ""
  const look = lookOf(pen, state.id)
  const middle = box.x + box.width / 2
  const notes = notesOf(state)
  const nameAt = notes.length === 0 ? box.y + box.height / 2 + 5 : box.y + 27
  const tooltip = [
    `${state.name}${look.is === "active" && pen.options.past === true ? ", the state at that time" : said[look.is]}${state.final ? " (final)" : ""}`,
    ...(state.description === null ? [] : [state.description]),
    ...(state.stays.length === 0 ? [] : [`Keeps this state: ${state.stays.map(lineText).join(", ")}`])
  ].join("\n")
  return around("g", { id: pen.id(state.id), "data-state": state.id.slice("state.".length), "data-is": look.is }, [
    saying("title", {}, tooltip),
    leaf("rect", { ...box, rx: 10, fill: look.fill, stroke: look.stroke, "stroke-width": look.width }),
    state.final ? leaf("rect", { ...inset(box, 4), rx: 7, fill: "none", stroke: look.stroke, "stroke-width": 1 }) : "",
    words(state.name, { x: middle, y: nameAt, size: sizes.name, fill: look.text, weight: "bold", anchor: "middle" }),
    ...notes.map((note, at) => noteMarkup(note, middle, nameAt + 19 + at * sizes.noteHeight, look.note)),
    look.is === "active" ? badge(pen, box) : ""
  ])
}

const noteMarkup = (note: EdgeLine | string, middle: number, y: number, fill: string): string => {
  const text = noteText(note)
  if (typeof note === "string") return words(text, { x: middle, y, size: sizes.note, fill, anchor: "middle" })
  const x = middle - (textWidth(text, sizes.note, "regular") + clockRoom) / 2
  return (
    clock(x, y, fill) + words(text, { x: x + clockRoom, y, size: sizes.note, fill, event: note.event ?? undefined })
  )
}

/** The word that says which state is lit, for whoever does not see colours. */
const badge = ({ options, theme }: Pen, { x, y, width, height }: Box): string => {
  const text = options.past === true ? "then" : "now"
  const wide = textWidth(text, sizes.note, "bold") + 14
  // On its side: lines come to a state from above and below.
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

export const boxMarkup = (pen: Pen, state: DrawnState): string => {
  const box = pen.geometry.nodes[state.id]
  if (box === undefined) return ""
  return around("g", { id: pen.id(state.id), "data-region": state.path.join(".") }, [
    leaf("rect", {
      ...box,
      rx: 14,
      fill: pen.theme.box.fill,
      stroke: pen.theme.box.stroke,
      "stroke-width": 1.5
    }),
    words(state.name, { x: box.x + 16, y: box.y + 23, size: sizes.boxName, fill: pen.theme.quiet, weight: "bold" })
  ])
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
