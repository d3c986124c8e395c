/** Reads members of an operation's answer. */

/** The text of a member at a path, or an empty text. */
export const textAt = (reply: unknown, ...path: ReadonlyArray<string>): string => {
  let value: unknown = reply
  for (const name of path) value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : ""
}

export const listAt = (reply: unknown, ...path: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  let value: unknown = reply
  for (const name of path) value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
  return Array.isArray(value) ? value : []
}
