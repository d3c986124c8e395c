/** Drawings in a Markdown file: each one follows a comment with the command that makes it. */

/** `<!-- keystate diagram cmk --theme dark -o docs/images/lifecycle.svg -->` */
const marker = /<!--[ \t]*keystate diagram\b([^\n]*?)-->/g

/** The fenced block below a marker, which contains the drawing. A marker with -o has none. */
const block = /^[ \t]*\n(?:[ \t]*\n)*(`{3,})[^\n`]*\n([\s\S]*?)^\1[ \t]*$/m

/** The marker's command line. */
export interface DrawingRequest {
  readonly machine: string
  readonly format: string | undefined
  readonly theme: string | undefined
  readonly region: string | undefined
  readonly path: string | undefined
  readonly output: string | undefined
}

export interface Embedded {
  /** The line of the marker, from 1. */
  readonly line: number
  readonly asked: DrawingRequest
  /** The position of the block's text in the file; undefined if the drawing is a separate file. */
  readonly body: { readonly from: number; readonly to: number } | undefined
}

export interface Fault {
  readonly line: number
  readonly message: string
}

const names: Readonly<Record<string, keyof DrawingRequest>> = {
  "--format": "format",
  "--theme": "theme",
  "--only": "region",
  "--path": "path",
  "--out": "output",
  "-o": "output"
}

const askedIn = (words: ReadonlyArray<string>): DrawingRequest | string => {
  const asked: { -readonly [name in keyof DrawingRequest]: DrawingRequest[name] } = {
    machine: "cmk",
    format: undefined,
    theme: undefined,
    region: undefined,
    path: undefined,
    output: undefined
  }
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ""
    if (!word.startsWith("-")) {
      asked.machine = word
      continue
    }
    const name = Object.hasOwn(names, word) ? names[word] : undefined
    const value = words[++at]
    if (name === undefined) return `${word} cannot be used here; there are ${Object.keys(names).join(", ")}.`
    if (value === undefined) return `${word} has no value.`
    asked[name] = value
  }
  return asked
}

/** The positions of code blocks. A marker in a code block is an example and is ignored. */
const codeIn = (text: string): ReadonlyArray<{ readonly from: number; readonly to: number }> => {
  const blocks: Array<{ from: number; to: number }> = []
  let open: { readonly fence: string; readonly from: number } | undefined
  let at = 0
  for (const line of text.split("\n")) {
    const fence = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (open === undefined && fence !== undefined) open = { fence, from: at }
    else if (open !== undefined && fence?.startsWith(open.fence) === true && line.trim() === fence) {
      blocks.push({ from: open.from, to: at })
      open = undefined
    }
    at += line.length + 1
  }
  return open === undefined ? blocks : [...blocks, { from: open.from, to: text.length }]
}

/** Every drawing of a file in order, or the fault of a marker. */
export const embeddedIn = (text: string): ReadonlyArray<Embedded | Fault> => {
  const code = codeIn(text)
  const isExample = (at: number): boolean => code.some(({ from, to }) => from < at && at < to)
  return [...text.matchAll(marker)].filter(({ index }) => !isExample(index)).map(embeddedAt(text))
}

const embeddedAt =
  (text: string) =>
  (found: RegExpExecArray): Embedded | Fault => {
    const line = text.slice(0, found.index).split("\n").length
    const words = [...(found[1] ?? "").matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "")
    const asked = askedIn(words)
    if (typeof asked === "string") return { line, message: asked }
    if (asked.output !== undefined) return { line, asked, body: undefined }
    const start = found.index + found[0].length
    const below = block.exec(text.slice(start))
    if (below === null || below.index !== 0) {
      return { line, message: "Neither -o FILE nor a fenced block below it says where the drawing is." }
    }
    const fence = below[0].indexOf(below[1] ?? "")
    const from = start + below[0].indexOf("\n", fence) + 1
    return { line, asked, body: { from, to: from + (below[2] ?? "").length } }
  }

/** The file with its blocks replaced, last first, so that earlier positions stay valid. */
export const withBodies = (
  text: string,
  bodies: ReadonlyArray<{ readonly from: number; readonly to: number; readonly text: string }>
): string =>
  bodies
    .toSorted((a, b) => b.from - a.from)
    .reduce((whole, body) => whole.slice(0, body.from) + body.text + whole.slice(body.to), text)
