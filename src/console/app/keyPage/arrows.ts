/** The arrows of a key's diagram as controls: what each would do now, or why it does nothing. */
import type { DrawnEdge, Drawing } from "../../../visualizer/model/drawing.ts"
import type { EdgeLine } from "../../../visualizer/model/lines.ts"
import type { AllowedNow, KeyRow, Permitted } from "../../protocol.ts"
import { absolute } from "../data/time.ts"
import { dueWord } from "../data/keys.ts"
import { rotationWord, wordOf } from "../parts/stateWords.ts"
import { policiesNamed, policyNamed } from "./policyNames.ts"
import { statementLines } from "./statementLines.ts"
import { whyNot } from "./whyNot.ts"
import { ofMachine, t } from "../text/text.ts"

export interface Arrow {
  readonly edge: string
  /** `DisableKey`, or everything that it waits for. */
  readonly what: string
  /** `Enabled to Disabled` */
  readonly way: string
  /** What a click does; undefined if the arrow does nothing. */
  readonly operation: string | undefined
  /** Why it does nothing, one sentence each; empty if it does something. */
  readonly reasons: ReadonlyArray<string>
  /** The statements that deny its calls, where the caller may read them. */
  readonly statements: ReadonlyArray<DenyingStatement>
}

export interface DenyingStatement {
  /** `Statement 1 of no-disable` */
  readonly title: string
  readonly lines: ReadonlyArray<string>
}

const stateOf = (id: string): string => id.slice(id.lastIndexOf(".") + 1)
const isLifecycle = (id: string): boolean => id.startsWith("state.lifecycle.")
const spoken = (id: string): string =>
  isLifecycle(id) ? wordOf(stateOf(id)) : t("rotation {state}", { state: rotationWord(stateOf(id)) })

/** What the page knows of the key now. */
export interface Known {
  readonly row: KeyRow
  readonly allowed: AllowedNow
}

const hereIn = ({ state, rotation }: KeyRow, id: string): string =>
  isLifecycle(id) ? `state.lifecycle.${state}` : `state.rotation.${rotation}`

const byTheKey = ({ allowed, row }: Known, operation: string): ReadonlyArray<string> => {
  const code = allowed.states.find(({ state }) => state === row.state)?.codes[operation] ?? "ok"
  return code === "ok"
    ? []
    : [t("The key refuses {operation} in the state {state}: {code}.", { operation, state: wordOf(row.state), code })]
}

const noPermission = "Forbidden.NoPermission"

const evaluatedIn = (policies: ReadonlyArray<string>): string =>
  policies.length === 0
    ? t("No policy is attached.")
    : t("Evaluated policies: {policies}.", { policies: policiesNamed(policies) })

const byPolicy = ({ evaluated, operation, policy, statement, hint }: Permitted): ReadonlyArray<string> => [
  policy === undefined
    ? t("No policy allows {operation}: {code}.", { operation, code: noPermission })
    : t("Statement {statement} of {policy} denies {operation}: {code}.", {
        statement: statement ?? 0,
        policy: policyNamed(policy),
        operation,
        code: noPermission
      }),
  ...(evaluated === undefined ? [] : [evaluatedIn(evaluated)]),
  ...(hint === undefined ? [] : [hint])
]

const deniedBy = ({ allowed }: Known, { lines }: DrawnEdge): ReadonlyArray<DenyingStatement> =>
  allowed.operations.flatMap(({ operation, policy, statement, statementText }) =>
    policy === undefined || statementText === undefined || !lines.some(({ event }) => event === operation)
      ? []
      : [
          {
            title: t("Statement {statement} of {policy}", { statement: statement ?? 0, policy: policyNamed(policy) }),
            lines: statementLines(statementText)
          }
        ]
  )

const refusals = (known: Known, operation: string): ReadonlyArray<string> => {
  const one = known.allowed.operations.find((permitted) => permitted.operation === operation)
  if (one === undefined || one.allowed) return []
  if (one.decision === "policy") return [...byTheKey(known, operation), ...byPolicy(one)]
  const why = whyNot(known.allowed, operation)
  return [
    t("The key refuses {operation}: {code}.", { operation, code: one.code ?? t("refused") }),
    ...(why === undefined ? [] : [why])
  ]
}

const notFromHere = ({ row }: Known, { source }: DrawnEdge): ReadonlyArray<string> =>
  hereIn(row, source) === source
    ? []
    : [
        t("This arrow begins at {source}. The key is in {state}.", {
          source: spoken(source),
          state: spoken(hereIn(row, source))
        })
      ]

/** A call that succeeds here and leads elsewhere, because the condition of this arrow does not hold. */
const elsewhere = ({ allowed }: Known, edge: DrawnEdge, { event, guard }: EdgeLine): ReadonlyArray<string> => {
  const leads = allowed.moves.find(({ operation, from }) => operation === event && from === edge.source)
  return [
    ...(guard === null ? [] : [t("Its condition does not hold: {condition}.", { condition: ofMachine(guard) })]),
    ...(leads === undefined
      ? []
      : [t("Here {operation} leads to {state}.", { operation: leads.operation, state: spoken(leads.to) })])
  ]
}

const dueAtOf = ({ row }: Known, event: string): string => {
  const due = row.deadlines.find(({ kind }) => kind === event)
  return due === undefined ? "" : ` ${t("{event}: {time}.", { event: dueWord(event), time: absolute(due.dueAt) })}`
}

const reasonsOfLine = (known: Known, edge: DrawnEdge, line: EdgeLine): ReadonlyArray<string> => {
  const away = notFromHere(known, edge)
  if (line.event === null) return [...away, t("It follows from the lifecycle state by itself.")]
  if (line.timed)
    return [...away, `${t("{event} happens on schedule.", { event: line.event })}${dueAtOf(known, line.event)}`]
  const refused = refusals(known, line.event)
  if (away.length > 0 || refused.length > 0) return [...away, ...refused]
  return elsewhere(known, edge, line)
}

const operationOf = ({ allowed }: Known, { source, target, lines }: DrawnEdge): string | undefined =>
  lines
    .map(({ event }) => event)
    .find(
      (event) =>
        allowed.operations.some((one) => one.operation === event && one.allowed) &&
        allowed.moves.some((move) => move.operation === event && move.from === source && move.to === target)
    ) ?? undefined

const eventsOf = ({ lines }: DrawnEdge): string => lines.map(({ event }) => event ?? t("Automatic")).join(t(" or "))

const arrowOf = (known: Known, edge: DrawnEdge): Arrow => {
  const operation = operationOf(known, edge)
  const reasons =
    operation === undefined ? [...new Set(edge.lines.flatMap((line) => reasonsOfLine(known, edge, line)))] : []
  return {
    edge: edge.id,
    what: operation ?? eventsOf(edge),
    way: t("{source} to {target}", { source: spoken(edge.source), target: spoken(edge.target) }),
    operation,
    reasons,
    statements: operation === undefined ? deniedBy(known, edge) : []
  }
}

/** Arrows between states, those that do something first. The arrows of creation are left out. */
export const arrowsOf = ({ edges }: Drawing, known: Known): ReadonlyArray<Arrow> => {
  const arrows = edges.filter(({ source }) => source.startsWith("state.")).map((edge) => arrowOf(known, edge))
  return arrows.toSorted((a, b) => Number(a.operation === undefined) - Number(b.operation === undefined))
}
