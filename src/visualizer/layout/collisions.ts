/** Overlaps in a drawing: text on text, on states or on titles; and arrows through titles or text. */
import { everyState } from "../model/drawing.ts"
import type { Drawing } from "../model/drawing.ts"
import type { Box, Geometry, Point } from "./geometry.ts"

export const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

interface Placed {
  readonly name: string
  readonly box: Box
}

/** A segment of an arrow, as a box without width or height; it is horizontal or vertical. */
export const stretchesOf = (points: ReadonlyArray<Point>): ReadonlyArray<Box> =>
  points.slice(1).flatMap((to, at) => {
    const from = points[at]
    if (from === undefined) return []
    return [
      {
        x: Math.min(from.x, to.x),
        y: Math.min(from.y, to.y),
        width: Math.abs(to.x - from.x),
        height: Math.abs(to.y - from.y)
      }
    ]
  })

/** A segment on the edge of a box is beside it. */
export const crosses = (stretch: Box, { x, y, width, height }: Box): boolean =>
  stretch.x < x + width && stretch.x + stretch.width > x && stretch.y < y + height && stretch.y + stretch.height > y

const placedIn = (drawing: Drawing, geometry: Geometry): ReadonlyArray<Placed> => {
  const boxes = everyState(drawing.states)
  const named = (names: ReadonlyArray<readonly [string, Box | undefined]>): ReadonlyArray<Placed> =>
    names.flatMap(([name, box]) => (box === undefined ? [] : [{ name, box }]))
  return named([
    ...boxes.filter(({ states }) => states.length === 0).map(({ id }) => [id, geometry.nodes[id]] as const),
    ...boxes.map(({ id }) => [`head of ${id}`, geometry.heads[id]] as const),
    ...drawing.edges.map(({ id }) => [`words of ${id}`, geometry.edges[id]?.label] as const),
    ...[...drawing.starts, ...drawing.forks].map(({ id }) => [id, geometry.nodes[id]] as const)
  ])
}

const linesThrough = (drawing: Drawing, geometry: Geometry): ReadonlyArray<string> => {
  const lines = drawing.edges.map(({ id }) => ({ id, stretches: stretchesOf(geometry.edges[id]?.points ?? []) }))
  const through = ({ name, box }: Placed, own: string): ReadonlyArray<string> =>
    lines
      .filter(({ id, stretches }) => id !== own && stretches.some((stretch) => crosses(stretch, box)))
      .map(({ id }) => `${id} runs through the ${name}`)
  const heads = everyState(drawing.states).flatMap(({ id }) => {
    const box = geometry.heads[id]
    return box === undefined ? [] : through({ name: `head of ${id}`, box }, "")
  })
  const labels = drawing.edges.flatMap(({ id }) => {
    const box = geometry.edges[id]?.label
    return box === undefined ? [] : through({ name: `words of ${id}`, box }, id)
  })
  return [...heads, ...labels]
}

/** Every overlap of a drawing, as text; a good layout has none. */
export const collisionsIn = (drawing: Drawing, geometry: Geometry): ReadonlyArray<string> => {
  const placed = placedIn(drawing, geometry)
  const over = placed.flatMap(({ name, box }, at) =>
    placed.slice(at + 1).flatMap((other) => (overlap(box, other.box) ? [`${name} lies on ${other.name}`] : []))
  )
  const outside = placed.filter(
    ({ box }) => box.x < 0 || box.y < 0 || box.x + box.width > geometry.width || box.y + box.height > geometry.height
  )
  const spilled = everyState(drawing.states).flatMap(({ id }) => {
    const [box, head] = [geometry.nodes[id], geometry.heads[id]]
    return box !== undefined && head !== undefined && head.x + head.width > box.x + box.width ? [id] : []
  })
  return [
    ...spilled.map((id) => `the head of ${id} leaves its box`),
    ...over,
    ...outside.map(({ name }) => `${name} is outside`),
    ...linesThrough(drawing, geometry)
  ]
}
