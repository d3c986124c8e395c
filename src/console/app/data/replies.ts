/** Reads members of an operation's answer. */

/** The text of a member at a path, or an empty text. */
export const textAt = (reply: unknown, ...path: ReadonlyArray<string>): string => {
  let value: unknown = reply
  for (const name of path) value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : ""
}

/** A document as JSON in indented lines, or as it is if it is not JSON. For reading: a person saves the text they see. */
export const inLines = (document: string): string => {
  try {
    return JSON.stringify(JSON.parse(document), undefined, 2)
  } catch {
    return document
  }
}

export const listAt = (reply: unknown, ...path: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  let value: unknown = reply
  for (const name of path) value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined
  return Array.isArray(value) ? value : []
}
