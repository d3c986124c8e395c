/** Marks that represent a region, because Mermaid and PlantUML have no arrow from a region to its state. */
import { everyState } from "../model/drawing.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import { isWithin } from "../model/paths.ts"
import type { Path } from "../model/chart.ts"
import { namesOf } from "./names.ts"

export interface Rims {
  /** The name of one end of an edge, given its other end. */
  readonly endOf: (end: string, other: string) => string
  /** The mark of a box, if it needs one. */
  readonly markOf: (box: DrawnState) => ReadonlyArray<string>
}

/** `boxedForks` says whether forks are written in their boxes instead of outside all boxes. */
export const rimsOf = (drawing: Drawing, boxedForks: boolean): Rims => {
  const nameOf = namesOf(drawing)
  const states = everyState([drawing.root])
  const paths = new Map<string, Path>([
    ...states.map(({ id, path }) => [id, path] as const),
    ...(boxedForks ? drawing.forks : []).map(({ id, box }) => [id, [...box, id]] as const)
  ])
  const isInner = (box: string, other: string): boolean => {
    const [path, inner] = [paths.get(box), paths.get(other)]
    return box !== other && path !== undefined && inner !== undefined && isWithin(inner, path)
  }
  const marked = new Set(
    states
      .filter(({ region, kind, states: inside }) => inside.length > 0 && (region || kind === "parallel"))
      .filter(({ id }) =>
        drawing.edges.some(
          ({ source, target }) => (source === id && isInner(id, target)) || (target === id && isInner(id, source))
        )
      )
      .map(({ id }) => id)
  )
  const mark = (id: string): string => `${nameOf(id)}__any`
  return {
    endOf: (end, other) => (marked.has(end) && isInner(end, other) ? mark(end) : nameOf(end)),
    markOf: ({ id }) => (marked.has(id) ? [mark(id)] : [])
  }
}
