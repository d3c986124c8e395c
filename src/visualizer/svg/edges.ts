/** The arrows of a drawing as SVG: solid for calls, dashed for events on schedule. */
import { describedText } from "../model/lines.ts"
import type { DrawnEdge } from "../model/drawing.ts"
import type { EdgeLine } from "../model/lines.ts"
import type { Box, Point } from "../layout/geometry.ts"
import { around, leaf, saying } from "./markup.ts"
import { clockRoom, lineWidth, piecesOf, placesOf, sizes } from "../layout/metrics.ts"
import { clock, pill, words } from "./pen.ts"
import type { Pen } from "./pen.ts"
import type { Theme } from "./themes.ts"

const radius = 6

/** A path with rounded corners. */
const through = (points: ReadonlyArray<Point>): string =>
  points
    .map((point, at) => {
      const before = points[at - 1]
      const after = points[at + 1]
      if (before === undefined) return `M${point.x} ${point.y}`
      if (after === undefined) return `L${point.x} ${point.y}`
      const [into, out] = [towards(point, before), towards(point, after)]
      return `L${into.x} ${into.y}Q${point.x} ${point.y} ${out.x} ${out.y}`
    })
    .join("")

const towards = (from: Point, to: Point): Point => {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = Math.hypot(dx, dy)
  const by = length === 0 ? 0 : Math.min(radius, length / 2) / length
  return { x: Math.round((from.x + dx * by) * 100) / 100, y: Math.round((from.y + dy * by) * 100) / 100 }
}

/** The arrowhead at the end of a path. */
const head = (points: ReadonlyArray<Point>, fill: string): string => {
  const tip = points.at(-1)
  const from = points.at(-2)
  if (tip === undefined || from === undefined) return ""
  const length = Math.hypot(tip.x - from.x, tip.y - from.y) || 1
  const [ux, uy] = [(tip.x - from.x) / length, (tip.y - from.y) / length]
  const corner = (side: number): string => {
    const x = tip.x - ux * 9 - uy * side * 4.5
    const y = tip.y - uy * 9 + ux * side * 4.5
    return `${Math.round(x * 100) / 100} ${Math.round(y * 100) / 100}`
  }
  return leaf("path", { d: `M${tip.x} ${tip.y}L${corner(1)}L${corner(-1)}Z`, fill })
}

export const edgeMarkup = (pen: Pen, edge: DrawnEdge): string => {
  const found = pen.geometry.edges[edge.id]
  if (found === undefined) return ""
  const { theme } = pen
  const step = pen.options.path?.find((taken) => taken.edge === edge.id)
  const stroke = step === undefined ? theme.line : theme.path
  const onlyTime = edge.lines.length > 0 && edge.lines.every((line) => line.timed)
  const label = found.label
  return around(
    "g",
    { id: pen.id(edge.id), "data-edge": `${edge.source} ${edge.target}`, "data-taken": step?.numbers },
    [
      saying("title", {}, edge.lines.map(describedText).join("\n")),
      leaf("path", {
        d: through(found.points),
        fill: "none",
        stroke,
        "stroke-width": step === undefined ? 1.5 : 3,
        "stroke-dasharray": onlyTime ? "6 4" : undefined
      }),
      head(found.points, stroke),
      label === undefined ? "" : labelMarkup(edge.lines, label, theme),
      step === undefined ? "" : stepBadge(pen, found.points, label, step.numbers)
    ]
  )
}

const labelMarkup = (lines: ReadonlyArray<EdgeLine>, box: Box, theme: Theme): string =>
  lines
    .map((line, at) =>
      lineWords(line, box.x + Math.max(4, (box.width - lineWidth(line)) / 2), box.y + 14 + at * sizes.lineHeight, theme)
    )
    .join("")

const lineWords = (line: EdgeLine, x: number, y: number, { text, quiet }: Theme): string => {
  const places = placesOf(line)
  const { event, guard, effect } = piecesOf(line)
  const note = { y, size: sizes.note, fill: quiet }
  return [
    line.timed ? clock(x, y, quiet) : "",
    event === ""
      ? ""
      : words(event, {
          x: x + (line.timed ? clockRoom : 0),
          y,
          size: sizes.label,
          fill: text,
          event: line.event ?? ""
        }),
    guard === "" ? "" : words(guard, { ...note, x: x + places.guard }),
    effect === "" ? "" : words(effect, { ...note, x: x + places.effect })
  ].join("")
}

/** Positions along a segment for a badge, the best first. */
const places = [0.5, 0.35, 0.65, 0.22, 0.78, 0.12, 0.88]
const badgeRoom = 13

/** The number of a step on the longest segment of its arrow, beside the label. */
const stepBadge = ({ theme }: Pen, points: ReadonlyArray<Point>, label: Box | undefined, numbers: string): string => {
  const stretches = points.slice(1).flatMap((to, at) => {
    const from = points[at]
    return from === undefined ? [] : [{ from, to, length: Math.hypot(to.x - from.x, to.y - from.y) }]
  })
  const longest = stretches.toSorted((a, b) => b.length - a.length)[0]
  if (longest === undefined) return ""
  const { from, to } = longest
  const spots = places.map((at) => ({ x: from.x + (to.x - from.x) * at, y: from.y + (to.y - from.y) * at }))
  const isFree = ({ x, y }: Point): boolean =>
    label === undefined ||
    x + badgeRoom < label.x ||
    x - badgeRoom > label.x + label.width ||
    y + badgeRoom < label.y ||
    y - badgeRoom > label.y + label.height
  const spot = spots.find(isFree) ?? spots[0]
  return spot === undefined ? "" : pill(numbers, spot, theme.path, theme.page)
}
