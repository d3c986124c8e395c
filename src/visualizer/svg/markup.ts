/** Elements of SVG as text. Every inserted value is escaped, so it cannot act as markup. */

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }

/** Replaces characters that XML 1.0 cannot contain by U+FFFD. */
// oxlint-disable-next-line no-control-regex -- the grammar names these characters
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

/** Controls of direction: a text with one would turn the text around it. Control characters have no picture. */
const unseen = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

export const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(forbidden, "\ufffd")
    .replaceAll(/[&<>"]/g, (letter) => entities[letter] ?? letter)

type Attributes = Readonly<Record<string, string | number | undefined>>

/** Numbers with two decimals, so that the same drawing has the same bytes everywhere. */
const shown = (value: string | number): string =>
  typeof value === "number" ? String(Math.round(value * 100) / 100) : escaped(value)

const opening = (name: string, attributes: Attributes): string =>
  [
    `<${name}`,
    ...Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [`${key}="${shown(value)}"`]))
  ].join(" ")

export const leaf = (name: string, attributes: Attributes): string => `${opening(name, attributes)}/>`

/** An element around markup. */
export const around = (name: string, attributes: Attributes, inside: ReadonlyArray<string>): string =>
  `${opening(name, attributes)}>${inside.join("")}</${name}>`

/** An element around text. */
export const saying = (name: string, attributes: Attributes, text: string): string =>
  `${opening(name, attributes)}>${escaped(text.replaceAll(unseen, "\ufffd"))}</${name}>`
