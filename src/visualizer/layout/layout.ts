/** Lays a drawing out with elkjs. Our own machines are laid out when the project is built; only others need it later. */
import type { ElkExtendedEdge, ElkNode } from "elkjs"
import { Data, Effect } from "effect"
import type { Path } from "../model/chart.ts"
import { everyState, isSamePath } from "../model/drawing.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import type { WorkerAnswer } from "./elkWorker.ts"
import type { Box, EdgeGeometry, Geometry, Point } from "./geometry.ts"
import type { Metrics } from "./metrics.ts"

/** Why a drawing could not be laid out, in a sentence. */
export class LayoutFailed extends Data.TaggedError("LayoutFailed")<{ readonly message: string }> {}

const millisMax = 20_000

/** Model order is left off: together with hierarchy it makes elkjs fail on an error of its own. */
const optionsOf = (metrics: Metrics): Record<string, string> => ({
  "elk.algorithm": "layered",
  "elk.direction": metrics.direction,
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.randomSeed": "1",
  "elk.layered.spacing.nodeNodeBetweenLayers": String(metrics.gap.layer),
  "elk.layered.spacing.edgeNodeBetweenLayers": String(metrics.gap.edge),
  "elk.layered.spacing.edgeEdgeBetweenLayers": String(metrics.gap.edge),
  "elk.spacing.nodeNode": String(metrics.gap.node),
  "elk.spacing.edgeNode": String(metrics.gap.edge),
  "elk.spacing.edgeEdge": String(metrics.gap.edge),
  "elk.spacing.edgeLabel": String(metrics.gap.label),
  "elk.spacing.componentComponent": String(metrics.gap.node),
  "elk.edgeLabels.inline": "false",
  "elk.layered.edgeLabels.sideSelection": "SMART_DOWN",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  // From where a box begins along its edges: what leads back is drawn leading back.
  "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST"
})

const padding = ({ boxPadding, boxHead }: Metrics): string =>
  `[top=${boxHead},left=${boxPadding},bottom=${boxPadding},right=${boxPadding}]`

const nodeOf =
  (drawing: Drawing, metrics: Metrics) =>
  (state: DrawnState): ElkNode =>
    state.states.length === 0
      ? {
          id: state.id,
          ...metrics.stateSize(state),
          layoutOptions: state.final ? { "elk.layered.layering.layerConstraint": "LAST" } : {}
        }
      : {
          id: state.id,
          layoutOptions: { ...optionsOf(metrics), "elk.padding": padding(metrics) },
          children: childrenOf(drawing, metrics, state.path, state.states)
        }

const childrenOf = (
  drawing: Drawing,
  metrics: Metrics,
  box: Path,
  states: ReadonlyArray<DrawnState>
): Array<ElkNode> => [
  ...drawing.starts
    .filter((start) => isSamePath(start.box, box))
    .map(({ id }) => ({
      id,
      width: metrics.startSize,
      height: metrics.startSize,
      layoutOptions: { "elk.layered.layering.layerConstraint": "FIRST" }
    })),
  ...states.map(nodeOf(drawing, metrics))
]

const edgesOf = (drawing: Drawing, metrics: Metrics): Array<ElkExtendedEdge> =>
  drawing.edges.map(({ id, source, target, lines }) => ({
    id,
    sources: [source],
    targets: [target],
    labels: lines.length === 0 ? [] : [{ id: `${id}.label`, text: " ", ...metrics.labelSize(lines) }]
  }))

const graphOf = (drawing: Drawing, metrics: Metrics): ElkNode => ({
  id: "root",
  layoutOptions: {
    ...optionsOf(metrics),
    "elk.padding": padding({ ...metrics, boxHead: metrics.boxPadding }),
    "elk.json.edgeCoords": "ROOT",
    "elk.json.shapeCoords": "ROOT"
  },
  children: childrenOf(drawing, metrics, [], drawing.states),
  edges: edgesOf(drawing, metrics)
})

const whole = (value: number | undefined): number => Math.round((value ?? 0) * 2) / 2

const boxOf = ({ x, y, width, height }: Partial<Box>): Box => ({
  x: whole(x),
  y: whole(y),
  width: whole(width),
  height: whole(height)
})

const pointOf = ({ x, y }: Point): Point => ({ x: whole(x), y: whole(y) })

const everyNode = (node: ElkNode): ReadonlyArray<ElkNode> => [node, ...(node.children ?? []).flatMap(everyNode)]

const edgeOf = (edge: ElkExtendedEdge): EdgeGeometry => {
  const section = edge.sections?.[0]
  const label = edge.labels?.[0]
  const points =
    section === undefined ? [] : [section.startPoint, ...(section.bendPoints ?? []), section.endPoint].map(pointOf)
  return label === undefined ? { points } : { points, label: boxOf(label) }
}

const geometryOf = (laidOut: ElkNode): Geometry => {
  const nodes = everyNode(laidOut)
  const edges = nodes.flatMap((node) => node.edges ?? [])
  return {
    width: Math.ceil(laidOut.width ?? 0),
    height: Math.ceil(laidOut.height ?? 0),
    nodes: Object.fromEntries(nodes.filter(({ id }) => id !== "root").map((node) => [node.id, boxOf(node)])),
    edges: Object.fromEntries(edges.map((edge) => [edge.id, edgeOf(edge)]))
  }
}

