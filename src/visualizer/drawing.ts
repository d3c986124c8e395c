/** A chart made fit to be drawn: arrows between two states gathered into one edge, what stays in a state folded away. */
import type { Arrow, Chart, ChartState, Path } from "./chart.ts"

/** One event of an edge, as it is written beside the line. */
export interface EdgeLine {
  /** Null for a transition taken without an event. */
  readonly event: string | null
  /** What must hold, in words. */
  readonly guard: string | null
  /** Whether the event is brought by time and not by a caller. */
  readonly timed: boolean
}

export interface DrawnEdge {
  /** `edge.3`: its place in the drawing, which is that of the machine's definition. */
  readonly id: string
  /** Ids of states, or of the dot a box begins with. */
  readonly source: string
  readonly target: string
  readonly lines: ReadonlyArray<EdgeLine>
}

/** A state one can rest in, or a box of states. */
export interface DrawnState {
  /** `state.lifecycle.Enabled` */
  readonly id: string
  readonly path: Path
  readonly name: string
  readonly description: string | null
  readonly final: boolean
  /** Events taken here that lead nowhere else. */
  readonly stays: ReadonlyArray<EdgeLine>
  readonly states: ReadonlyArray<DrawnState>
}

/** The dot a box begins with. */
export interface DrawnStart {
  /** `start.lifecycle`, or `start` of the machine itself. */
  readonly id: string
  readonly box: Path
}

export interface Drawing {
  readonly id: string
  readonly states: ReadonlyArray<DrawnState>
  readonly starts: ReadonlyArray<DrawnStart>
  readonly edges: ReadonlyArray<DrawnEdge>
}

export const stateId = (path: Path): string => ["state", ...path].join(".")
const startId = (path: Path): string => ["start", ...path].join(".")

/** `isExternal and isSameMaterial` as `is external and is same material`: names of guards are sentences in camel case. */
export const inWords = (guard: string): string =>
  guard.replaceAll(/([a-z0-9])([A-Z])(?=[a-z])/g, (_all, before: string, after: string) => {
    return `${before} ${after.toLowerCase()}`
  })

/** XState's own delayed transitions are events with a name like this. */
const delayed = /^xstate\.after\.(.+?)\..*$/

const lineOf =
  (timers: ReadonlySet<string>) =>
  ({ event, guard }: Pick<Arrow, "event" | "guard">): EdgeLine => {
    const after = event === null ? undefined : delayed.exec(event)?.[1]
    return {
      event: after === undefined ? event : `after ${after}`,
      guard: guard === null ? null : inWords(guard),
      timed: after !== undefined || (event !== null && timers.has(event))
    }
  }

const isSame = (a: Path, b: Path): boolean => a.length === b.length && a.every((key, at) => key === b[at])

const isSameLine = (a: EdgeLine, b: EdgeLine): boolean => a.event === b.event && a.guard === b.guard

const withoutTwins = (lines: ReadonlyArray<EdgeLine>): ReadonlyArray<EdgeLine> =>
  lines.filter((line, at) => lines.findIndex((other) => isSameLine(line, other)) === at)

/** The words of a line, as one text. */
export const lineText = ({ event, guard }: EdgeLine): string =>
  [event, guard === null ? null : `[${guard}]`].filter((part) => part !== null).join(" ")

const statesOf =
  (chart: Chart, read: (arrow: Arrow) => EdgeLine) =>
  (state: ChartState): DrawnState => ({
    id: stateId(state.path),
    path: state.path,
    name: state.name,
    description: state.description,
    final: state.final,
    stays: withoutTwins(
      chart.arrows.filter(({ source, target }) => isSame(source, state.path) && isSame(target, state.path)).map(read)
    ),
    states: state.states.map(statesOf(chart, read))
  })

interface Loose {
  readonly source: string
  readonly target: string
  readonly lines: ReadonlyArray<EdgeLine>
}

/** Arrows between the same two states are one edge with several lines. */
const gathered = (loose: ReadonlyArray<Loose>): ReadonlyArray<DrawnEdge> => {
  const edges = new Map<string, { source: string; target: string; lines: Array<EdgeLine> }>()
  for (const { source, target, lines } of loose) {
    const name = `${source}\n${target}`
    const edge = edges.get(name) ?? { source, target, lines: [] }
    edge.lines.push(...lines)
    edges.set(name, edge)
  }
  return [...edges.values()].map(({ source, target, lines }, at) => ({
    id: `edge.${at}`,
    source,
    target,
    lines: withoutTwins(lines)
  }))
}

const boxesOf = (chart: Pick<ChartState, "states" | "entries"> & { readonly path: Path }): ReadonlyArray<Loose> => [
  ...chart.entries.map(({ target, guard }) => ({
    source: startId(chart.path),
    target: stateId(target),
    lines: guard === null ? [] : [{ event: null, guard: inWords(guard), timed: false }]
  })),
  ...chart.states.flatMap(boxesOf)
]

/** A chart as it is drawn. `timers` names the events that time brings. */
export const drawingOf = (chart: Chart, timers: ReadonlyArray<string> = []): Drawing => {
  const read = lineOf(new Set(timers))
  const entries = boxesOf({ ...chart, path: [] })
  const moves = chart.arrows
    .filter(({ source, target }) => !isSame(source, target))
    .map((arrow) => ({ source: stateId(arrow.source), target: stateId(arrow.target), lines: [read(arrow)] }))
  const starts = (box: Pick<ChartState, "states" | "entries"> & { readonly path: Path }): ReadonlyArray<DrawnStart> => [
    ...(box.entries.length === 0 ? [] : [{ id: startId(box.path), box: box.path }]),
    ...box.states.flatMap(starts)
  ]
  return {
    id: chart.id,
    states: chart.states.map(statesOf(chart, read)),
    starts: starts({ ...chart, path: [] }),
    edges: gathered([...entries, ...moves])
  }
}

/** Every state of a drawing, boxes before what is in them. */
export const everyState = (states: ReadonlyArray<DrawnState>): ReadonlyArray<DrawnState> =>
  states.flatMap((state) => [state, ...everyState(state.states)])
