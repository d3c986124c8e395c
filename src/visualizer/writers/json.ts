/** A drawing as data for programs: its parts and their positions. */
import type { Drawing } from "../model/drawing.ts"
import type { Geometry } from "../layout/geometry.ts"
import type { SvgOptions } from "../svg/svg.ts"

/** Increased when a reader of the previous version would misread the data. */
export const chartVersion = 2

/** Writes a drawing and its layout as JSON. */
export const toJson = (drawing: Drawing, geometry: Geometry, options: SvgOptions = {}): string => {
  const { active = [], visited = [], path = [], kept = [], refused = null, caption = null } = options
  const marks = { active, visited, path, kept, refused, caption }
  return `${JSON.stringify({ format: "keystate-chart", version: chartVersion, marks, drawing, geometry }, null, 2)}\n`
}