const workerFile = new URL(`./elkWorker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

const failed = (message: string): LayoutFailed => new LayoutFailed({ message })

const said = (answer: WorkerAnswer, name: string): Effect.Effect<ElkNode, LayoutFailed> => {
  switch (answer._tag) {
    case "LaidOut":
      return Effect.succeed(answer.graph)
    case "NoEngine":
      return Effect.fail(
        failed("Laying out a machine needs the package elkjs: npm install elkjs. --format mermaid does without.")
      )
    case "Failed":
      return Effect.fail(
        failed(`The machine ${name} could not be laid out; --format dot writes it for another program to lay out.`)
      )
    default:
      return answer satisfies never
  }
}

/**
 * elkjs keeps the thread it runs in to itself, so it is given one that can be ended. Threads are asked for only here, so
 * that all the rest of the visualizer can be bundled for a browser.
 */
const laidOutElsewhere = Effect.fnUntraced(function* (graph: ElkNode, name: string) {
  const { Worker } = yield* Effect.promise(() => import("node:worker_threads"))
  const answer = yield* Effect.callback<WorkerAnswer, LayoutFailed>((resume) => {
    const worker = new Worker(workerFile, { workerData: graph })
    worker.once("message", (message: WorkerAnswer) => resume(Effect.succeed(message)))
    worker.once("error", () => resume(Effect.fail(failed(`The layout of the machine ${name} broke off.`))))
    return Effect.promise(() => worker.terminate())
  })
  return yield* said(answer, name)
})

const elkLayout = (drawing: Drawing, metrics: Metrics, millis: number): Effect.Effect<Geometry, LayoutFailed> =>
  laidOutElsewhere(graphOf(drawing, metrics), drawing.id).pipe(
    Effect.timeoutOrElse({
      duration: millis,
      orElse: () => Effect.fail(failed(`Laying out the machine ${drawing.id} takes longer than ${millis} ms.`))
    }),
    Effect.map(geometryOf)
  )

/** The regions of a parallel machine as drawings of their own, where nothing leads from one to another. */
const regionsOf = (drawing: Drawing): ReadonlyArray<Drawing> => {
  if (drawing.states.length < 2 || drawing.states.some((state) => state.states.length === 0)) return [drawing]
  const regions = drawing.states.map((state) => {
    const starts = drawing.starts.filter(({ box }) => box[0] === state.path[0])
    const ids = new Set([...everyState([state]), ...starts].map(({ id }) => id))
    return { ...drawing, states: [state], starts, edges: drawing.edges.filter(({ source }) => ids.has(source)), ids }
  })
  const isApart = regions.every(({ edges, ids }) => edges.every(({ target }) => ids.has(target)))
  const all = regions.reduce((count, { edges }) => count + edges.length, 0)
  return isApart && all === drawing.edges.length ? regions : [drawing]
}

const moved = (geometry: Geometry, by: Point): Geometry => {
  const boxAt = (box: Box): Box => ({ ...box, x: box.x + by.x, y: box.y + by.y })
  const edgeAt = ({ points, label }: EdgeGeometry): EdgeGeometry => ({
    points: points.map(({ x, y }) => ({ x: x + by.x, y: y + by.y })),
    ...(label === undefined ? {} : { label: boxAt(label) })
  })
  const every = <A>(values: Readonly<Record<string, A>>, at: (value: A) => A): Record<string, A> =>
    Object.fromEntries(Object.entries(values).map(([id, value]) => [id, at(value)]))
  return { ...geometry, nodes: every(geometry.nodes, boxAt), edges: every(geometry.edges, edgeAt) }
}

/** Regions one above the other, in boxes of one width, so that a drawing fits a page. */
const stacked = (drawing: Drawing, regions: ReadonlyArray<Geometry>, metrics: Metrics): Geometry => {
  const width = Math.max(...regions.map((region) => region.width))
  let y = 0
  const placed = regions.map((region) => {
    const at = moved(region, { x: Math.floor((width - region.width) / 2), y })
    y += region.height - metrics.boxPadding
    return at
  })
  const nodes: Record<string, Box> = Object.assign({}, ...placed.map((region) => region.nodes))
  for (const { id } of drawing.states) {
    const box = nodes[id]
    if (box !== undefined) nodes[id] = { ...box, x: metrics.boxPadding, width: width - 2 * metrics.boxPadding }
  }
  return {
    width,
    height: y + metrics.boxPadding,
    nodes,
    edges: Object.assign({}, ...placed.map((region) => region.edges))
  }
}

/** The geometry of a drawing; the same drawing always has the same. */
export const layout = Effect.fn("visualizer.layout")(function* (
  drawing: Drawing,
  metrics: Metrics,
  millis: number = millisMax
) {
  if (everyState(drawing.states).length === 0) return yield* failed(`The machine ${drawing.id} has no states.`)
  const regions = regionsOf(drawing)
  const laidOut = yield* Effect.forEach(regions, (region) => elkLayout(region, metrics, millis))
  const [only] = laidOut
  return laidOut.length === 1 && only !== undefined ? only : stacked(drawing, laidOut, metrics)
})
