/** A drawing as SVG: the only writer there is, for files, pages and reports; the same input gives the same bytes. */
import { everyState } from "../model/drawing.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import type { Geometry } from "../layout/geometry.ts"
import { around, leaf, saying } from "./markup.ts"
import { sizes } from "../layout/metrics.ts"
import { inset, pill, words } from "./pen.ts"
import type { Pen, RefusedStep, SvgOptions } from "./pen.ts"
import { edgeMarkup } from "./edges.ts"
import { legend } from "./legend.ts"
import { boxMarkup, startMarkup, stateMarkup } from "./states.ts"
import { themes } from "./themes.ts"

export type { PathStep, RefusedStep, SvgOptions } from "./pen.ts"

const fontFamily = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

/** Room below the chart for the words of a refused step. */
const refusalHeight = 34

/** Around the state that refused: drawn before the states, so that it covers nothing of them. */
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

/** The whole drawing as one element, which can be a file or a part of a page. */
export const svg = (drawing: Drawing, geometry: Geometry, options: SvgOptions = {}): string => {
  const theme = themes[options.theme ?? "light"]
  const prefix = options.prefix ?? ""
  const pen: Pen = { theme, geometry, options, id: (name) => `${prefix}${name}` }
  const signs = options.bare === true ? undefined : legend(drawing, geometry.width)
  const refusalTop = geometry.height + (signs?.height ?? 0)
  const height = refusalTop + (options.refused === undefined ? 0 : refusalHeight)
  const taken = new Set(options.path?.map(({ edge }) => edge))
  // What was taken is drawn over what was not.
  const edges = drawing.edges.toSorted((a, b) => Number(taken.has(a.id)) - Number(taken.has(b.id)))
  const states = everyState(drawing.states)
  return around(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${geometry.width} ${height}`,
      width: geometry.width,
      height,
      role: "img",
      "aria-labelledby": `${prefix}title ${prefix}desc`,
      "font-family": fontFamily
    },
    [
      saying("title", { id: `${prefix}title` }, options.title ?? `The states of ${drawing.id}`),
      saying("desc", { id: `${prefix}desc` }, options.description ?? described(states, options)),
      leaf("rect", { width: geometry.width, height, fill: theme.page }),
      ...states.filter((state) => state.states.length > 0).map((state) => boxMarkup(pen, state)),
      ...edges.map((edge) => edgeMarkup(pen, edge)),
      ...drawing.starts.map(({ id }) => startMarkup(pen, id)),
      options.refused === undefined ? "" : refusalFrame(pen, options.refused),
      ...states.filter((state) => state.states.length === 0).map((state) => stateMarkup(pen, state)),
      signs?.at(pen, geometry.height) ?? "",
      options.refused === undefined ? "" : refusalWords(pen, options.refused, refusalTop)
    ]
  )
}

const described = (states: ReadonlyArray<DrawnState>, options: SvgOptions): string => {
  const { active = [], told = [], refused } = options
  const named = (wanted: ReadonlyArray<DrawnState>): string => wanted.map(({ path }) => path.join(" ")).join(", ")
  const leaves = states.filter((state) => state.states.length === 0)
  const lit = leaves.filter(({ id }) => active.includes(id))
  return [
    `States: ${named(leaves)}.`,
    ...(lit.length === 0 ? [] : [`${options.past === true ? "At that time" : "Current"}: ${named(lit)}.`]),
    ...(told.length === 0 ? [] : [`Steps: ${told.join("; ")}.`]),
    ...(refused === undefined ? [] : [`Refused: ${refused.number} ${refused.event}, ${refused.code}.`])
  ].join(" ")
}
