/** Replies as XML 1.0. */
import { noXmlChar } from "../encoding/xmlText.ts"

const marks: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // A parser converts an unescaped one into a line feed (XML 1.0, 2.11).
  "\r": "&#13;"
}

const noXmlChars = new RegExp(noXmlChar, "gu")

/**
 * Only an error message can still contain such a character: other answers with one are refused before they are written.
 */
const escapeXml = (text: string): string =>
  text.replace(noXmlChars, "\ufffd").replace(/[&<>"\r]/g, (char) => marks[char] ?? char)

const name = /^[A-Za-z_][A-Za-z0-9_.-]*$/

const content = (value: unknown): string =>
  typeof value === "object" && value !== null
    ? Object.entries(value)
        .map(([name, member]) => element(name, member))
        .join("")
    : escapeXml(String(value))

/** A list repeats the element of its name (API, replies); undefined members are left out, as in JSON. */
const element = (tag: string, value: unknown): string => {
  if (!name.test(tag)) throw new Error(`"${tag}" is not a valid element name`)
  if (value === undefined || value === null) return ""
  if (Array.isArray(value)) return value.map((item) => element(tag, item)).join("")
  return `<${tag}>${content(value)}</${tag}>`
}

export const xmlDocument = (root: string, members: object): string =>
  `<?xml version="1.0" encoding="UTF-8"?>${element(root, members)}`
