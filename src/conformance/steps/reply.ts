/** Reading replies: a member by its path, or nothing if it is not what the API says. */

export type Reply = unknown

export const memberOf = (reply: Reply, path: string): unknown => {
  let found: unknown = reply
  for (const part of path.split(".")) {
    if (typeof found !== "object" || found === null) return undefined
    found = Reflect.get(found, part)
  }
  return found
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
