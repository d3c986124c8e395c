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

/** A dot in a name would make two paths one. */
const dotted = (first: string, path: Path): string =>
  [first, ...path.map((key) => key.replaceAll(/[%.]/g, (letter) => (letter === "." ? "%2E" : "%25")))].join(".")

export const stateId = (path: Path): string => dotted("state", path)
const startId = (path: Path): string => dotted("start", path)

/** What a machine's definition does not say of itself and a reader wants to know. */
export interface Legend {
  /** Events that time brings, each with the guard that only says it is due and is not drawn. */
  readonly timers?: Readonly<Record<string, string>>
  /** The call that begins a box, by the box's path: `{ lifecycle: "CreateKey" }`. */
  readonly begins?: Readonly<Record<string, string>>
  /** Guards in words, by their names. */
  readonly guards?: Readonly<Record<string, string>>
}

/** `isSameMaterial` as `is same material`: names of guards are sentences in camel case. */
const spelled = (name: string): string =>
  name.replaceAll(/([a-z0-9])([A-Z])(?=[a-z])/g, (_all, before: string, after: string) => {
    return `${before} ${after.toLowerCase()}`
  })

/** A guard as a reader would say it. */
const inWords = (guard: string, { guards = {} }: Legend = {}): string =>
  guard
    .replaceAll(/[A-Za-z_$][\w$]*/g, (name) => (Object.hasOwn(guards, name) ? (guards[name] ?? name) : spelled(name)))
    .replace(/^else (?=.)/, "else if ")

/** XState's own delayed transitions are events with a name like this. */
const delayed = /^xstate\.after\.(.+?)\..*$/

const lineOf =
  (legend: Legend) =>
  ({ event, guard }: Pick<Arrow, "event" | "guard">): EdgeLine => {
    const after = event === null ? undefined : delayed.exec(event)?.[1]
    const { timers = {} } = legend
    const due = event !== null && Object.hasOwn(timers, event) ? timers[event] : undefined
    return {
      event: after === undefined ? event : `after ${after}`,
      guard: guard === null || guard === due ? null : inWords(guard, legend),
      timed: after !== undefined || due !== undefined
    }
  }

export const isSamePath = (a: Path, b: Path): boolean => a.length === b.length && a.every((key, at) => key === b[at])

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
      chart.arrows
        .filter(({ source, target }) => isSamePath(source, state.path) && isSamePath(target, state.path))
        .map(read)
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

type Boxed = Pick<ChartState, "states" | "entries"> & { readonly path: Path }

const entriesOf = (legend: Legend, box: Boxed): ReadonlyArray<Loose> => {
  const event = legend.begins?.[box.path.join(".")] ?? null
  return [
    ...box.entries.map(({ target, guard }) => ({
      source: startId(box.path),
      target: stateId(target),
      lines:
        guard === null && event === null
          ? []
          : [{ event, guard: guard === null ? null : inWords(guard, legend), timed: false }]
    })),
    ...box.states.flatMap((state) => entriesOf(legend, state))
  ]
}

const startsOf = (box: Boxed): ReadonlyArray<DrawnStart> => [
  ...(box.entries.length === 0 ? [] : [{ id: startId(box.path), box: box.path }]),
  ...box.states.flatMap(startsOf)
]

/** A chart as it is drawn. */
export const drawingOf = (chart: Chart, legend: Legend = {}): Drawing => {
  const read = lineOf(legend)
  const whole = { ...chart, path: [] }
  const moves = chart.arrows
    .filter(({ source, target }) => !isSamePath(source, target))
    .map((arrow) => ({ source: stateId(arrow.source), target: stateId(arrow.target), lines: [read(arrow)] }))
  return {
    id: chart.id,
    states: chart.states.map(statesOf(chart, read)),
    starts: startsOf(whole),
    edges: gathered([...entriesOf(legend, whole), ...moves])
  }
}

/** Ids of the states a machine rests in, from its value: `{ lifecycle: "Enabled", rotation: "Disabled" }`. */
export const restingIds = (value: unknown, above: Path = []): ReadonlyArray<string> =>
  typeof value === "string"
    ? [stateId([...above, value])]
    : Object.entries(value ?? {}).flatMap(([key, inner]) =>
        typeof inner === "object" && Object.keys(inner ?? {}).length === 0
          ? [stateId([...above, key])]
          : restingIds(inner, [...above, key])
      )

/** Every state of a drawing, boxes before what is in them. */
export const everyState = (states: ReadonlyArray<DrawnState>): ReadonlyArray<DrawnState> =>
  states.flatMap((state) => [state, ...everyState(state.states)])
