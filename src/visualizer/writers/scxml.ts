/** A machine as SCXML, the W3C's language of statecharts: conditions are expressions over one variable for each guard. */
import type { ChartState, ChartTransition, Guard, Trigger } from "../model/chart.ts"
import type { Drawing } from "../model/drawing.ts"
import { isSamePath, isWithin } from "../model/paths.ts"
import { around, leaf, saying } from "../svg/markup.ts"
import { pathName, plainPart } from "./names.ts"

interface Sheet {
  readonly id: string
  readonly transitions: ReadonlyArray<ChartTransition>
  readonly names: Names
}

/** Texts of the machine as names of SCXML. Two texts never share a name. */
interface Names {
  readonly guard: (guard: NamedGuard) => string
  readonly delay: (delay: string) => string
  readonly event: (event: string) => string
  /** Whether SCXML would take another event of the machine for this one, because its name begins with this one. */
  readonly isBeginning: (event: string) => boolean
}

type NamedGuard = Extract<Guard, { readonly _tag: "Named" }>

const uniqueNames = (keys: ReadonlyArray<string>, plain: (key: string) => string): ReadonlyMap<string, string> => {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const key of new Set(keys)) {
    const name = plain(key)
    const free = (count: number): string => (taken.has(`${name}_${count}`) ? free(count + 1) : `${name}_${count}`)
    const own = taken.has(name) ? free(2) : name
    taken.add(own)
    names.set(key, own)
  }
  return names
}

/** The parts of an event's name between its dots. */
const plainToken = (token: string): string => token.replaceAll(/[^\w*-]/g, "_")

/** Reserved words and special characters get an underscore. */
const plainVariable = (name: string): string => {
  const plain = name.replaceAll(/[^\w$]+/g, "_")
  return /^(?:[A-Za-z$][\w$]*)$/.test(plain) && !reserved.has(plain) ? plain : `_${plain}`
}

const reserved = new Set(
  (
    "break case catch class const continue debugger default delete do else enum export extends false finally for " +
    "function if import in instanceof new null return super switch this throw true try typeof var void while with yield"
  ).split(" ")
)

const expression = (sheet: Sheet, guard: Guard): string => {
  switch (guard._tag) {
    case "Named":
      return sheet.names.guard(guard)
    case "In":
      return guard.states.map((path) => `In('${pathName(sheet.id, path)}')`).join(" && ")
    case "Not":
      return `!(${expression(sheet, guard.guard)})`
    default:
      return guard.guards.map((part) => `(${expression(sheet, part)})`).join(guard._tag === "And" ? " && " : " || ")
  }
}

const guardsIn = (guard: Guard | null): ReadonlyArray<NamedGuard> => {
  if (guard === null) return []
  if (guard._tag === "Named") return [guard]
  if (guard._tag === "Not") return guardsIn(guard.guard)
  return guard._tag === "In" ? [] : guard.guards.flatMap(guardsIn)
}

const guardKey = ({ name, params }: NamedGuard): string => (params === null ? name : `${name} ${params}`)

/** No guard has a name that begins so. */
const delayMark = "\u0000"

const delayKey = (delay: string): string => `${delayMark}${delay}`

/** A guard and a delay may have the same name. */
const variablesFor = (transitions: ReadonlyArray<ChartTransition>): ReadonlyMap<string, string> =>
  uniqueNames(
    [
      ...transitions.flatMap(({ guard }) => guardsIn(guard).map(guardKey)),
      ...delaysOf(transitions).flatMap((delay) => (typeof delay === "string" ? [delayKey(delay)] : []))
    ],
    (key) => plainVariable(key.replace(delayMark, ""))
  )

const eventOf = ({ trigger }: ChartTransition): string =>
  trigger._tag === "Event" || trigger._tag === "Wildcard" ? trigger.event : ""

/** A wildcard covers whole parts of a name, so each part has its own name. */
const namesFor = (transitions: ReadonlyArray<ChartTransition>, variables: ReadonlyMap<string, string>): Names => {
  const events = transitions.map(eventOf)
  const tokens = uniqueNames(
    events.flatMap((event) => event.split(".")),
    plainToken
  )
  return {
    guard: (guard) => variables.get(guardKey(guard)) ?? plainVariable(guard.name),
    delay: (delay) => variables.get(delayKey(delay)) ?? plainVariable(delay),
    event: (event) =>
      event
        .split(".")
        .map((token) => tokens.get(token) ?? plainToken(token))
        .join("."),
    isBeginning: (event) => events.some((other) => other.startsWith(`${event}.`))
  }
}

