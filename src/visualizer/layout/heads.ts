/** Places the title and notes of each box where no arrow crosses them, and moves labels that overlap. */
import { everyState } from "../model/drawing.ts"
import type { Drawing, DrawnState } from "../model/drawing.ts"
import { crosses, overlap, stretchesOf } from "./collisions.ts"
import type { Box, EdgeGeometry, Geometry } from "./geometry.ts"
import type { Metrics } from "./metrics.ts"

const isCrossed = (geometry: Geometry, head: Box): boolean =>
  Object.values(geometry.edges).some(({ points }) => stretchesOf(points).some((stretch) => crosses(stretch, head)))

/** Boxes that are too narrow for their titles, alone or beside an arrow into the box, and the missing width. */
export const narrowIn = (geometry: Geometry, { boxPadding, gap }: Metrics): ReadonlyArray<readonly [string, number]> =>
  Object.entries(geometry.heads).flatMap(([id, head]) => {
    const lack = head.width + boxPadding - (geometry.nodes[id]?.width ?? 0)
    const beside = isCrossed(geometry, head) ? head.width + gap.label : 0
    const more = Math.max(lack, beside)
    return more > 0 ? [[id, Math.ceil(more)] as const] : []
  })

const obstaclesIn = (geometry: Geometry): ReadonlyArray<Box> =>
  Object.values(geometry.edges).flatMap(({ points, label }) => [
    ...stretchesOf(points),
    ...(label === undefined ? [] : [label])
  ])

const hits = (obstacle: Box, box: Box): boolean => crosses(obstacle, box) || overlap(obstacle, box)

/** The leftmost free position in the upper part of a box; the corner if all positions are taken. */
const headOf = (state: DrawnState, geometry: Geometry, metrics: Metrics): Box | undefined => {
  const box = geometry.nodes[state.id]
  if (box === undefined) return undefined
  const { width, height } = metrics.headSize(state)
  const left = box.x + metrics.boxPadding / 2
  const right = box.x + box.width - metrics.boxPadding / 2 - width
  const corner = { x: left, y: box.y + metrics.headGap / 2, width, height }
  const strip = { ...corner, width: Math.max(width, box.width - metrics.boxPadding) }
  const inWay = obstaclesIn(geometry).filter((obstacle) => hits(obstacle, strip))
  const starts = [left, ...inWay.map((obstacle) => obstacle.x + obstacle.width + metrics.gap.label)]
  const free = starts
    .filter((x) => x <= right)
    .sort((a, b) => a - b)
    .find((x) => !inWay.some((obstacle) => hits(obstacle, { ...corner, x })))
  return { ...corner, x: free ?? left }
}

export const withHeads = (drawing: Drawing, geometry: Geometry, metrics: Metrics): Geometry => {
  const boxes = everyState(drawing.states).filter(({ states }) => states.length > 0)
  const heads = boxes.flatMap((state) => {
    const head = headOf(state, geometry, metrics)
    return head === undefined ? [] : [[state.id, head] as const]
  })
  return { ...geometry, heads: Object.fromEntries(heads) }
}

/** Positions for a label beside the segments of its arrow, the longest segment first. */
const placesFor = ({ points, label }: EdgeGeometry, gap: number): ReadonlyArray<Box> => {
  if (label === undefined) return []
  const { width, height } = label
  const stretches = stretchesOf(points).toSorted((a, b) => b.width + b.height - a.width - a.height)
  return stretches.flatMap((stretch) =>
    [0.5, 0.3, 0.7, 0.1, 0.9].flatMap((part) => {
      const [x, y] = [stretch.x + stretch.width * part, stretch.y + stretch.height * part]
      const isAcross = stretch.width > stretch.height
      const around = isAcross
        ? [
            { x: x - width / 2, y: y + gap },
            { x: x - width / 2, y: y - gap - height }
          ]
        : [
            { x: x + gap, y: y - height / 2 },
            { x: x - gap - width, y: y - height / 2 }
          ]
      return around.map((at) => ({ x: Math.round(at.x), y: Math.round(at.y), width, height }))
    })
  )
}

/** Labels that overlap move to a free position beside their arrow, if there is one. */
export const withFreeLabels = (drawing: Drawing, geometry: Geometry, metrics: Metrics): Geometry => {
  const leaves = everyState(drawing.states).filter(({ states }) => states.length === 0)
  const nodes = [...leaves, ...drawing.starts, ...drawing.forks].flatMap(({ id }) => geometry.nodes[id] ?? [])
  const edges: Record<string, EdgeGeometry> = { ...geometry.edges }
  const isFree = (id: string, box: Box): boolean =>
    box.x >= 0 &&
    box.y >= 0 &&
    box.x + box.width <= geometry.width &&
    box.y + box.height <= geometry.height &&
    !nodes.some((node) => overlap(node, box)) &&
    !Object.values(geometry.heads).some((head) => overlap(head, box)) &&
    !Object.entries(edges).some(
      ([other, { points, label }]) =>
        (other !== id && label !== undefined && overlap(label, box)) ||
        (other !== id && stretchesOf(points).some((stretch) => crosses(stretch, box)))
    )
  for (const { id } of drawing.edges) {
    const edge = edges[id]
    if (edge?.label === undefined || isFree(id, edge.label)) continue
    const label = placesFor(edge, metrics.gap.label).find((place) => isFree(id, place))
    if (label !== undefined) edges[id] = { ...edge, label }
  }
  return { ...geometry, edges }
}
