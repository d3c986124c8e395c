/** What every part of a drawing is written with: words of a known length, a clock, a pill, and the theme they wear. */
import type { Box, Geometry, Point } from "../layout/geometry.ts"
import { around, leaf, saying } from "./markup.ts"
import { sizes } from "../layout/metrics.ts"
import { textWidth } from "../layout/textWidth.ts"
import type { Weight } from "../layout/textWidth.ts"
import type { Theme, ThemeName } from "./themes.ts"

/** One step of a path that is drawn over the chart. */
export interface PathStep {
  /** `1`, `2`, … or `1, 4` where the path takes the same line again. */
  readonly numbers: string
  readonly edge: string
}

/** Steps that changed no state, at the state they found. */
export interface KeptStep {
  readonly numbers: string
  readonly state: string
}

/** A call that was refused where the path had come to: drawn as an arrow that leads nowhere. */
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
  /** Ids of the states that are lit: `state.lifecycle.Enabled`. */
  readonly active?: ReadonlyArray<string>
  /** The lit states are those of a moment that is over. */
  readonly past?: boolean
  /** Ids of states that were visited before, and are tinted. */
  readonly visited?: ReadonlyArray<string>
  readonly path?: ReadonlyArray<PathStep>
  /** Steps of the path that left a state as it is. */
  readonly kept?: ReadonlyArray<KeptStep>
  /** A line of words above the drawing: whose it is, and of when. */
  readonly caption?: string | undefined
  readonly refused?: RefusedStep
  /** The steps of the path in words, for screen readers. */
  readonly told?: ReadonlyArray<string>
  /** Leaves out the line that explains the signs. */
  readonly bare?: boolean
  /** Put before every id, where several drawings stand on one page. */
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

/** Text of a known length: a reader without the font fits its own to it, and nothing runs over. */
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

/** A clock of twelve pixels: what stands beside it is brought by time. */
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
