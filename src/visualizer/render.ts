/** Renders a subject in any of the formats: one table of formats and writers. */
import { Effect } from "effect"
import type { Drawing } from "./model/drawing.ts"
import type { Geometry } from "./layout/geometry.ts"
import type { LayoutFailed } from "./layout/layout.ts"
import { toMermaid } from "./writers/mermaid.ts"
import { toPng } from "./svg/png.ts"
import type { PngFailed } from "./svg/png.ts"
import { svg } from "./svg/svg.ts"
import type { SvgOptions } from "./svg/svg.ts"
import { toAscii } from "./writers/ascii.ts"
import { toDot } from "./writers/dot.ts"
import { toJson } from "./writers/json.ts"
import { pathLines } from "./writers/marks.ts"
import { toPlantuml } from "./writers/plantuml.ts"
import { toScxml } from "./writers/scxml.ts"
import { toSmcat } from "./writers/smcat.ts"
import { toText } from "./writers/textTree.ts"

/** The subject. Only formats that need the geometry request it. */
export interface Subject {
  readonly drawing: Drawing
  readonly geometry: Effect.Effect<Geometry, LayoutFailed>
  readonly cells: Effect.Effect<Geometry, LayoutFailed>
  readonly options: SvgOptions
}

type Written = Effect.Effect<string | Uint8Array, LayoutFailed | PngFailed>

const now = (write: (subject: Subject) => string) => (subject: Subject) => Effect.sync(() => write(subject))

const svgOf = ({ drawing, geometry, options }: Subject) =>
  Effect.map(geometry, (laidOut) => `${svg(drawing, laidOut, options)}\n`)

const writers = {
  svg: svgOf,
  png: (subject, scale) => Effect.flatMap(svgOf(subject), (text) => toPng(text, scale)),
  mermaid: now(({ drawing, options }) => toMermaid(drawing, options)),
  plantuml: now(({ drawing, options }) => toPlantuml(drawing, options)),
  dot: now(({ drawing, options }) => toDot(drawing, options)),
  smcat: now(({ drawing, options }) => toSmcat(drawing, options)),
  scxml: now(({ drawing }) => toScxml(drawing)),
  json: ({ drawing, geometry, options }) => Effect.map(geometry, (laidOut) => toJson(drawing, laidOut, options)),
  text: now(({ drawing, options }) => toText(drawing, options) + pathLines(options)),
  ascii: ({ drawing, cells, options }) =>
    Effect.map(cells, (laidOut) => toAscii(drawing, laidOut, options) + pathLines(options))
} as const satisfies Record<string, (subject: Subject, scale: number) => Written>

export type Format = keyof typeof writers

export const formats = Object.keys(writers).filter((name): name is Format => name in writers)

/** File name extensions that differ from the format's name. */
const endings: Readonly<Record<string, Format>> = {
  mmd: "mermaid",
  puml: "plantuml",
  pu: "plantuml",
  gv: "dot",
  xml: "scxml",
  txt: "text"
}

/** The format for a file name. */
export const formatOf = (file: string): Format | undefined => {
  const ending = /\.([a-z]+)$/i.exec(file)?.[1]?.toLowerCase()
  if (ending === undefined) return undefined
  return formats.find((format) => format === ending) ?? (Object.hasOwn(endings, ending) ? endings[ending] : undefined)
}

/** `scale` applies only to PNG. */
export const render = (format: Format, subject: Subject, scale = 1): Written => writers[format](subject, scale)
