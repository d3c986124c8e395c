/** The rules for names of aliases. The console applies the same rules before it sends a request. */

/** User guide 2: the prefix, then 1 to 255 letters, digits, underscores, hyphens and slashes. */
export const aliasCharsMax = 255
const form = /^alias\/[A-Za-z0-9_/-]{1,255}$/
/** User guide 3: names with this prefix belong to the keys of cloud services. */
const reservedPrefix = "alias/acs"

export const isAliasName = (text: string): boolean => form.test(text)
export const isReservedAliasName = (text: string): boolean => text.startsWith(reservedPrefix)

/** The fault of a name; undefined for a valid one. */
export const aliasFault = (given: string): string | undefined => {
  if (isReservedAliasName(given)) return "begins with `alias/acs`, which is reserved for the keys of cloud services"
  if (isAliasName(given)) return undefined
  if (!given.startsWith("alias/")) return "must begin with `alias/`"
  const { length } = given.slice("alias/".length)
  if (length === 0) return "has no characters after `alias/`"
  return length > aliasCharsMax
    ? `has ${length} characters after \`alias/\`; the limit is ${aliasCharsMax}`
    : "has a character that is not a letter, digit, `_`, `-` or `/`"
}
