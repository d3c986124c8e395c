/** A drawing as SVG: the only writer there is, for files, pages and reports; the same input gives the same bytes. */
import { everyState, lineText } from "./drawing.ts"
import type { DrawnEdge, DrawnState, Drawing, EdgeLine } from "./drawing.ts"
import type { Box, Geometry, Point } from "./geometry.ts"
import { around, leaf, saying } from "./markup.ts"
import { clockRoom, guardRoom, lineWidth, notesOf, noteText, sizes } from "./metrics.ts"
import { textWidth } from "./textWidth.ts"
import type { Weight } from "./textWidth.ts"
import { themes } from "./themes.ts"
import type { Theme, ThemeName } from "./themes.ts"

/** One step of a path that is drawn over the chart. */
export interface PathStep {
  /** `1`, `2`, … or `1, 4` where the path takes the same line again. */
  readonly numbers: string
  readonly edge: string
}

/** A call that was refused where the path had come to: drawn as an arrow that leads nowhere. */
export interface RefusedStep {
  readonly state: string
  readonly number: string
  readonly event: string
  readonly code: string
}

export interface SvgOptions {
  readonly theme?: ThemeName
  readonly title?: string
  readonly description?: string
  /** Ids of the states that are lit: `state.lifecycle.Enabled`. */
  readonly active?: ReadonlyArray<string>
  /** Ids of states that were visited before, and are tinted. */
  readonly visited?: ReadonlyArray<string>
  readonly path?: ReadonlyArray<PathStep>
  readonly refused?: RefusedStep
  /** Put before every id, where several drawings stand on one page. */
  readonly prefix?: string
}

const fontFamily = "Inter, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"

interface Pen {
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
const words = (text: string, { x, y, size, fill, weight = "regular", anchor = "start", event }: Words): string =>
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
const clock = (x: number, y: number, stroke: string): string =>
  around("g", { fill: "none", stroke, "stroke-width": 1.3, "stroke-linecap": "round" }, [
    leaf("circle", { cx: x + 6, cy: y - 4, r: 5 }),
    leaf("path", { d: `M${x + 6} ${y - 7}V${y - 4}L${x + 8.2} ${y - 2.6}` })
  ])

const lineWords = (line: EdgeLine, x: number, y: number, colours: { event: string; guard: string }): string => {
  const start = x + (line.timed ? clockRoom : 0)
  const event = line.event ?? ""
  const guardAt = start + (event === "" ? 0 : textWidth(event, sizes.label, "regular") + guardRoom)
  return [
    line.timed ? clock(x, y, colours.guard) : "",
    event === "" ? "" : words(event, { x: start, y, size: sizes.label, fill: colours.event, event }),
    line.guard === null ? "" : words(`[${line.guard}]`, { x: guardAt, y, size: sizes.note, fill: colours.guard })
  ].join("")
}

const lookOf = ({ theme, options }: Pen, id: string) => {
  if (options.active?.includes(id) === true) return { ...theme.active, width: 3, is: "active" as const }
  const seen = options.visited?.includes(id) === true
  const { fill, stroke } = seen ? theme.visited : theme.state
  return {
    fill,
    stroke,
    text: theme.text,
    note: theme.quiet,
    width: 1.5,
    is: seen ? ("visited" as const) : ("other" as const)
  }
}

const said = { active: ", the current state", visited: ", visited before", other: "" } as const

const stateMarkup = (pen: Pen, state: DrawnState): string => {
  const box = pen.geometry.nodes[state.id]
  if (box === undefined) return ""
  const look = lookOf(pen, state.id)
  const middle = box.x + box.width / 2
  const notes = notesOf(state)
  const nameAt = notes.length === 0 ? box.y + box.height / 2 + 5 : box.y + 27
  const tooltip = [
    `${state.name}${said[look.is]}${state.final ? " (final)" : ""}`,
    ...(state.description === null ? [] : [state.description]),
    ...(state.stays.length === 0 ? [] : [`Stays here: ${state.stays.map(lineText).join(", ")}`])
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

const inset = ({ x, y, width, height }: Box, by: number): Box => ({
  x: x + by,
  y: y + by,
  width: width - 2 * by,
  height: height - 2 * by
})

const noteMarkup = (note: EdgeLine | string, middle: number, y: number, fill: string): string => {
  const text = noteText(note)
  if (typeof note === "string") return words(text, { x: middle, y, size: sizes.note, fill, anchor: "middle" })
  const x = middle - (textWidth(text, sizes.note, "regular") + clockRoom) / 2
  return (
    clock(x, y, fill) + words(text, { x: x + clockRoom, y, size: sizes.note, fill, event: note.event ?? undefined })
  )
}

/** The word that says which state is lit, for whoever does not see colours. */
const badge = ({ theme }: Pen, { x, y, width, height }: Box): string => {
  const text = "now"
  const wide = textWidth(text, sizes.note, "bold") + 14
  // On its side: lines come to a state from above and below.
  const left = x + width - wide / 2
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

const boxMarkup = (pen: Pen, state: DrawnState): string => {
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

const radius = 6

/** A line through corners that are rounded off. */
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

/** The head of an arrow at the end of a line. */
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

const edgeMarkup = (pen: Pen, edge: DrawnEdge): string => {
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
      saying("title", {}, edge.lines.map(lineText).join("\n")),
      leaf("path", {
        d: through(found.points),
        fill: "none",
        stroke,
        "stroke-width": step === undefined ? 1.5 : 3,
        "stroke-dasharray": onlyTime ? "6 4" : undefined
      }),
      head(found.points, stroke),
      label === undefined ? "" : labelMarkup(edge.lines, label, theme),
      step === undefined ? "" : stepBadge(pen, found.points, step.numbers)
    ]
  )
}

const labelMarkup = (lines: ReadonlyArray<EdgeLine>, box: Box, theme: Theme): string =>
  lines
    .map((line, at) =>
      lineWords(line, box.x + Math.max(4, (box.width - lineWidth(line)) / 2), box.y + 14 + at * sizes.lineHeight, {
        event: theme.text,
        guard: theme.quiet
      })
    )
    .join("")

const pill = (text: string, middle: Point, fill: string, ink: string): string => {
  const wide = Math.max(20, textWidth(text, sizes.note, "bold") + 12)
  return (
    leaf("rect", { x: middle.x - wide / 2, y: middle.y - 10, width: wide, height: 20, rx: 10, fill }) +
    words(text, { x: middle.x, y: middle.y + 4, size: sizes.note, fill: ink, weight: "bold", anchor: "middle" })
  )
}

/** The number of a step, on the longest stretch of its line. */
const stepBadge = ({ theme }: Pen, points: ReadonlyArray<Point>, numbers: string): string => {
  const stretches = points.slice(1).flatMap((to, at) => {
    const from = points[at]
    return from === undefined ? [] : [{ from, to, length: Math.hypot(to.x - from.x, to.y - from.y) }]
  })
  const longest = stretches.toSorted((a, b) => b.length - a.length)[0]
  if (longest === undefined) return ""
  const middle = { x: (longest.from.x + longest.to.x) / 2, y: (longest.from.y + longest.to.y) / 2 }
  return pill(numbers, middle, theme.path, theme.page)
}

const startMarkup = (pen: Pen, id: string): string => {
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
