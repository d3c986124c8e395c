/** A machine as SCXML, the W3C's language of statecharts: conditions are expressions over one variable for each guard. */
import type { ChartState, ChartTransition, Guard, Trigger } from "../model/chart.ts"
import type { Drawing } from "../model/drawing.ts"
import { isSamePath, isWithin } from "../model/paths.ts"
import { around, leaf } from "../svg/markup.ts"
import { pathName } from "./names.ts"

interface Sheet {
  readonly id: string
  readonly transitions: ReadonlyArray<ChartTransition>
}

/** Event names are tokens with dots; other characters are escaped. */
const eventName = (event: string): string => event.replaceAll(/[^\w.*-]/g, "_")

/** The variable of a guard. Reserved words and special characters get an underscore. */
const variable = (name: string): string => {
  const plain = name.replaceAll(/[^\w$]/g, "_")
  return /^(?:[A-Za-z$][\w$]*)$/.test(plain) && !reserved.has(plain) ? plain : `_${plain}`
}

const reserved = new Set(
  (
    "break case catch class const continue debugger default delete do else enum export extends false finally for " +
    "function if import in instanceof new null return super switch this throw true try typeof var void while with yield"
  ).split(" ")
)

const expression = (id: string, guard: Guard): string => {
  switch (guard._tag) {
    case "Named":
      return variable(guard.name)
    case "In":
      return guard.states.map((path) => `In('${pathName(id, path)}')`).join(" && ")
    case "Not":
      return `!(${expression(id, guard.guard)})`
    default:
      return guard.guards.map((part) => `(${expression(id, part)})`).join(guard._tag === "And" ? " && " : " || ")
  }
}

const namesIn = (guard: Guard | null): ReadonlyArray<string> => {
  if (guard === null) return []
  if (guard._tag === "Named") return [variable(guard.name)]
  if (guard._tag === "Not") return namesIn(guard.guard)
  return guard._tag === "In" ? [] : guard.guards.flatMap(namesIn)
}

/** The event of a timer, which its state sends to itself. */
const afterName = (state: string, delay: string | number): string => `after.${eventName(String(delay))}.${state}`

/** Two states may run the same actor at the same time. */
const invokeName = (actor: string, state: string): string => `${eventName(actor)}.${state}`

const triggerName = (trigger: Trigger, state: string): string | undefined => {
  switch (trigger._tag) {
    case "Event":
    case "Wildcard":
      return eventName(trigger.event)
    case "Always":
      return undefined
    case "After":
      return afterName(state, trigger.delay)
    case "Done":
      return `done.state.${state}`
    case "ActorDone":
      return `done.invoke.${invokeName(trigger.actor, state)}`
    case "ActorFailed":
      return `error.invoke.${invokeName(trigger.actor, state)}`
    case "ActorChanged":
      return `snapshot.invoke.${invokeName(trigger.actor, state)}`
    default:
      return trigger satisfies never
  }
}

/** SCXML can only name an action of the machine. */
const actionsOf = (actions: ReadonlyArray<string>): ReadonlyArray<string> =>
  actions.map((action) => leaf("log", { label: "action", expr: `'${action.replaceAll(/[\\']/g, "\\$&")}'` }))

/** XState tests exact names first, then the longest wildcard; SCXML takes the first match in the document. */
const rank = ({ trigger }: ChartTransition): number => (trigger._tag === "Wildcard" ? 1000 - trigger.event.length : 0)

const element = ({ id }: Sheet, transition: ChartTransition): string => {
  const { source, targets, trigger, guard, actions, reenter } = transition
  const isInternal = !reenter && targets.length > 0 && targets.every((target) => isWithin(target, source))
  return around(
    "transition",
    {
      event: triggerName(trigger, pathName(id, source)),
      cond: guard === null ? undefined : expression(id, guard),
      target: targets.length === 0 ? undefined : targets.map((path) => pathName(id, path)).join(" "),
      type: isInternal ? "internal" : undefined
    },
    actionsOf(actions)
  )
}

const delaysOf = (own: ReadonlyArray<ChartTransition>): ReadonlyArray<string | number> => [
  ...new Set(own.flatMap(({ trigger }) => (trigger._tag === "After" ? [trigger.delay] : [])))
]

