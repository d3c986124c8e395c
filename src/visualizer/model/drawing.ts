/** A chart prepared for drawing: transitions between the same two states form one edge, others are listed. */
import { isSamePath, sharedBox } from "./paths.ts"
import type { Chart, ChartState, ChartTransition, Path, StateKind } from "./chart.ts"
import { guardWords, readerOf, startLine } from "./lines.ts"
import type { EdgeLine, Legend, Reader } from "./lines.ts"

/** An arrow of a drawing. */
export interface DrawnEdge {
  /** `edge.3`: its position in the drawing, in the order of the machine's definition. */
  readonly id: string
  /** Ids of states, boxes, forks or start dots. */
  readonly source: string
  readonly target: string
  readonly lines: ReadonlyArray<EdgeLine>
}

/** A state, a box of states, or a history state. */
export interface DrawnState {
  /** `state.lifecycle.Enabled` */
  readonly id: string
  readonly path: Path
  readonly name: string
  readonly kind: StateKind
  readonly history: "shallow" | "deep" | null
  readonly description: string | null
  readonly final: boolean
  /** Whether it is a region: active at the same time as the other states of its box. */
  readonly region: boolean
  /** The description in rows of a drawing. Empty if the drawing shows no properties. */
  readonly about: ReadonlyArray<string>
  /** Further properties of the state: `entry / log`, `runs verify`, `tags: busy`. */
  readonly notes: ReadonlyArray<string>
  /** Transitions of the state that change no state. */
  readonly stays: ReadonlyArray<EdgeLine>
  readonly states: ReadonlyArray<DrawnState>
}

/** The start dot of a box. */
export interface DrawnStart {
  /** `start.lifecycle`, or `start` for the machine itself. */
  readonly id: string
  readonly box: Path
}

/** The point at which a transition with several targets splits. */
export interface DrawnFork {
  /** `fork.3`: the position of its transition in the chart. */
  readonly id: string
  readonly box: Path
}

/** A machine prepared for drawing: states, arrows and notes, without positions. */
export interface Drawing {
  readonly id: string
  readonly chart: Chart
  /** The machine itself. */
  readonly root: DrawnState
  /** The machine as the only box, if it has properties to show; otherwise its top-level states. */
  readonly states: ReadonlyArray<DrawnState>
  readonly starts: ReadonlyArray<DrawnStart>
  readonly forks: ReadonlyArray<DrawnFork>
  readonly edges: ReadonlyArray<DrawnEdge>
}

/** A dot in a name would make two paths equal. */
const dotted = (first: string, path: Path): string =>
  [first, ...path.map((key) => key.replaceAll(/[%.]/g, (letter) => (letter === "." ? "%2E" : "%25")))].join(".")

/** The id that a state has in each format: `state.lifecycle.Enabled`. */
export const stateId = (path: Path): string => dotted("state", path)
const startId = (path: Path): string => dotted("start", path)

