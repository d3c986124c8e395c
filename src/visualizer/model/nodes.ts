/** Walks over XState's nodes of states. */
import type { AnyStateNode } from "xstate"

/** The inner states of a state, in the order of the definition. */
export const childrenOf = (node: AnyStateNode): ReadonlyArray<AnyStateNode> =>
  Object.values<AnyStateNode>(node.states).sort((a, b) => a.order - b.order)

/** A state and all its descendants. */
export const everyNode = (node: AnyStateNode): ReadonlyArray<AnyStateNode> => [
  node,
  ...childrenOf(node).flatMap(everyNode)
]

/** A state and its ancestors, innermost first. */
export const lineageOf = (node: AnyStateNode): ReadonlyArray<AnyStateNode> =>
  node.parent === undefined ? [node] : [node, ...lineageOf(node.parent)]
