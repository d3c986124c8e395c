/** Lays out a drawing with elkjs. The layouts of our own machines are stored; others are computed when needed. */
import type { ElkNode } from "elkjs"
import { Clock, Data, Effect, Option } from "effect"
import { everyState } from "../model/drawing.ts"
import type { Drawing } from "../model/drawing.ts"
import { movedBy } from "../model/region.ts"
import { isWithin } from "../model/paths.ts"
import { collisionsIn } from "./collisions.ts"
import { geometryOf, graphOf } from "./elk.ts"
import type { Paper, Trial } from "./elk.ts"
import type { WorkerAnswer } from "./elkWorker.ts"
import type { Box, Geometry } from "./geometry.ts"
import { narrowIn, withFreeLabels, withHeads } from "./heads.ts"
import type { Metrics } from "./metrics.ts"

/** Why a layout failed, as a sentence. */
export class LayoutFailed extends Data.TaggedError("LayoutFailed")<{ readonly message: string }> {}

/** How long better layouts are looked for. The first layout takes as long as it takes: a drawing is better than none. */
const searchMillis = 20_000

const workerFile = new URL(`./elkWorker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url)

const failed = (message: string): LayoutFailed => new LayoutFailed({ message })

const said = (answer: WorkerAnswer): Effect.Effect<ReadonlyArray<ElkNode | null>, LayoutFailed> =>
  answer._tag === "LaidOut"
    ? Effect.succeed(answer.graphs)
    : Effect.fail(
        failed("Laying out a machine needs the package elkjs: npm install elkjs. --format mermaid does without.")
      )

/**
 * elkjs does not expose its thread, so it is given one that can be terminated. Only this file starts threads, so that
 * the rest of the visualizer can be bundled for a browser.
 */
const laidOutElsewhere = Effect.fnUntraced(function* (graphs: ReadonlyArray<ElkNode>, name: string) {
  const { Worker } = yield* Effect.promise(() => import("node:worker_threads"))
  const answer = yield* Effect.callback<WorkerAnswer, LayoutFailed>((resume) => {
    const worker = new Worker(workerFile, { workerData: graphs })
    worker.once("message", (message: WorkerAnswer) => resume(Effect.succeed(message)))
    worker.once("error", () => resume(Effect.fail(failed(`The layout of the machine ${name} broke off.`))))
    return Effect.promise(() => worker.terminate())
  })
  return yield* said(answer)
})

/** Tried in this order until a layout has no overlaps. */
const trials: ReadonlyArray<Trial> = [
  { gaps: 1, sides: "SMART_DOWN", placement: "NETWORK_SIMPLEX" },
  // Once more, with boxes that are wide enough for their titles.
  { gaps: 1, sides: "SMART_DOWN", placement: "NETWORK_SIMPLEX" },
  { gaps: 1.3, sides: "ALWAYS_DOWN", placement: "NETWORK_SIMPLEX" },
  { gaps: 1.3, sides: "SMART_DOWN", placement: "BRANDES_KOEPF" },
  { gaps: 1.7, sides: "ALWAYS_UP", placement: "NETWORK_SIMPLEX" },
  { gaps: 2.2, sides: "ALWAYS_DOWN", placement: "BRANDES_KOEPF" },
  { gaps: 3, sides: "SMART_DOWN", placement: "NETWORK_SIMPLEX" }
]

/** With more edges than this, one successful layout is enough, because each takes seconds. */
const edgesMax = 400

/** With more edges than this, network simplex can take minutes, and the other placement takes seconds. */
const simplexEdgesMax = 60

const trialFor = ({ edges }: Drawing, trial: Trial): Trial =>
  edges.length > simplexEdgesMax ? { ...trial, placement: "BRANDES_KOEPF" } : trial

const finished = (drawing: Drawing, laidOut: Geometry, metrics: Metrics): Geometry =>
  withHeads(drawing, withFreeLabels(drawing, withHeads(drawing, laidOut, metrics), metrics), metrics)

interface Attempt {
  readonly geometry: Geometry
  readonly count: number
}

/** The regions of a drawing are laid out in one thread, because loading the engine takes longer than most layouts. */
const attempted = Effect.fnUntraced(function* (
  open: ReadonlyArray<Drawing>,
  paper: Omit<Paper, "drawing"> & { readonly extra: Map<string, number> }
) {
  const { metrics } = paper
  const graphs = open.map((drawing) => graphOf({ ...paper, drawing, trial: trialFor(drawing, paper.trial) }))
  const laidOut = yield* laidOutElsewhere(graphs, open[0]?.id ?? "")
  return open.map((drawing, at): Attempt | undefined => {
    const node = laidOut[at] ?? null
    if (node === null) return undefined
    const geometry = finished(drawing, geometryOf(node), metrics)
    for (const [id, width] of narrowIn(geometry, metrics)) paper.extra.set(id, (paper.extra.get(id) ?? 0) + width)
    return { geometry, count: collisionsIn(drawing, geometry).length }
  })
})

interface Wanted {
  readonly regions: ReadonlyArray<Drawing>
  readonly metrics: Metrics
  /** The time for better layouts. */
  readonly millis: number
}

/**
 * For each region the first layout without overlaps. After the given time, the one with the fewest so far. Without a
 * layout there is no time limit, because the same machine takes far longer on a busy computer.
 */
const elkLayouts = Effect.fnUntraced(function* ({ regions, metrics, millis }: Wanted) {
  const best = new Map<Drawing, Attempt>()
  const extra = new Map<string, number>()
  const end = (yield* Clock.currentTimeMillis) + millis
  for (const trial of trials) {
    const open = regions.filter((region) => best.get(region)?.count !== 0)
    if (open.length === 0) break
    const rest = end - (yield* Clock.currentTimeMillis)
    const attempt = attempted(open, { metrics, trial, extra })
    const isFirst = best.size < regions.length
    const inTime = yield* isFirst ? Effect.asSome(attempt) : Effect.timeoutOption(attempt, Math.max(0, rest))
    if (Option.isNone(inTime)) break
    for (const [at, region] of open.entries()) {
      const found = inTime.value[at]
      if (found !== undefined && found.count < (best.get(region)?.count ?? Infinity)) best.set(region, found)
    }
    if (regions.some(({ edges }) => edges.length > edgesMax) && best.size === regions.length) break
  }
  return yield* Effect.forEach(regions, (region) => {
    const found = best.get(region)
    return found === undefined
      ? Effect.fail(
          failed(
            `The machine ${region.id} could not be laid out; --format dot writes it for another program to lay out.`
          )
        )
      : Effect.succeed(found.geometry)
  })
})

/** The regions of a parallel machine as separate drawings, if no transition connects two of them. */
const regionsOf = (drawing: Drawing): ReadonlyArray<Drawing> => {
  if (drawing.states.length < 2 || drawing.states.some((state) => state.states.length === 0)) return [drawing]
  const regions = drawing.states.map((state) => {
    const starts = drawing.starts.filter(({ box }) => isWithin(box, state.path))
    const forks = drawing.forks.filter(({ box }) => isWithin(box, state.path))
    const ids = new Set([...everyState([state]), ...starts, ...forks].map(({ id }) => id))
    const edges = drawing.edges.filter(({ source }) => ids.has(source))
    return { ...drawing, states: [state], starts, forks, edges, ids }
  })
  const isApart = regions.every(({ edges, ids }) => edges.every(({ target }) => ids.has(target)))
  const all = regions.reduce((count, { edges }) => count + edges.length, 0)
  return isApart && all === drawing.edges.length ? regions : [drawing]
}

/** Regions below each other, in boxes of equal width, so that a drawing fits on a page. */
const stacked = (drawing: Drawing, regions: ReadonlyArray<Geometry>, metrics: Metrics): Geometry => {
  const width = Math.max(...regions.map((region) => region.width))
  let y = 0
  const placed = regions.map((region) => {
    const at = movedBy(region, { x: Math.floor((width - region.width) / 2), y })
    y += region.height - metrics.boxPadding
    return at
  })
  const nodes: Record<string, Box> = Object.assign({}, ...placed.map((region) => region.nodes))
  for (const { id } of drawing.states) {
    const box = nodes[id]
    if (box !== undefined) nodes[id] = { ...box, x: metrics.boxPadding, width: width - 2 * metrics.boxPadding }
  }
  const edges = Object.assign({}, ...placed.map((region) => region.edges))
  return withHeads(drawing, { width, height: y + metrics.boxPadding, nodes, edges, heads: {} }, metrics)
}

/** The geometry of a drawing. The same drawing always has the same geometry. */
export const layout = Effect.fn("visualizer.layout")(function* (
  drawing: Drawing,
  metrics: Metrics,
  millis: number = searchMillis
) {
  if (everyState(drawing.states).length === 0) return yield* failed(`The machine ${drawing.id} has no states.`)
  const laidOut = yield* elkLayouts({ regions: regionsOf(drawing), metrics, millis })
  const [only] = laidOut
  return laidOut.length === 1 && only !== undefined ? only : stacked(drawing, laidOut, metrics)
})