/** A state with a delay starts its timer on entry and cancels it on exit. */
const timersOf = (name: string, own: ReadonlyArray<ChartTransition>) => {
  const delays = delaysOf(own)
  return {
    started: delays.map((delay) => {
      const event = afterName(name, delay)
      const when = typeof delay === "number" ? { delay: `${delay}ms` } : { delayexpr: variable(delay) }
      return leaf("send", { id: event, event, ...when })
    }),
    stopped: delays.map((delay) => leaf("cancel", { sendid: afterName(name, delay) }))
  }
}

const block = (name: string, inside: ReadonlyArray<string>): ReadonlyArray<string> =>
  inside.length === 0 ? [] : [around(name, {}, inside)]

const beginning = (sheet: Sheet, { initial }: ChartState): ReadonlyArray<string> =>
  initial === null
    ? []
    : [
        around("initial", {}, [
          around(
            "transition",
            { target: initial.targets.map((path) => pathName(sheet.id, path)).join(" ") },
            actionsOf(initial.actions)
          )
        ])
      ]

/** SCXML requires a default for every history state. Without an explicit one, it is the initial state of the parent. */
const historyElement = (sheet: Sheet, state: ChartState, parent: ChartState): string => {
  const own = state.initial ?? parent.initial
  const targets =
    own === null ? parent.states.filter(({ kind }) => kind !== "history").map(({ path }) => path) : own.targets
  return around("history", { id: pathName(sheet.id, state.path), type: state.history ?? undefined }, [
    leaf("transition", { target: targets.map((path) => pathName(sheet.id, path)).join(" ") })
  ])
}

const elements = {
  atomic: "state",
  compound: "state",
  parallel: "parallel",
  final: "final",
  history: "history"
} as const

const stateElement = (sheet: Sheet, state: ChartState): string => {
  const name = pathName(sheet.id, state.path)
  const own = sheet.transitions.filter(({ source }) => isSamePath(source, state.path))
  const { started, stopped } = timersOf(name, own)
  return around(elements[state.kind], { id: name }, [
    ...beginning(sheet, state),
    ...block("onentry", [...actionsOf(state.entry), ...started]),
    ...block("onexit", [...actionsOf(state.exit), ...stopped]),
    ...state.invokes.map((actor) => leaf("invoke", { id: invokeName(actor, name), src: actor })),
    // A final state in SCXML has no transitions.
    ...(state.kind === "final" ? [] : own.toSorted((a, b) => rank(a) - rank(b)).map((one) => element(sheet, one))),
    ...state.states.map((child) =>
      child.kind === "history" ? historyElement(sheet, child, state) : stateElement(sheet, child)
    )
  ])
}

/** The states of the chart in a drawing: all, or those of one region. */
const shownIn = ({ chart, root }: Drawing): ChartState => {
  const shown = chart.root.states.filter(({ path }) => root.states.some((state) => isWithin(state.path, path)))
  if (shown.length >= root.states.length && root.kind === chart.root.kind) return chart.root
  return {
    ...chart.root,
    kind: "compound",
    states: shown,
    initial: { targets: shown.slice(0, 1).map(({ path }) => path), actions: [] }
  }
}

/** Writes a drawing as SCXML. */
export const toScxml = (drawing: Drawing): string => {
  const { chart } = drawing
  const root = shownIn(drawing)
  const isWhole = root === chart.root
  const transitions = chart.transitions.filter(
    ({ source, targets }) =>
      isWhole || [source, ...targets].every((path) => root.states.some((state) => isWithin(path, state.path)))
  )
  const delays = delaysOf(transitions).flatMap((delay) => (typeof delay === "string" ? [variable(delay)] : []))
  const variables = [...new Set([...transitions.flatMap(({ guard }) => namesIn(guard)), ...delays])]
  const data = variables.map((name) => leaf("data", { id: name, expr: delays.includes(name) ? "'0ms'" : "false" }))
  const head = {
    xmlns: "http://www.w3.org/2005/07/scxml",
    version: "1.0",
    datamodel: "ecmascript",
    name: chart.id,
    initial: pathName(chart.id, [])
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${around("scxml", head, [
    ...block("datamodel", data),
    stateElement({ id: chart.id, transitions }, root)
  ])}\n`
}