/** The event of a timer, which its state sends to itself. */
const afterName = ({ names }: Sheet, state: string, delay: string | number): string =>
  `after.${typeof delay === "number" ? delay : names.delay(delay)}.${state}`

/** Two states may run the same actor at the same time. */
const invokeName = (actor: string, state: string): string => `${plainPart(actor)}.${state}`

const triggerName = (sheet: Sheet, trigger: Trigger, state: string): string | undefined => {
  switch (trigger._tag) {
    case "Event":
    case "Wildcard":
      return sheet.names.event(trigger.event)
    case "Always":
      return undefined
    case "After":
      return afterName(sheet, state, trigger.delay)
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

/** An event of XState has one exact name; SCXML takes every event that begins with it. */
const exactly = ({ names }: Sheet, trigger: Trigger): ReadonlyArray<string> =>
  trigger._tag === "Event" && names.isBeginning(trigger.event) ? [`_event.name == '${names.event(trigger.event)}'`] : []

const conditionOf = (sheet: Sheet, { trigger, guard }: ChartTransition): string | undefined => {
  const exact = exactly(sheet, trigger)
  if (guard === null) return exact[0]
  const condition = expression(sheet, guard)
  return exact.length === 0 ? condition : `${exact.join("")} && (${condition})`
}

/** SCXML has no descriptions and no tags. Its processors skip elements of other namespaces. */
const space = { prefix: "keystate", name: "urn:keystate:chart" } as const

const noted = (name: string, text: string | null): ReadonlyArray<string> =>
  text === null ? [] : [saying(`${space.prefix}:${name}`, {}, text)]

const element = (sheet: Sheet, transition: ChartTransition): string => {
  const { id } = sheet
  const { source, targets, trigger, actions, reenter, description } = transition
  const isInternal = !reenter && targets.length > 0 && targets.every((target) => isWithin(target, source))
  return around(
    "transition",
    {
      event: triggerName(sheet, trigger, pathName(id, source)),
      cond: conditionOf(sheet, transition),
      target: targets.length === 0 ? undefined : targets.map((path) => pathName(id, path)).join(" "),
      type: isInternal ? "internal" : undefined
    },
    [...noted("description", description), ...actionsOf(actions)]
  )
}

const delaysOf = (own: ReadonlyArray<ChartTransition>): ReadonlyArray<string | number> => [
  ...new Set(own.flatMap(({ trigger }) => (trigger._tag === "After" ? [trigger.delay] : [])))
]

/** A state with a delay starts its timer on entry and cancels it on exit. */
const timersOf = (sheet: Sheet, name: string, own: ReadonlyArray<ChartTransition>) => {
  const delays = delaysOf(own)
  return {
    started: delays.map((delay) => {
      const event = afterName(sheet, name, delay)
      const when = typeof delay === "number" ? { delay: `${delay}ms` } : { delayexpr: sheet.names.delay(delay) }
      return leaf("send", { id: event, event, ...when })
    }),
    stopped: delays.map((delay) => leaf("cancel", { sendid: afterName(sheet, name, delay) }))
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
  const { started, stopped } = timersOf(sheet, name, own)
  return around(elements[state.kind], { id: name }, [
    ...noted("description", state.description),
    ...state.tags.flatMap((tag) => noted("tag", tag)),
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
  const variables = variablesFor(transitions)
  const data = [...variables].map(([key, name]) =>
    leaf("data", { id: name, expr: key.startsWith(delayMark) ? "'0ms'" : "false" })
  )
  const head = {
    xmlns: "http://www.w3.org/2005/07/scxml",
    [`xmlns:${space.prefix}`]: space.name,
    version: "1.0",
    datamodel: "ecmascript",
    name: chart.id,
    initial: pathName(chart.id, [])
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${around("scxml", head, [
    ...block("datamodel", data),
    stateElement({ id: chart.id, transitions, names: namesFor(transitions, variables) }, root)
  ])}\n`
}
