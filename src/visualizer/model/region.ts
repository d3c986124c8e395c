/** One box of a drawing by itself: a machine's regions can be shown one at a time, from the same geometry. */
import { everyState } from "./drawing.ts"
import type { Drawing } from "./drawing.ts"
import type { Box, EdgeGeometry, Geometry, Point } from "../layout/geometry.ts"

/** Names of the boxes that can be shown by themselves. */
export const regionNames = (drawing: Drawing): ReadonlyArray<string> =>
  drawing.states.filter(({ states }) => states.length > 0).map(({ name }) => name)

/** Undefined where the machine has no box of this name. */
export const regionOf = (drawing: Drawing, name: string): Drawing | undefined => {
  const box = drawing.states.find((state) => state.name === name && state.states.length > 0)
  if (box === undefined) return undefined
  const starts = drawing.starts.filter((start) => start.box[0] === name)
  const inside = new Set([...everyState([box]), ...starts].map(({ id }) => id))
  const edges = drawing.edges.filter(({ source, target }) => inside.has(source) && inside.has(target))
  return { ...drawing, states: [box], starts, edges }
}

/** The part of a geometry that holds a drawing's boxes, moved to where a drawing begins. */
export const cropped = (geometry: Geometry, drawing: Drawing, margin: number): Geometry => {
  const boxes = drawing.states.flatMap(({ id }) => geometry.nodes[id] ?? [])
  const left = Math.min(...boxes.map(({ x }) => x)) - margin
  const top = Math.min(...boxes.map(({ y }) => y)) - margin
  const at = <Placed extends Point>(placed: Placed): Placed => ({ ...placed, x: placed.x - left, y: placed.y - top })
  const edgeAt = ({ points, label }: EdgeGeometry): EdgeGeometry => ({
    points: points.map(at),
    ...(label === undefined ? {} : { label: at(label) })
  })
  const kept = <A>(all: Readonly<Record<string, A>>, ids: ReadonlyArray<string>, moved: (value: A) => A) =>
    Object.fromEntries(
      ids.flatMap((id) => {
        const value = all[id]
        return value === undefined ? [] : [[id, moved(value)] as const]
      })
    )
  const nodes = [...everyState(drawing.states), ...drawing.starts].map(({ id }) => id)
  return {
    width: Math.max(...boxes.map(({ x, width }) => x + width)) + margin - left,
    height: Math.max(...boxes.map(({ y, height }) => y + height)) + margin - top,
    nodes: kept<Box>(geometry.nodes, nodes, at),
    edges: kept(
      geometry.edges,
      drawing.edges.map(({ id }) => id),
      edgeAt
    )
  }
}
