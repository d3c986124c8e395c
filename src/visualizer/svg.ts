/** A drawing as SVG: the only writer there is, for files, pages and reports; the same input gives the same bytes. */
import { everyState } from "./drawing.ts"
import type { DrawnState, Drawing } from "./drawing.ts"
import type { Geometry } from "./geometry.ts"
import { around, leaf, saying } from "./markup.ts"
import { sizes } from "./metrics.ts"
import { inset, pill, words } from "./pen.ts"
import type { Pen, RefusedStep, SvgOptions } from "./pen.ts"
import { edgeMarkup } from "./svgEdges.ts"
import { boxMarkup, startMarkup, stateMarkup } from "./svgStates.ts"
import { themes } from "./themes.ts"

export type { PathStep, RefusedStep, SvgOptions } from "./pen.ts"

const fontFamily = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

/** Room below the chart for the words of a refused step. */
const refusalHeight = 34

const refusalMarkup = (pen: Pen, refused: RefusedStep): string => {
  const box = pen.geometry.nodes[refused.state]
  const text = `${refused.number}  ${refused.event} is refused: ${refused.code}`
  const y = pen.geometry.height + 10
  const mark =
    box === undefined
      ? ""
      : around("g", { stroke: pen.theme.refused, "stroke-width": 2.5, fill: "none", "stroke-dasharray": "5 3" }, [
          leaf("rect", { ...inset(box, -6), rx: 14 })
        ]) + pill(`${refused.number} \u00d7`, { x: box.x + 8, y: box.y - 6 }, pen.theme.refused, pen.theme.page)
  return around("g", { id: pen.id("refused"), "data-event": refused.event, "data-code": refused.code }, [
    mark,
    words(text, { x: 22, y: y + 8, size: sizes.boxName, fill: pen.theme.refused, weight: "bold" })
  ])
}

/** The whole drawing as one element, which can be a file or a part of a page. */
export const svg = (drawing: Drawing, geometry: Geometry, options: SvgOptions = {}): string => {
  const theme = themes[options.theme ?? "light"]
  const prefix = options.prefix ?? ""
  const pen: Pen = { theme, geometry, options, id: (name) => `${prefix}${name}` }
  const height = geometry.height + (options.refused === undefined ? 0 : refusalHeight)
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
      ...drawing.edges.map((edge) => edgeMarkup(pen, edge)),
      ...drawing.starts.map(({ id }) => startMarkup(pen, id)),
      ...states.filter((state) => state.states.length === 0).map((state) => stateMarkup(pen, state)),
      options.refused === undefined ? "" : refusalMarkup(pen, options.refused)
    ]
  )
}

const described = (states: ReadonlyArray<DrawnState>, { active = [] }: SvgOptions): string => {
  const named = (wanted: ReadonlyArray<DrawnState>): string => wanted.map(({ path }) => path.join(" ")).join(", ")
  const leaves = states.filter((state) => state.states.length === 0)
  const lit = leaves.filter(({ id }) => active.includes(id))
  return `States: ${named(leaves)}.${lit.length === 0 ? "" : ` Current: ${named(lit)}.`}`
}
