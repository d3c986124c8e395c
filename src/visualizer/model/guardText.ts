/** A guard as words: named guards by their names, `and`, `or`, `not` and `stateIn` spelled out. */
import { and, not, or } from "xstate"

const hasType = (guard: object): guard is { readonly type: string } => "type" in guard && typeof guard.type === "string"

const partsOf = (guard: object): ReadonlyArray<unknown> =>
  "guards" in guard && Array.isArray(guard.guards) ? guard.guards : []

const stateText = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? Object.entries(value)
        .map(([key, inner]) => `${key}.${stateText(inner)}`)
        .join(" and ")
    : String(value)

const bracketed = (part: unknown): string => {
  const text = guardText(part) ?? ""
  return text.includes(" ") ? `(${text})` : text
}

/**
 * What makes each composition what it is. Bundlers rename functions, so that its name says nothing in a browser; a machine
 * that brings its own copy of XState has other functions of the same names.
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

const ofFunction = (guard: { readonly name: string }): string => {
  if ("stateValue" in guard) return `in ${stateText(guard.stateValue)}`
  const parts = partsOf(guard).map((part) => bracketed(part))
  if (parts.length === 0) return guard.name === "" || guard.name === "guard" ? "unnamed guard" : guard.name
  const composition = compositionOf(guard)
  return composition === "not" ? `not ${parts.join(" ")}` : parts.join(` ${composition} `)
}

/** Null where there is no guard. */
export const guardText = (guard: unknown): string | null => {
  if (guard === undefined || guard === null) return null
  if (typeof guard === "string") return guard
  if (typeof guard === "function") return ofFunction(guard)
  return typeof guard === "object" && hasType(guard) ? guard.type : "unnamed guard"
}
