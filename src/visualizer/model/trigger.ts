/** The trigger of a transition, as a value and as text. */
import type { AnyStateNode } from "xstate"
import { everyNode } from "./nodes.ts"
import { delayText, invokeText } from "./words.ts"

/** What causes a transition. */
export type Trigger =
  | { readonly _tag: "Event"; readonly event: string }
  /**
   * `*` or `order.*`: an event without a more exact transition in the state. `others` says that more exact transitions
   * exist.
   */
  | { readonly _tag: "Wildcard"; readonly event: string; readonly others: boolean }
  /** Taken without an event as soon as its guard holds. */
  | { readonly _tag: "Always" }
  | { readonly _tag: "After"; readonly delay: string | number }
  /** The state with the transition has ended. */
  | { readonly _tag: "Done" }
  | { readonly _tag: "ActorDone"; readonly actor: string }
  | { readonly _tag: "ActorFailed"; readonly actor: string }
  | { readonly _tag: "ActorChanged"; readonly actor: string }

/** An actor by its id: the transition may be in another state than the one that invokes the actor. */
const actorOf = (node: AnyStateNode, id: string): string => {
  const hosts = [node, ...everyNode(node.machine.root)]
  for (const host of hosts) {
    const invoke = host.invoke.find((one) => one.id === id)
    if (invoke !== undefined) return invokeText(host, invoke)
  }
  return id
}

const actorEvents = [
  ["xstate.done.actor.", "ActorDone"],
  ["xstate.error.actor.", "ActorFailed"],
  ["xstate.snapshot.", "ActorChanged"]
] as const

/** Whether the state or an inner state names events that a wildcard also matches. */
const hasOthers = (node: AnyStateNode, descriptor: string): boolean => {
  const stem = descriptor === "*" ? "" : descriptor.slice(0, -1)
  return everyNode(node).some((one) =>
    [...one.transitions.keys()].some(
      (name) => name !== descriptor && name.startsWith(stem) && !name.startsWith("xstate.")
    )
  )
}

export const triggerOf = (node: AnyStateNode, descriptor: string, delay: string | number | undefined): Trigger => {
  if (delay !== undefined) return { _tag: "After", delay }
  if (descriptor === `xstate.done.state.${node.id}`) return { _tag: "Done" }
  const actor = actorEvents.find(([prefix]) => descriptor.startsWith(prefix))
  if (actor !== undefined) return { _tag: actor[1], actor: actorOf(node, descriptor.slice(actor[0].length)) }
  return descriptor === "*" || descriptor.endsWith(".*")
    ? { _tag: "Wildcard", event: descriptor, others: hasOthers(node, descriptor) }
    : { _tag: "Event", event: descriptor }
}

const wildcardText = (descriptor: string, any: string): string =>
  descriptor === "*" ? `${any} event` : `${any} ${descriptor.slice(0, -2)} event`

/** Null for a transition with only a guard. */
export const triggerText = (trigger: Trigger): string | null => {
  switch (trigger._tag) {
    case "Event":
      return trigger.event === "xstate.route" ? "route" : trigger.event
    case "Wildcard":
      return wildcardText(trigger.event, trigger.others ? "any other" : "any")
    case "Always":
      return null
    case "After":
      return `after ${delayText(trigger.delay)}`
    case "Done":
      return "done"
    case "ActorDone":
      return `done: ${trigger.actor}`
    case "ActorFailed":
      return `failed: ${trigger.actor}`
    case "ActorChanged":
      return `changed: ${trigger.actor}`
    default:
      return trigger satisfies never
  }
}
