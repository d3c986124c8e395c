/** The headers of a request. */

/** Header names in lower case, as node:http gives them. */
export type Headers = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

const blankAround = /^[ \t]+|[ \t]+$/g

const isBlank = (char: string | undefined): boolean => char === " " || char === "\t"

/**
 * A header's value without surrounding blanks (RFC 9110, 5.5), the only form that is signed and used. No other
 * character counts as a blank: if one reader stripped it and another did not, a used nonce could pass again.
 */
export const headerOf = (headers: Headers, name: string): string | undefined => {
  const value = headers[name]
  if (typeof value !== "string") return undefined
  return isBlank(value.at(0)) || isBlank(value.at(-1)) ? value.replace(blankAround, "") : value
}
