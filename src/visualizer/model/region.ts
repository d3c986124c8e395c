/** Parts of a drawing: one box alone, or a drawing with closed boxes. */
import { isWithin } from "./paths.ts"
import { everyState } from "./drawing.ts"
import type { Drawing, DrawnEdge, DrawnState } from "./drawing.ts"
import type { Path } from "./chart.ts"
import type { Box, EdgeGeometry, Geometry, Point } from "../layout/geometry.ts"

/** Names of the boxes that can be drawn alone. */
export const regionNames = ({ root }: Drawing): ReadonlyArray<string> =>
  root.states.filter(({ states }) => states.length > 0).map(({ name }) => name)

/** Undefined if the machine has no box with this name. */
export const regionOf = (drawing: Drawing, name: string): Drawing | undefined => {
  const box = drawing.root.states.find((state) => state.name === name && state.states.length > 0)
  if (box === undefined) return undefined
  const starts = drawing.starts.filter((start) => isWithin(start.box, box.path))
  const forks = drawing.forks.filter((fork) => isWithin(fork.box, box.path))
  const inside = new Set([...everyState([box]), ...starts, ...forks].map(({ id }) => id))
  const edges = drawing.edges.filter(({ source, target }) => inside.has(source) && inside.has(target))
  const root: DrawnState = { ...drawing.root, kind: "compound", about: [], notes: [], stays: [], states: [box] }
  return { ...drawing, root, states: [box], starts, forks, edges }
}

/** Boxes of a drawing at this depth or deeper: 1 closes the outermost boxes. */
export const deeperThan =
  (depth: number) =>
  ({ path }: DrawnState): boolean =>
    path.length >= depth

const countIn = (states: ReadonlyArray<DrawnState>): number =>
  states.reduce((count, state) => count + (state.kind === "history" ? 0 : 1) + countIn(state.states), 0)

const closed = (state: DrawnState): DrawnState => {
  const count = countIn(state.states)
  const note = `${count} ${count === 1 ? "state" : "states"} inside`
  return { ...state, notes: [...state.notes, note], states: [] }
}

/** Edges into a closed box end at the box; edges inside it are removed. */
const rejoined = (edges: ReadonlyArray<DrawnEdge>, ends: ReadonlyMap<string, string>): ReadonlyArray<DrawnEdge> => {
  const found = new Map<string, DrawnEdge>()
  for (const edge of edges) {
    const [source, target] = [ends.get(edge.source) ?? edge.source, ends.get(edge.target) ?? edge.target]
    const isInner = ends.has(edge.source) && ends.has(edge.target) && source === target
    const isOwn = source === target && (edge.source !== edge.target || ends.get(edge.source) !== undefined)
    if (isInner || isOwn) continue
    const name = `${source}\n${target}`
    const known = found.get(name)
    found.set(name, { ...(known ?? edge), source, target, lines: [...(known?.lines ?? []), ...edge.lines] })
  }
  return [...found.values()]
}

/** A drawing with the selected boxes closed: each becomes a state that says how many states it contains. */
export const collapsed = (drawing: Drawing, isClosed: (state: DrawnState) => boolean): Drawing => {
  const boxes = everyState(drawing.states).filter((state) => state.states.length > 0 && isClosed(state))
  const outermost = boxes.filter(
    ({ path }) => !boxes.some((other) => other.path.length < path.length && isWithin(path, other.path))
  )
  const boxAround = (path: Path): DrawnState | undefined => outermost.find((box) => isWithin(path, box.path))
  const hidden = everyState(drawing.states).flatMap(({ id, path }) => {
    const box = boxAround(path)
    return box === undefined || box.id === id ? [] : [[id, box.id] as const]
  })
  const inner = [...drawing.starts, ...drawing.forks].flatMap(({ id, box: path }) => {
    const box = boxAround(path)
    return box === undefined ? [] : [[id, box.id] as const]
  })
  const shown = (state: DrawnState): DrawnState =>
    outermost.includes(state) ? closed(state) : { ...state, states: state.states.map(shown) }
  return {
    ...drawing,
    root: shown(drawing.root),
    states: drawing.states.map(shown),
    starts: drawing.starts.filter(({ box }) => boxAround(box) === undefined),
    forks: drawing.forks.filter(({ box }) => boxAround(box) === undefined),
    edges: rejoined(drawing.edges, new Map([...hidden, ...inner]))
  }
}

const moveBox = <Placed extends Point>(placed: Placed, by: Point): Placed => ({
  ...placed,
  x: placed.x + by.x,
  y: placed.y + by.y
})

/** A moved geometry, restricted to these ids. */
export const movedBy = (geometry: Geometry, by: Point, isKept: (id: string) => boolean = () => true): Geometry => {
  const kept = <A>(all: Readonly<Record<string, A>>, moved: (value: A) => A): Readonly<Record<string, A>> =>
    Object.fromEntries(Object.entries(all).flatMap(([id, value]) => (isKept(id) ? [[id, moved(value)]] : [])))
  const edgeAt = ({ points, label }: EdgeGeometry): EdgeGeometry => ({
    points: points.map((point) => moveBox(point, by)),
    ...(label === undefined ? {} : { label: moveBox(label, by) })
  })
  const boxAt = (box: Box): Box => moveBox(box, by)
  return {
    ...geometry,
    nodes: kept(geometry.nodes, boxAt),
    edges: kept(geometry.edges, edgeAt),
    heads: kept(geometry.heads, boxAt)
  }
}

/** The part of a geometry for the boxes of a drawing, moved to the origin. */
export const cropped = (geometry: Geometry, drawing: Drawing, margin: number): Geometry => {
  const boxes = drawing.states.flatMap(({ id }) => geometry.nodes[id] ?? [])
  const left = Math.min(...boxes.map(({ x }) => x)) - margin
  const top = Math.min(...boxes.map(({ y }) => y)) - margin
  const named = [...everyState(drawing.states), ...drawing.starts, ...drawing.forks, ...drawing.edges]
  const ids = new Set(named.map(({ id }) => id))
  return {
    ...movedBy(geometry, { x: -left, y: -top }, (id) => ids.has(id)),
    width: Math.max(...boxes.map(({ x, width }) => x + width)) + margin - left,
    height: Math.max(...boxes.map(({ y, height }) => y + height)) + margin - top
  }
}
