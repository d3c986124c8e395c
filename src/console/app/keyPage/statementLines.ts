/** A policy statement as text for a tooltip: a line for each member, with long values shortened. */
import { t } from "../text/text.ts"

/** The most items of a list, and characters of a value, that a line shows. */
const itemsMax = 6
const charsMax = 160

const shortened = (text: string): string => (text.length > charsMax ? `${text.slice(0, charsMax)}…` : text)

const valueOf = (value: unknown): string => {
  if (!Array.isArray(value)) return shortened(JSON.stringify(value))
  const items = value.slice(0, itemsMax).map((item: unknown) => JSON.stringify(item))
  const more = value.length - itemsMax
  return `[${shortened(items.join(", "))}${more > 0 ? `, ${t("… {count} more", { count: more })}` : ""}]`
}

/** `statement` is a statement as JSON. */
export const statementLines = (statement: string): ReadonlyArray<string> => {
  const read: unknown = JSON.parse(statement)
  return Object.entries(Object(read)).map(([name, value]) => `"${name}": ${valueOf(value)}`)
}
