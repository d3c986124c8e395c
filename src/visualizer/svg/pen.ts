/** Shared elements of drawings: text of a known width, a clock, a pill, and the colours of the theme. */
import type { Box, Geometry, Point } from "../layout/geometry.ts"
import { around, leaf, saying } from "./markup.ts"
import { sizes } from "../layout/metrics.ts"
import { textWidth } from "../layout/textWidth.ts"
import type { Weight } from "../layout/textWidth.ts"
import type { Theme, ThemeName } from "./themes.ts"

/** One step of a path drawn over the chart. */
export interface PathStep {
  /** `1`, `2`, …, or `1, 4` if the path takes the same arrow again. */
  readonly numbers: string
  readonly edge: string
}

/** Steps that changed no state, at their state. */
export interface KeptStep {
  readonly numbers: string
  readonly state: string
}

/** A call that was refused at the end of the path: an arrow without a target. */
export interface RefusedStep {
  readonly state: string
  readonly number: string
  readonly event: string
  readonly code: string
}

/** Options of SVG. */
export interface SvgOptions {
  readonly theme?: ThemeName
  readonly title?: string
  readonly description?: string
  /** Ids of the highlighted states: `state.lifecycle.Enabled`. */
  readonly active?: ReadonlyArray<string>
  /** Whether the highlighted states belong to the past. */
  readonly past?: boolean
  /** Ids of tinted states, which were visited before. */
  readonly visited?: ReadonlyArray<string>
  readonly path?: ReadonlyArray<PathStep>
  /** Steps of the path that did not change the state. */
  readonly kept?: ReadonlyArray<KeptStep>
  /** The caption above the drawing: the key and the time. */
  readonly caption?: string | undefined
  readonly refused?: RefusedStep
  /** The steps of the path as text, for screen readers. */
  readonly told?: ReadonlyArray<string>
  /** Omits the legend. */
  readonly bare?: boolean
  /** The prefix of every id, for several drawings on one page. */
  readonly prefix?: string
}

export interface Pen {
  readonly theme: Theme
  readonly geometry: Geometry
  readonly options: SvgOptions
  readonly id: (name: string) => string
}

interface Words {
  readonly x: number
  readonly y: number
  readonly size: number
  readonly fill: string
  readonly weight?: Weight
  readonly anchor?: "start" | "middle"
  readonly event?: string | undefined
}

/** Text with a fixed width: a viewer without the font stretches its own font, so that nothing overflows. */
export const words = (text: string, { x, y, size, fill, weight = "regular", anchor = "start", event }: Words): string =>
  saying(
    "text",
    {
      x,
      y,
      fill,
      "font-size": size,
      "font-weight": weight === "bold" ? 600 : 400,
      "text-anchor": anchor === "middle" ? "middle" : undefined,
      textLength: textWidth(text, size, weight),
      lengthAdjust: "spacingAndGlyphs",
      "data-event": event
    },
    text
  )

/** A clock of twelve pixels, which marks an event on schedule. */
export const clock = (x: number, y: number, stroke: string): string =>
  around("g", { fill: "none", stroke, "stroke-width": 1.3, "stroke-linecap": "round" }, [
    leaf("circle", { cx: x + 6, cy: y - 4, r: 5 }),
    leaf("path", { d: `M${x + 6} ${y - 7}V${y - 4}L${x + 8.2} ${y - 2.6}` })
  ])

export const inset = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x + by,
  y: y + by,
  width: width - 2 * by,
  height: height - 2 * by
})

export const pill = (text: string, middle: Point, fill: string, ink: string): string => {
  const wide = Math.max(20, textWidth(text, sizes.note, "bold") + 12)
  return (
    leaf("rect", { x: middle.x - wide / 2, y: middle.y - 10, width: wide, height: 20, rx: 10, fill }) +
    words(text, { x: middle.x, y: middle.y + 4, size: sizes.note, fill: ink, weight: "bold", anchor: "middle" })
  )
}
