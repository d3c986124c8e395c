/** Guards as values and as text. `and`, `or`, `not` and `stateIn` are split up; other guards have their names. */
import { and, not, or } from "xstate"
import type { AnyStateNode } from "xstate"
import { everyNode, lineageOf } from "./nodes.ts"

/** Keys of a state and its ancestors, outermost first. */
export type Path = ReadonlyArray<string>

/** The condition of a transition. */
export type Guard =
  /** `params` is the text of fixed parameters: `min 5`. Guards of one name and other parameters are other conditions. */
  | { readonly _tag: "Named"; readonly name: string; readonly params: string | null }
  /** All these states are active. */
  | { readonly _tag: "In"; readonly states: ReadonlyArray<Path> }
  | { readonly _tag: "And" | "Or"; readonly guards: ReadonlyArray<Guard> }
  | { readonly _tag: "Not"; readonly guard: Guard }

const hasType = (guard: object): guard is { readonly type: string } => "type" in guard && typeof guard.type === "string"

const partsOf = (guard: object): ReadonlyArray<unknown> =>
  "guards" in guard && Array.isArray(guard.guards) ? guard.guards : []

const pathsOf = (value: unknown, above: Path = []): ReadonlyArray<Path> => {
  if (typeof value === "string") return [[...above, value]]
  const parts = Object.entries(value ?? {})
  return parts.length === 0 ? [above] : parts.flatMap(([key, inner]) => pathsOf(inner, [...above, key]))
}

/** `stateIn` accepts a state's value, keys with dots, or the id of a state. */
const statesNamed = (value: unknown, { machine: { root } }: AnyStateNode): ReadonlyArray<Path> => {
  if (typeof value !== "string") return pathsOf(value)
  if (!value.startsWith("#")) return [value.split(".")]
  const id = value.slice(1)
  return [everyNode(root).find((node) => node.id === id)?.path ?? [id]]
}

/**
 * The function that identifies each composition. Its name proves nothing in a browser, because bundlers rename
 * functions. A machine with another copy of XState has other functions of the same names.
 */
const compositions = [
  ["and", Reflect.get(and([]), "check")],
  ["or", Reflect.get(or([]), "check")],
  ["not", Reflect.get(not("nothing"), "check")]
] as const

const compositionOf = (guard: { readonly name: string }): string => {
  const check: unknown = Reflect.get(guard, "check")
  return compositions.find(([, own]) => own === check)?.[0] ?? guard.name
}

const valueText = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value)

/** Null for parameters that a function computes during the run. */
const paramsText = (params: unknown): string | null => {
  if (params === undefined || params === null || typeof params === "function") return null
  if (typeof params !== "object" || Array.isArray(params)) return valueText(params)
  const texts = Object.entries(params).map(([key, value]) => `${key} ${valueText(value)}`)
  return texts.length === 0 ? null : texts.join(", ")
}

const named = (name: string, params: unknown = undefined): Guard => ({
  _tag: "Named",
  name,
  params: paramsText(params)
})

const sourceMax = 48

