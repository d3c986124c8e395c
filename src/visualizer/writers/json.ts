/** A drawing as data, for programs: what is drawn, and where. */
import type { Drawing } from "../drawing.ts"
import type { Geometry } from "../geometry.ts"
import type { Marks } from "./marks.ts"

/** Raised when a reader of the last version would be misled. */
export const chartVersion = 1

export const toJson = (drawing: Drawing, geometry: Geometry, marks: Marks = {}): string =>
  `${JSON.stringify({ format: "keystate-chart", version: chartVersion, active: marks.active ?? [], drawing, geometry }, null, 2)}\n`
