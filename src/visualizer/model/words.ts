/** XState's values as text: delays, actions, invoked actors. Internal names of XState do not appear. */
import type { AnyStateNode } from "xstate"

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
  ["ms", 1]
] as const

/** `5 s`, `1 min 30 s`; a delay with a name keeps it. */
export const delayText = (delay: string | number): string => {
  if (typeof delay === "string") return delay
  let rest = Math.max(0, Math.round(delay))
  const parts = units.flatMap(([unit, millis]) => {
    const count = Math.floor(rest / millis)
    rest -= count * millis
    return count === 0 ? [] : [`${count} ${unit}`]
  })
  return parts.length === 0 ? "0 ms" : parts.join(" ")
}

const typeOf = (event: unknown): string | undefined => {
  const type: unknown = typeof event === "object" && event !== null ? Reflect.get(event, "type") : undefined
  return typeof type === "string" ? type : undefined
}

const isInternal = (name: unknown): boolean => typeof name === "string" && name.startsWith("xstate.after.")

const assigned = (assignment: unknown): string =>
  typeof assignment === "object" && assignment !== null
    ? `assign ${Object.keys(assignment).join(", ")}`.trimEnd()
    : "assign"

const sent = (verb: string, action: object): string => `${verb} ${typeOf(Reflect.get(action, "event")) ?? "an event"}`

const targetName = (action: object): string => {
  const to: unknown = Reflect.get(action, "to")
  return typeof to === "string" ? ` to ${to}` : ""
}

/** XState's own actions, by their type. The raise and cancel actions of its timers are not actions of the machine. */
const ownActions: Readonly<Record<string, (action: object) => string | undefined>> = {
  "xstate.assign": (action) => assigned(Reflect.get(action, "assignment")),
  "xstate.raise": (action) => (isInternal(typeOf(Reflect.get(action, "event"))) ? undefined : sent("raise", action)),
  "xstate.cancel": (action) => (isInternal(Reflect.get(action, "sendId")) ? undefined : "cancel"),
  "xstate.sendTo": (action) => sent("send", action) + targetName(action),
  "xstate.emit": (action) => sent("emit", action),
  "xstate.log": () => "log",
  "xstate.spawnChild": (action) => `spawn ${String(Reflect.get(action, "src") ?? "an actor")}`,
  "xstate.stopChild": () => "stop an actor",
  "xstate.enqueueActions": () => "chosen actions"
}

const actionText = (action: unknown): string | undefined => {
  if (typeof action === "string") return action
  if (typeof action !== "function") return typeOf(action) ?? "unnamed action"
  const type: unknown = Reflect.get(action, "type")
  const own = typeof type === "string" && Object.hasOwn(ownActions, type) ? ownActions[type] : undefined
  if (own !== undefined) return own(action)
  return action.name === "" || action.name === "actions" ? "unnamed action" : action.name
}

export const actionTexts = (actions: ReadonlyArray<unknown>): ReadonlyArray<string> =>
  actions.flatMap((action) => actionText(action) ?? [])

type Invoke = AnyStateNode["invoke"][number]

/** XState numbers invocations without an id: `0.machine.state`. */
const isNumbered = ({ id }: Invoke, node: AnyStateNode): boolean => id.endsWith(`.${node.id}`) && /^\d+\./.test(id)

/** The name of an invoked actor: its source, and its id if that adds information. */
export const invokeText = (node: AnyStateNode, invoke: Invoke): string => {
  const named = typeof invoke.src === "string" && !invoke.src.startsWith("xstate.invoke.") ? invoke.src : undefined
  const id = isNumbered(invoke, node) ? undefined : invoke.id
  const shared = node.invoke.filter(({ src }) => src === invoke.src).length > 1
  const place = node.invoke.indexOf(invoke) + 1
  if (named === undefined) return id ?? (node.invoke.length > 1 ? `actor ${place}` : "actor")
  return shared && id !== named ? `${named} ${id ?? place}` : named
}
