/** The lifecycle and the gate of a dialect, derived from the CMK machine: as a chart, and as a table of answers. */
import { rules } from "../../../machines/permits.ts"
import type { KeyKind, KeyOperation } from "../../../machines/permits.ts"
import type { LivingState } from "../../../machines/vocabulary.ts"
import { drawingOf } from "../../visualizer/model/drawing.ts"
import type { Drawing } from "../../visualizer/model/drawing.ts"
import type { Chart, ChartState, ChartTransition, Guard } from "../../visualizer/model/chart.ts"
import type { Outcomes } from "../../visualizer/keys/outcomes.ts"
import { isOperation } from "../adapters/adapter.ts"
import type { OperationName } from "../adapters/adapter.ts"
import { transitionsOf } from "../explore/configurations.ts"
import { gateOf } from "../predict/prediction.ts"
import { specimen } from "../report/coverage.ts"
import type { Dialect } from "./dialect.ts"
import { codeIn, operationIn } from "./inDialect.ts"

const operationsOf = ({ operations }: Dialect): ReadonlySet<OperationName> =>
  new Set(Object.keys(operations).filter((name) => isOperation(name)))

/** The kinds of key of a dialect, each with the kind of the suite that stands for it. */
const kindsOf = (has: ReadonlySet<OperationName>): ReadonlyArray<readonly [KeyKind, string]> => [
  ["symmetric", "symmetric"],
  ...(has.has("ImportKeyMaterial") ? [["external", "external"] as const] : []),
  ["asymmetric", "EC_P256"]
]

const statesOf = (has: ReadonlySet<OperationName>, kind: KeyKind): ReadonlyArray<LivingState> => [
  "Enabled",
  "Disabled",
  ...(has.has("ScheduleKeyDeletion") ? (["PendingDeletion"] as const) : []),
  ...(kind === "external" ? (["PendingImport"] as const) : [])
]

/** A change of the state, or a call that keeps it. */
interface Move {
  readonly from: string
  readonly event: string
  readonly to: string
  /** Whether only keys with imported material make it. */
  readonly isExternal: boolean
}

const movesOf = (dialect: Dialect, has: ReadonlySet<OperationName>): ReadonlyArray<Move> => {
  const kinds = kindsOf(has).map(([, kind]) => kind)
  const found = new Map<string, Set<string>>()
  for (const tallied of transitionsOf(kinds, dialect, { has, hasClock: has.has("ScheduleKeyDeletion") })) {
    const [kind = "", move = ""] = tallied.split("|")
    found.set(move, (found.get(move) ?? new Set()).add(kind))
  }
  return [...found].toSorted().map(([move, of]) => {
    const [from = "", event = "", to = ""] = move.split(" ")
    return { from, event, to, isExternal: of.size === 1 && of.has("external") }
  })
}

/** The deadline that ends a state. */
const deadlineOf = ({ to }: Move): string => (to === "Deleted" ? "DeletionDue" : "MaterialExpired")

const eventOf = (dialect: Dialect, move: Move): string =>
  isOperation(move.event) ? operationIn(dialect, move.event) : deadlineOf(move)

const named = (name: string): Guard => ({ _tag: "Named", name, params: null })

/** The condition of a move: that on the material where one event leads to two states, else that on the kind of key. */
const guardOf = (move: Move, moves: ReadonlyArray<Move>): ChartTransition["guard"] => {
  const others = moves.filter(({ from, event, to }) => from === move.from && event === move.event && to !== move.to)
  if (others.length > 0) return move.to === "PendingImport" ? named("lacksMaterial") : null
  return move.isExternal && move.from !== "PendingImport" ? named("isExternal") : null
}

const transitionFor = (dialect: Dialect, moves: ReadonlyArray<Move>, move: Move): ChartTransition => {
  const guard = guardOf(move, moves)
  return {
    source: [move.from],
    description: null,
    targets: [[move.to]],
    trigger: { _tag: "Event", event: eventOf(dialect, move) },
    guard,
    otherwise:
      guard === null && moves.some((each) => each !== move && each.from === move.from && each.event === move.event),
    actions: [],
    reenter: false
  }
}

