/** A guard as words: named guards by their names, `and`, `or`, `not` and `stateIn` spelled out. */

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

const ofFunction = (guard: { readonly name: string }): string => {
  if ("stateValue" in guard) return `in ${stateText(guard.stateValue)}`
  const parts = partsOf(guard).map((part) => bracketed(part))
  if (parts.length === 0) return guard.name === "" || guard.name === "guard" ? "unnamed guard" : guard.name
  return guard.name === "not" ? `not ${parts.join(" ")}` : parts.join(` ${guard.name} `)
}

/** Null where there is no guard. */
export const guardText = (guard: unknown): string | null => {
  if (guard === undefined || guard === null) return null
  if (typeof guard === "string") return guard
  if (typeof guard === "function") return ofFunction(guard)
  return typeof guard === "object" && hasType(guard) ? guard.type : "unnamed guard"
}
