/** Reads a member of a reply by its path; undefined if the reply differs from the API. */

export type Reply = unknown

const memberIn = (reply: Reply, name: string): unknown =>
  typeof reply === "object" && reply !== null ? Reflect.get(reply, name) : undefined

export const memberOf = (reply: Reply, path: string): unknown => {
  const dot = path.indexOf(".")
  return dot === -1 ? memberIn(reply, path) : memberOf(memberIn(reply, path.slice(0, dot)), path.slice(dot + 1))
}

export const textOf = (reply: Reply, path: string): string | undefined => {
  const found = memberOf(reply, path)
  if (typeof found === "string") return found
  return typeof found === "number" || typeof found === "boolean" ? String(found) : undefined
}

export const listOf = (reply: Reply, path: string): ReadonlyArray<unknown> => {
  const found = memberOf(reply, path)
  return Array.isArray(found) ? found : []
}

export const instantOf = (reply: Reply, path: string): number | undefined => {
  const text = textOf(reply, path)
  if (text === undefined || text === "") return undefined
  const millis = Date.parse(text)
  return Number.isNaN(millis) ? undefined : millis
}
