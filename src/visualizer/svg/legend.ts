/** The legend below a drawing, with only the symbols that occur in it. */
import { everyState } from "../model/drawing.ts"
import type { Drawing } from "../model/drawing.ts"
import { around, leaf } from "./markup.ts"
import { sizes } from "../layout/metrics.ts"
import { clock, words } from "./pen.ts"
import type { Pen } from "./pen.ts"
import { textWidth } from "../layout/textWidth.ts"

interface Sign {
  readonly text: string
  readonly width: number
  readonly draw: (x: number, y: number, pen: Pen) => string
}

const dot: Sign = {
  text: "start",
  width: 16,
  draw: (x, y, { theme }) => leaf("circle", { cx: x + 5, cy: y - 4, r: 5, fill: theme.text })
}

const doubled: Sign = {
  text: "final state",
  width: 28,
  draw: (x, y, { theme }) =>
    around("g", { fill: "none", stroke: theme.quiet }, [
      leaf("rect", { x, y: y - 11, width: 22, height: 14, rx: 4, "stroke-width": 1.5 }),
      leaf("rect", { x: x + 3, y: y - 8, width: 16, height: 8, rx: 2, "stroke-width": 1 })
    ])
}

const timed: Sign = {
  text: "happens on schedule",
  width: 17,
  draw: (x, y, { theme }) => clock(x, y, theme.quiet)
}

const bracket: Sign = {
  text: "condition",
  width: 23,
  draw: (x, y, { theme }) => words("[\u2026]", { x, y, size: sizes.note, fill: theme.quiet })
}

const dashed: Sign = {
  text: "region: active with the others",
  width: 28,
  draw: (x, y, { theme }) =>
    leaf("rect", {
      x,
      y: y - 11,
      width: 22,
      height: 14,
      rx: 4,
      fill: "none",
      stroke: theme.quiet,
      "stroke-width": 1.5,
      "stroke-dasharray": "4 3"
    })
}

const letter: Sign = {
  text: "history",
  width: 22,
  draw: (x, y, pen) =>
    leaf("circle", { cx: x + 8, cy: y - 4, r: 7.5, fill: "none", stroke: pen.theme.quiet, "stroke-width": 1.3 }) +
    words("H", { x: x + 8, y: y - 0.5, size: 9, fill: pen.theme.quiet, weight: "bold", anchor: "middle" })
}

const square: Sign = {
  text: "several targets at once",
  width: 16,
  draw: (x, y, { theme }) => leaf("rect", { x, y: y - 9, width: 10, height: 10, rx: 2, fill: theme.line })
}

const signsIn = (drawing: Drawing): ReadonlyArray<Sign> => {
  const states = everyState(drawing.states)
  const lines = [...drawing.edges.flatMap((edge) => edge.lines), ...states.flatMap(({ stays }) => stays)]
  return [
    ...(drawing.starts.length > 0 ? [dot] : []),
    ...(states.some(({ final }) => final) ? [doubled] : []),
    ...(lines.some((line) => line.timed) ? [timed] : []),
    ...(lines.some(({ guard }) => guard !== null) ? [bracket] : []),
    ...(states.some(({ region }) => region) ? [dashed] : []),
    ...(states.some(({ kind }) => kind === "history") ? [letter] : []),
    ...(drawing.forks.length > 0 ? [square] : [])
  ]
}

const margin = 22
const between = 22
const rowHeight = 20

/** Symbols in rows, as many per row as fit. */
export const legend = (drawing: Drawing, width: number): { height: number; at: (pen: Pen, top: number) => string } => {
  let [x, row] = [margin, 0]
  const placed = signsIn(drawing).map((sign) => {
    const wide = sign.width + textWidth(sign.text, sizes.note, "regular")
    if (x > margin && x + wide > width - margin) [x, row] = [margin, row + 1]
    const place = { sign, x, row }
    x += wide + between
    return place
  })
  return {
    height: placed.length === 0 ? 0 : (row + 1) * rowHeight + 8,
    at: (pen, top) =>
      around(
        "g",
        { id: pen.id("legend") },
        placed.map(({ sign, x: left, row: line }) => {
          const y = top + line * rowHeight + 12
          const fill = pen.theme.quiet
          return sign.draw(left, y, pen) + words(sign.text, { x: left + sign.width, y, size: sizes.note, fill })
        })
      )
  }
}
