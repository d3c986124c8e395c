/** Detects text that the format of an answer cannot carry. JSON carries all text; XML 1.0 lacks some characters. */
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { noXmlChar } from "../encoding/xmlText.ts"

interface Found {
  readonly path: string
  readonly codePoint: number
}

const within = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`)

const firstIn = (value: unknown, path: string): Found | undefined => {
  if (typeof value === "string") {
    const at = value.search(noXmlChar)
    return at < 0 ? undefined : { path, codePoint: value.codePointAt(at) ?? 0 }
  }
  if (typeof value !== "object" || value === null) return undefined
  for (const [name, member] of Object.entries<unknown>({ ...value })) {
    const found = firstIn(member, within(path, name))
    if (found !== undefined) return found
  }
  return undefined
}

const placeCharsMax = 64

/** The error for an answer with these members, or to a request with them, if it cannot be written as XML. */
export const unwritableInXml = (members: object): AnyKmsError | undefined => {
  const found = firstIn(members, "")
  if (found === undefined) return undefined
  const char = `U+${found.codePoint.toString(16).toUpperCase().padStart(4, "0")}`
  const hint = `XML 1.0 cannot carry the character ${char} in ${found.path.slice(0, placeCharsMax)}. Ask with Format=JSON.`
  return refuse("InvalidParameter", { parameter: "Format", hint })
}