const listed = (word: string, texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  texts.length === 0 ? [] : [`${word} ${texts.join(", ")}`]

const notesOf = (state: ChartState, { plain }: Legend): ReadonlyArray<string> =>
  plain === true
    ? []
    : [
        ...listed("runs", state.invokes),
        ...listed("entry /", state.entry),
        ...listed("exit /", state.exit),
        ...listed("tags:", state.tags),
        ...(state.isEntered || state.kind === "history" ? [] : ["never entered"])
      ]

const lettersInRow = 44
const rowsMax = 4

/** Wraps a text. A word that is longer than a row is cut. */
const rowsOf = (text: string): ReadonlyArray<string> => {
  const letters = Array.from(text)
  if (letters.length <= lettersInRow) return text === "" ? [] : [text]
  const space = letters.lastIndexOf(" ", lettersInRow)
  const at = space > 0 ? space : lettersInRow
  return [letters.slice(0, at).join(""), ...rowsOf(letters.slice(at).join("").trimStart())]
}

/** Tooltips and text contain a long description in full. */
const aboutOf = ({ description }: ChartState, { plain }: Legend): ReadonlyArray<string> => {
  if (plain === true || description === null) return []
  const rows = rowsOf(description.replaceAll(/\s+/g, " ").trim())
  return rows.length <= rowsMax ? rows : [...rows.slice(0, rowsMax - 1), `${rows[rowsMax - 1] ?? ""}\u2026`]
}

/** A transition without a target, or to its own state: no state is exited or entered. */
const isStay = ({ source, targets, reenter }: ChartTransition, kinds: ReadonlyMap<string, StateKind>): boolean => {
  const [only] = targets
  if (only === undefined) return true
  const kind = kinds.get(stateId(source))
  return targets.length === 1 && !reenter && isSamePath(only, source) && (kind === "atomic" || kind === "final")
}

interface Source {
  readonly chart: Chart
  readonly legend: Legend
  readonly read: Reader
  readonly kinds: ReadonlyMap<string, StateKind>
  readonly passed: ReadonlySet<string>
}

const signs = { shallow: "H", deep: "H*" } as const

const nameOf = ({ history, name }: ChartState): string => (history === null ? name : signs[history])

const stateOf =
  (source: Source, around: StateKind | null) =>
  (state: ChartState): DrawnState => {
    const { chart, read, kinds, passed } = source
    return {
      id: stateId(state.path),
      path: state.path,
      name: nameOf(state),
      kind: state.kind,
      history: state.history,
      description: state.description,
      final: state.kind === "final",
      region: around === "parallel" && state.kind !== "history",
      about: aboutOf(state, source.legend),
      notes: notesOf(state, source.legend),
      stays: chart.transitions.flatMap((transition, at) =>
        isSamePath(transition.source, state.path) && isStay(transition, kinds) ? [read(transition, at)] : []
      ),
      states: state.states.filter(({ path }) => !passed.has(stateId(path))).map(stateOf(source, state.kind))
    }
  }

interface Loose {
  readonly source: string
  readonly target: string
  readonly lines: ReadonlyArray<EdgeLine>
}

/** Transitions between the same two states are one edge with several lines of text. */
const gathered = (loose: ReadonlyArray<Loose>): ReadonlyArray<DrawnEdge> => {
  const edges = new Map<string, { source: string; target: string; lines: Array<EdgeLine> }>()
  for (const { source, target, lines } of loose) {
    const name = `${source}\n${target}`
    const edge = edges.get(name) ?? { source, target, lines: [] }
    edge.lines.push(...lines)
    edges.set(name, edge)
  }
  return [...edges.values()].map((edge, at) => ({ id: `edge.${at}`, ...edge }))
}

/**
 * A state that is only passed through at the start has eventless transitions, so the start dot leads to their targets.
 */
const throughPassed = (source: Source, box: ChartState, target: Path): ReadonlyArray<Loose> => {
  const event = source.legend.begins?.[box.path.join(".")] ?? null
  return source.chart.transitions
    .filter((transition) => isSamePath(transition.source, target))
    .flatMap(({ targets, guard, otherwise }) =>
      targets.map((end) => ({
        source: startId(box.path),
        target: stateId(end),
        lines: startLine(event, guardWords(guard, otherwise, source.legend), [])
      }))
    )
}

const startEdges = (source: Source, box: ChartState): ReadonlyArray<Loose> => {
  const event = source.legend.begins?.[box.path.join(".")] ?? null
  const from = box.kind === "history" ? stateId(box.path) : startId(box.path)
  const actions = source.legend.plain === true ? [] : (box.initial?.actions ?? [])
  return [
    ...(box.initial?.targets ?? []).flatMap((target) =>
      source.passed.has(stateId(target))
        ? throughPassed(source, box, target)
        : [{ source: from, target: stateId(target), lines: startLine(event, null, actions) }]
    ),
    ...box.states.flatMap((state) => startEdges(source, state))
  ]
}

const startsOf = (box: ChartState): ReadonlyArray<DrawnStart> => [
  ...(box.initial === null || box.kind === "history" ? [] : [{ id: startId(box.path), box: box.path }]),
  ...box.states.flatMap(startsOf)
]

const moveEdges = ({ chart, read, kinds, passed }: Source): ReadonlyArray<Loose> =>
  chart.transitions.flatMap((transition, at) => {
    const { source, targets } = transition
    if (passed.has(stateId(source)) || isStay(transition, kinds)) return []
    const lines = [read(transition, at)]
    const [only, ...others] = targets
    if (only !== undefined && others.length === 0) return [{ source: stateId(source), target: stateId(only), lines }]
    const fork = `fork.${at}`
    return [
      { source: stateId(source), target: fork, lines },
      ...targets.map((target) => ({ source: fork, target: stateId(target), lines: [] }))
    ]
  })

/** A fork is in the innermost box that contains everything it joins. */
const forksOf = ({ chart }: Source): ReadonlyArray<DrawnFork> =>
  chart.transitions.flatMap(({ targets, source }, at) =>
    targets.length < 2 ? [] : [{ id: `fork.${at}`, box: sharedBox([source, ...targets]) }]
  )

const kindsIn = (state: ChartState): ReadonlyArray<readonly [string, StateKind]> => [
  [stateId(state.path), state.kind],
  ...state.states.flatMap(kindsIn)
]

/** Whether the machine itself is drawn: it is the only state, or has properties to show. */
const isBoxed = (root: DrawnState, edges: ReadonlyArray<DrawnEdge>, { plain }: Legend): boolean =>
  root.states.length === 0 ||
  (plain !== true &&
    (root.kind === "parallel" ||
      root.about.length > 0 ||
      root.notes.length > 0 ||
      root.stays.length > 0 ||
      edges.some(({ source, target }) => source === root.id || target === root.id)))

/** The drawing of a chart. */
export const drawingOf = (chart: Chart, legend: Legend = {}): Drawing => {
  const passed = new Set((legend.passed ?? []).map((path) => stateId(path.split("."))))
  const source: Source = { chart, legend, read: readerOf(legend), kinds: new Map(kindsIn(chart.root)), passed }
  const root = stateOf(source, null)(chart.root)
  const edges = gathered([...startEdges(source, chart.root), ...moveEdges(source)])
  return {
    id: chart.id,
    chart,
    root,
    states: isBoxed(root, edges, legend) ? [root] : root.states,
    starts: startsOf(chart.root),
    forks: forksOf(source),
    edges
  }
}

/** Ids of the current states of a machine, from its value: `{ lifecycle: "Enabled", rotation: "Disabled" }`. */
export const restingIds = (value: unknown, above: Path = []): ReadonlyArray<string> =>
  typeof value === "string"
    ? [stateId([...above, value])]
    : Object.entries(value ?? {}).flatMap(([key, inner]) =>
        typeof inner === "object" && Object.keys(inner ?? {}).length === 0
          ? [stateId([...above, key])]
          : restingIds(inner, [...above, key])
      )

/** Every state of a drawing, each box before its contents. */
export const everyState = (states: ReadonlyArray<DrawnState>): ReadonlyArray<DrawnState> =>
  states.flatMap((state) => [state, ...everyState(state.states)])