const creating = "Creating"

const state = (name: string, more: Partial<ChartState> = {}): ChartState => ({
  path: [name],
  name,
  kind: "atomic",
  history: null,
  description: null,
  tags: [],
  entry: [],
  exit: [],
  invokes: [],
  initial: null,
  states: [],
  isEntered: true,
  ...more
})

const created = (has: ReadonlySet<OperationName>): ReadonlyArray<ChartTransition> => {
  const first = {
    source: [creating],
    description: null,
    trigger: { _tag: "Always" },
    actions: [],
    reenter: false
  } as const
  const external = has.has("ImportKeyMaterial")
  return [
    ...(external
      ? [
          {
            ...first,
            targets: [["PendingImport"]],
            guard: named("isExternal"),
            otherwise: false
          }
        ]
      : []),
    { ...first, targets: [["Enabled"]], guard: null, otherwise: external }
  ]
}

const order = ["PendingImport", "Enabled", "Disabled", "PendingDeletion", "Deleted"]

/** The lifecycle of a dialect's keys as a statechart, as that of the CMK machine. */
export const dialectChart = (dialect: Dialect): Chart => {
  const has = operationsOf(dialect)
  const moves = movesOf(dialect, has)
  const reached = new Set(["Enabled", ...moves.flatMap(({ from, to }) => [from, to])])
  const states = order.filter((name) => reached.has(name))
  // The guarded one of two transitions is tested first.
  const guarded = moves.toSorted(
    (left, right) => Number(guardOf(left, moves) === null) - Number(guardOf(right, moves) === null)
  )
  return {
    id: dialect.name,
    root: state(dialect.name, {
      path: [],
      kind: "compound",
      initial: { targets: [[creating]], actions: [] },
      states: [state(creating), ...states.map((name) => state(name, name === "Deleted" ? { kind: "final" } : {}))]
    }),
    transitions: [...created(has), ...guarded.map((move) => transitionFor(dialect, moves, move))]
  }
}

/** The same as a drawing. */
export const dialectDrawing = (dialect: Dialect): Drawing =>
  drawingOf(dialectChart(dialect), {
    plain: true,
    passed: [creating],
    timers: { DeletionDue: "", MaterialExpired: "isExternal" },
    begins: { "": operationIn(dialect, "CreateKey") },
    guards: { isExternal: "Origin EXTERNAL", lacksMaterial: "no material" }
  })

const titles = {
  symmetric: "Symmetric keys",
  external: "Keys with imported material",
  asymmetric: "Asymmetric keys"
} as const satisfies Record<KeyKind, string>

const answer = (operation: KeyOperation, kind: KeyKind, at: LivingState, dialect: Dialect): string => {
  const { refused, open } = gateOf(operation, specimen(kind, at), dialect)
  if (open === true) return "either"
  const [code] = refused?.codes ?? []
  if (refused === undefined) return "Success"
  return code === undefined ? "refused" : codeIn(dialect, code)
}

const isGated = (name: string): name is KeyOperation & OperationName => name in rules && isOperation(name)

/** Which operation is answered how, in which state of which kind of key. */
export const dialectOutcomes = (dialect: Dialect): Outcomes => {
  const has = operationsOf(dialect)
  const gated = [...has].filter(isGated)
  return {
    title: `What is legal in which state: ${dialect.name}`,
    kinds: Object.fromEntries(kindsOf(has).map(([kind]) => [kind, titles[kind]])),
    rows: kindsOf(has).flatMap(([kind]) =>
      gated.flatMap((operation) =>
        statesOf(has, kind).map(
          (at) => [kind, operationIn(dialect, operation), at, answer(operation, kind, at, dialect)] as const
        )
      )
    )
  }
}
