/** Paths in a JSON document, as faults name them: `Statement[0].Condition["acs:SourceIp"]`. */

const quotedCharsMax = 64

/** A part of the document, shortened and on one line, because faults appear in terminals and logs. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > quotedCharsMax ? `${text.slice(0, quotedCharsMax)}…` : text).replaceAll(
    // oxlint-disable-next-line no-control-regex -- characters that JSON leaves unescaped and a terminal interprets
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

const plainName = /^[A-Za-z]{1,32}$/

export const memberPath = (path: string, name: string): string => {
  if (!plainName.test(name)) return `${path}[${quoted(name)}]`
  return path === "" ? name : `${path}.${name}`
}

export const itemPath = (path: string, index: number): string => `${path}[${index}]`