/** The expression of an arrow function without a name, if it is short: `context.tries > 3`. */
const expressionOf = (guard: object): string | undefined => {
  const text = String(guard).replaceAll(/\s+/g, " ")
  const expression = /^(?:\([^()]*\)|[\w$]+) ?=> ?(?![{ ])(.+)$/.exec(text)?.[1]?.trim()
  return expression === undefined || expression.length > sourceMax ? undefined : expression
}

const isUnnamed = (guard: object): boolean => {
  if (typeof guard !== "function") return !hasType(guard)
  return (guard.name === "" || guard.name === "guard") && !("stateValue" in guard) && partsOf(guard).length === 0
}

const unnamedIn = (guard: unknown): ReadonlyArray<unknown> => {
  if (typeof guard !== "function" && (typeof guard !== "object" || guard === null)) return []
  if (isUnnamed(guard)) return expressionOf(guard) === undefined ? [guard] : []
  return partsOf(guard).flatMap(unnamedIn)
}

/** Guards without a name and a short expression are numbered, if the machine has more than one. */
const unnamedText = (guard: object, { machine: { root } }: AnyStateNode): string => {
  const expression = expressionOf(guard)
  if (expression !== undefined) return expression
  const offered = everyNode(root).flatMap((node) => [...node.transitions.values(), node.always ?? []].flat())
  const others = [...new Set(offered.flatMap((transition) => unnamedIn(transition.guard)))]
  return others.length > 1 ? `unnamed guard ${others.indexOf(guard) + 1}` : "unnamed guard"
}

const ofFunction = (guard: { readonly name: string }, node: AnyStateNode): Guard => {
  if ("stateValue" in guard) return { _tag: "In", states: statesNamed(guard.stateValue, node) }
  const guards = partsOf(guard).flatMap((part) => guardOf(part, node) ?? [])
  const [first] = guards
  if (first === undefined) return named(isUnnamed(guard) ? unnamedText(guard, node) : guard.name)
  const composition = compositionOf(guard)
  if (composition === "not") return { _tag: "Not", guard: first }
  return { _tag: composition === "or" ? "Or" : "And", guards }
}

/** Null without a guard. */
export const guardOf = (guard: unknown, node: AnyStateNode): Guard | null => {
  if (guard === undefined || guard === null) return null
  if (typeof guard === "string") return named(guard)
  if (typeof guard === "function") return ofFunction(guard, node)
  if (typeof guard !== "object") return named("unnamed guard")
  return hasType(guard) ? named(guard.type, Reflect.get(guard, "params")) : named(unnamedText(guard, node))
}

type Spoken = (name: string) => string

const isComposed = ({ _tag }: Guard): boolean => _tag === "And" || _tag === "Or"

const bracketed = (guard: Guard, spoken: Spoken): string => {
  const text = guardText(guard, spoken)
  return isComposed(guard) ? `(${text})` : text
}

const inText = (states: ReadonlyArray<Path>): string => `in ${states.map((path) => path.join(".")).join(" and ")}`

/** `p and (q or not r)`; the caller converts the names. */
export const guardText = (guard: Guard, spoken: Spoken = (name) => name): string => {
  switch (guard._tag) {
    case "Named":
      return guard.params === null ? spoken(guard.name) : `${spoken(guard.name)} (${guard.params})`
    case "In":
      return inText(guard.states)
    case "Not":
      return `not ${bracketed(guard.guard, spoken)}`
    default:
      return guard.guards.map((part) => bracketed(part, spoken)).join(guard._tag === "And" ? " and " : " or ")
  }
}

/** A condition that holds or not independently: a guard by its name and parameters, or an anonymous function. */
export type Atom = unknown

/** The conditions that hold; the others do not. */
export type Assignment = ReadonlySet<Atom>

const atomOf = (guard: unknown): Atom => {
  if (typeof guard === "string") return guard
  const parameters: unknown = typeof guard === "object" && guard !== null ? Reflect.get(guard, "params") : undefined
  if (typeof guard !== "object" || guard === null || !hasType(guard) || typeof parameters === "function") return guard
  return parameters === undefined ? guard.type : `${guard.type} ${JSON.stringify(parameters)}`
}

/**
 * Undefined if it depends: a state implies its ancestors, and excludes states that cannot be active at the same time.
 */
const standing = (states: ReadonlyArray<Path>, node: AnyStateNode): boolean | undefined => {
  const above = lineageOf(node)
  const answers = states.map((path) => {
    const shared = above.findLastIndex((one) => one.path.length > 0 && path[one.path.length - 1] !== one.key)
    if (shared === -1) return path.length <= node.path.length ? true : undefined
    const fork = above[shared + 1]
    if (fork === undefined || fork.path.length >= path.length) return true
    return fork.type === "parallel" ? undefined : false
  })
  if (answers.includes(false)) return false
  return answers.every((answer) => answer === true) ? true : undefined
}

/** Every single condition of a guard. */
export const atomsOf = (guard: unknown, node: AnyStateNode): ReadonlyArray<Atom> => {
  if (guard === undefined || guard === null) return []
  if (typeof guard !== "function") return [atomOf(guard)]
  if ("stateValue" in guard) return standing(statesNamed(guard.stateValue, node), node) === undefined ? [guard] : []
  const parts = partsOf(guard)
  return parts.length === 0 ? [guard] : parts.flatMap((part) => atomsOf(part, node))
}

/** Whether a guard permits its transition, given the conditions that hold. */
export const holds = (guard: unknown, node: AnyStateNode, held: Assignment): boolean => {
  if (guard === undefined || guard === null) return true
  if (typeof guard !== "function") return held.has(atomOf(guard))
  if ("stateValue" in guard) return standing(statesNamed(guard.stateValue, node), node) ?? held.has(guard)
  const parts = partsOf(guard)
  if (parts.length === 0) return held.has(guard)
  const composition = compositionOf(guard)
  if (composition === "not") return !parts.every((part) => holds(part, node, held))
  return composition === "or"
    ? parts.some((part) => holds(part, node, held))
    : parts.every((part) => holds(part, node, held))
}
