/** A drawing as SVG for files, pages and reports. The same input gives the same bytes. */
import { everyState } from "../model/drawing.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import type { Geometry } from "../layout/geometry.ts"
import { around, leaf, saying } from "./markup.ts"
import { sizes } from "../layout/metrics.ts"
import { inset, pill, words } from "./pen.ts"
import type { Pen, RefusedStep, SvgOptions } from "./pen.ts"
import { edgeMarkup } from "./edges.ts"
import { legend } from "./legend.ts"
import { boxMarkup, forkMarkup, startMarkup, stateMarkup } from "./states.ts"
import { textWidth } from "../layout/textWidth.ts"
import { themes } from "./themes.ts"

export type { KeptStep, PathStep, RefusedStep, SvgOptions } from "./pen.ts"

const fontFamily = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

/** Space above the chart for the caption. */
const captionHeight = 34

/** Space below the chart for the text of a refused step. */
const refusalHeight = 34

/** The mark around the state that refused, drawn before the states, so that it does not cover them. */
const refusalFrame = (pen: Pen, { state }: RefusedStep): string => {
  const box = pen.geometry.nodes[state]
  const look = { fill: "none", stroke: pen.theme.refused, "stroke-width": 2.5, "stroke-dasharray": "5 3" }
  return box === undefined ? "" : leaf("rect", { ...inset(box, -6), rx: 14, ...look })
}

const refusalWords = (pen: Pen, { state, number, event, code }: RefusedStep, y: number): string => {
  const { theme, geometry } = pen
  const box = geometry.nodes[state]
  const at = { x: 22, y: y + 12, size: sizes.boxName, fill: theme.refused, weight: "bold" } as const
  return around("g", { id: pen.id("refused"), "data-event": event, "data-code": code }, [
    box === undefined ? "" : pill(`${number} \u00d7`, { x: box.x + 8, y: box.y - 6 }, theme.refused, theme.page),
    words(`${number}  ${event} is refused: ${code}`, at)
  ])
}

const margin = 22

const captionMarkup = ({ theme, id }: Pen, caption: string): string =>
  around("g", { id: id("caption") }, [
    words(caption, { x: margin, y: 24 - captionHeight, size: sizes.boxName, fill: theme.text, weight: "bold" })
  ])

/** The sheet: as high as all parts together, and as wide as the widest. */
const sheetOf = (drawing: Drawing, geometry: Geometry, { bare, caption, refused }: SvgOptions) => {
  const captionWidth = caption === undefined ? 0 : textWidth(caption, sizes.boxName, "bold") + 2 * margin
  const width = Math.max(geometry.width, Math.ceil(captionWidth))
  const signs = bare === true ? undefined : legend(drawing, width)
  const refusalTop = geometry.height + (signs?.height ?? 0)
  const top = caption === undefined ? 0 : -captionHeight
  const height = refusalTop + (refused === undefined ? 0 : refusalHeight) - top
  return { width, top, height, signs, refusalTop }
}

/** The parts in drawing order: later ones cover earlier ones. */
const layersOf = (pen: Pen, drawing: Drawing): ReadonlyArray<string> => {
  const { path, refused } = pen.options
  const taken = new Set(path?.map(({ edge }) => edge))
  // Arrows of the path are drawn over the others.
  const edges = drawing.edges.toSorted((a, b) => Number(taken.has(a.id)) - Number(taken.has(b.id)))
  const states = everyState(drawing.states)
  return [
    ...states.filter((state) => state.states.length > 0).map((state) => boxMarkup(pen, state)),
    ...edges.map((edge) => edgeMarkup(pen, edge)),
    ...drawing.starts.map(({ id }) => startMarkup(pen, id)),
    ...drawing.forks.map(({ id }) => forkMarkup(pen, id)),
    refused === undefined ? "" : refusalFrame(pen, refused),
    ...states.filter((state) => state.states.length === 0).map((state) => stateMarkup(pen, state))
  ]
}

/** The whole drawing as one element, for a file or a part of a page. */
export const svg = (drawing: Drawing, geometry: Geometry, options: SvgOptions = {}): string => {
  const theme = themes[options.theme ?? "light"]
  const { caption, refused, prefix = "" } = options
  const pen: Pen = { theme, geometry, options, id: (name) => `${prefix}${name}` }
  const { width, top, height, signs, refusalTop } = sheetOf(drawing, geometry, options)
  return around(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 ${top} ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-labelledby": `${prefix}title ${prefix}desc`,
      "font-family": fontFamily
    },
    [
      saying("title", { id: `${prefix}title` }, options.title ?? `The states of ${drawing.id}`),
      saying("desc", { id: `${prefix}desc` }, options.description ?? described(everyState(drawing.states), options)),
      leaf("rect", { y: top === 0 ? undefined : top, width, height, fill: theme.page }),
      caption === undefined ? "" : captionMarkup(pen, caption),
      ...layersOf(pen, drawing),
      signs?.at(pen, geometry.height) ?? "",
      refused === undefined ? "" : refusalWords(pen, refused, refusalTop)
    ]
  )
}

const described = (states: ReadonlyArray<DrawnState>, options: SvgOptions): string => {
  const { active = [], told = [], refused } = options
  const named = (wanted: ReadonlyArray<DrawnState>): string => wanted.map(({ path }) => path.join(" ")).join(", ")
  const leaves = states.filter((state) => state.states.length === 0 && state.kind !== "history")
  const lit = leaves.filter(({ id }) => active.includes(id))
  return [
    ...(options.caption === undefined ? [] : [`${options.caption}.`]),
    `States: ${named(leaves)}.`,
    ...(lit.length === 0 ? [] : [`${options.past === true ? "At that time" : "Current"}: ${named(lit)}.`]),
    ...(told.length === 0 ? [] : [`Steps: ${told.join("; ")}.`]),
    ...(refused === undefined ? [] : [`Refused: ${refused.number} ${refused.event}, ${refused.code}.`])
  ].join(" ")
}
