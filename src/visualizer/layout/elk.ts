/** Converts a drawing to a graph for elkjs, and its answer to a geometry. Only elkWorker.ts loads the engine. */
import type { ElkExtendedEdge, ElkNode } from "elkjs"
import type { Path } from "../model/chart.ts"
import type { DrawnState, Drawing } from "../model/drawing.ts"
import { isSamePath } from "../model/paths.ts"
import type { Box, EdgeGeometry, Geometry, Point } from "./geometry.ts"
import type { Metrics } from "./metrics.ts"

/** The options of a layout; a drawing with overlaps is laid out again with other options. */
export interface Trial {
  /** The factor of all gaps. */
  readonly gaps: number
  readonly sides: "SMART_DOWN" | "ALWAYS_DOWN" | "ALWAYS_UP"
  readonly placement: "NETWORK_SIMPLEX" | "BRANDES_KOEPF"
}

/** Model order is off: together with hierarchy it causes an internal error in elkjs. */
const optionsOf = ({ direction, gap }: Metrics, { gaps, sides, placement }: Trial): Record<string, string> => ({
  "elk.algorithm": "layered",
  "elk.direction": direction,
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.randomSeed": "1",
  "elk.layered.spacing.nodeNodeBetweenLayers": String(gap.layer * gaps),
  "elk.layered.spacing.edgeNodeBetweenLayers": String(gap.edge * gaps),
  "elk.layered.spacing.edgeEdgeBetweenLayers": String(gap.edge * gaps),
  "elk.spacing.nodeNode": String(gap.node * gaps),
  "elk.spacing.edgeNode": String(gap.edge * gaps),
  "elk.spacing.edgeEdge": String(gap.edge * gaps),
  "elk.spacing.edgeLabel": String(gap.label * gaps),
  "elk.spacing.nodeSelfLoop": String(gap.edge * gaps),
  "elk.spacing.componentComponent": String(gap.node * gaps),
  "elk.edgeLabels.inline": "false",
  "elk.layered.edgeLabels.sideSelection": sides,
  "elk.layered.nodePlacement.strategy": placement,
  // Whether edges are followed from the initial state, so that arrows back are drawn backwards.
  "elk.layered.cycleBreaking.strategy": "DEPTH_FIRST"
})

export interface Paper {
  /** The additional width that boxes need for their titles, by id. */
  readonly extra: ReadonlyMap<string, number>
  readonly drawing: Drawing
  readonly metrics: Metrics
  readonly trial: Trial
}

const padding = ({ boxPadding, headGap }: Metrics, head: number, extra = 0): string => {
  const top = head === 0 ? boxPadding : headGap + head + headGap
  return `[top=${top},left=${boxPadding},bottom=${boxPadding},right=${boxPadding + extra}]`
}

const nodeOf =
  (paper: Paper) =>
  (state: DrawnState): ElkNode => {
    const { metrics, trial } = paper
    if (state.states.length === 0) {
      const isLast = state.final && !state.region
      return {
        id: state.id,
        ...metrics.stateSize(state),
        layoutOptions: isLast ? { "elk.layered.layering.layerConstraint": "LAST" } : {}
      }
    }
    return {
      id: state.id,
      layoutOptions: {
        ...optionsOf(metrics, trial),
        "elk.padding": padding(metrics, metrics.headSize(state).height, paper.extra.get(state.id))
      },
      children: childrenOf(paper, state.path, state.states)
    }
  }

const childrenOf = (paper: Paper, box: Path, states: ReadonlyArray<DrawnState>): Array<ElkNode> => [
  ...paper.drawing.starts
    .filter((start) => isSamePath(start.box, box))
    .map(({ id }) => ({
      id,
      width: paper.metrics.startSize,
      height: paper.metrics.startSize,
      layoutOptions: { "elk.layered.layering.layerConstraint": "FIRST" }
    })),
  ...paper.drawing.forks
    .filter((fork) => isSamePath(fork.box, box))
    .map(({ id }) => ({ id, width: paper.metrics.startSize, height: paper.metrics.startSize })),
  ...states.map(nodeOf(paper))
]

/** The start dot and the forks of the machine itself are in its box, or where the box would be. */
const topOf = (paper: Paper): Array<ElkNode> => {
  const { drawing } = paper
  return drawing.states.some(({ path }) => path.length === 0)
    ? drawing.states.map(nodeOf(paper))
    : childrenOf(paper, [], drawing.states)
}

const edgesOf = ({ drawing, metrics }: Paper): Array<ElkExtendedEdge> =>
  drawing.edges.map(({ id, source, target, lines }) => ({
    id,
    sources: [source],
    targets: [target],
    labels: lines.length === 0 ? [] : [{ id: `${id}.label`, text: " ", ...metrics.labelSize(lines) }]
  }))

export const graphOf = (paper: Paper): ElkNode => ({
  id: "root",
  layoutOptions: {
    ...optionsOf(paper.metrics, paper.trial),
    "elk.padding": padding(paper.metrics, 0),
    "elk.json.edgeCoords": "ROOT",
    "elk.json.shapeCoords": "ROOT"
  },
  children: topOf(paper),
  edges: edgesOf(paper)
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

export const geometryOf = (laidOut: ElkNode): Geometry => {
  const nodes = everyNode(laidOut)
  const edges = nodes.flatMap((node) => node.edges ?? [])
  return {
    width: Math.ceil(laidOut.width ?? 0),
    height: Math.ceil(laidOut.height ?? 0),
    nodes: Object.fromEntries(nodes.filter(({ id }) => id !== "root").map((node) => [node.id, boxOf(node)])),
    heads: {},
    edges: Object.fromEntries(edges.map((edge) => [edge.id, edgeOf(edge)]))
  }
}
