/** The prose of a file: a page's text, a source file's comments, test titles and the sentences in its strings. */
import { parseSync } from "oxc-parser"

/** A passage of prose, and the line of the file where it begins. */
export interface Passage {
  readonly text: string
  readonly line: number
  readonly isTestTitle: boolean
}

type SyntaxNode = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is SyntaxNode => typeof value === "object" && value !== null

const testFunctions: ReadonlySet<unknown> = new Set(["it", "test", "describe"])

/** `it`, `it.each(…)`, `describe.sequential`: the first name in a call. */
const firstName = (node: unknown): unknown => {
  if (!isNode(node)) return undefined
  return node["name"] ?? firstName(node["object"] ?? node["callee"] ?? node["tag"])
}

const textOfTemplate = (node: SyntaxNode): string | undefined => {
  const quasis: unknown = node["quasis"]
  if (node["type"] !== "TemplateLiteral" || !Array.isArray(quasis)) return undefined
  const pieces = quasis.map((quasi: unknown) => {
    const value = isNode(quasi) ? quasi["value"] : undefined
    return isNode(value) && typeof value["cooked"] === "string" ? value["cooked"] : ""
  })
  return pieces.join("…")
}

const textOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined
  return typeof node["value"] === "string" ? node["value"] : textOfTemplate(node)
}

const startOf = (node: SyntaxNode): number => (typeof node["start"] === "number" ? node["start"] : 0)

const isFunction = (node: unknown): boolean =>
  isNode(node) && (node["type"] === "ArrowFunctionExpression" || node["type"] === "FunctionExpression")

interface Title {
  readonly node: SyntaxNode
  readonly isTestTitle: boolean
}

/** The title of a test or of a group. A test is a call of `it` with a function; the table of `it.each` has none. */
const titleOf = (node: SyntaxNode): Title | undefined => {
  const args: unknown = node["arguments"]
  const name = firstName(node["callee"])
  if (node["type"] !== "CallExpression" || !testFunctions.has(name) || !Array.isArray(args)) return undefined
  const [title, ...others]: ReadonlyArray<unknown> = args
  return isNode(title) ? { node: title, isTestTitle: name === "it" && others.some(isFunction) } : undefined
}

/** Text for people, unlike a name or a query: it begins with a capital letter and ends like a sentence. */
const sentence = /^["“]?\p{Lu}[\s\S]*\s[\s\S]*[.!?]$/u

interface Place {
  readonly text: string
  readonly start: number
  readonly isTestTitle?: boolean
}

const stringsOf = (program: unknown): ReadonlyArray<Place> => {
  const found: Array<Place> = []
  const add = (node: SyntaxNode, isProse: (text: string) => boolean, isTestTitle = false): void => {
    const text = textOf(node)
    if (text !== undefined && isProse(text)) found.push({ text, start: startOf(node), isTestTitle })
  }
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit)
    if (!isNode(value)) return
    const title = titleOf(value)
    if (title !== undefined) add(title.node, () => true, title.isTestTitle)
    if (value["type"] === "Literal" || value["type"] === "TemplateLiteral") add(value, (text) => sentence.test(text))
    for (const child of Object.values(value)) visit(child)
  }
  visit(program)
  return found
}

const lineMark = /^[ \t]*\*+[ \t]?/gm

/** Line comments that follow each other are one passage. */
const commentsOf = (
  source: string,
  comments: ReadonlyArray<{
    readonly type: string
    readonly value: string
    readonly start: number
    readonly end: number
  }>
): ReadonlyArray<Place> => {
  const found: Array<{ text: string; start: number; end: number }> = []
  for (const { type, value, start, end } of comments) {
    const before = found.at(-1)
    const goesOn = before !== undefined && type === "Line" && /^\n[ \t]*$/.test(source.slice(before.end, start))
    if (goesOn) Object.assign(before, { text: `${before.text}\n${value.trim()}`, end })
    else found.push({ text: value.replaceAll(lineMark, ""), start, end: type === "Line" ? end : -1 })
  }
  return found
}

/** The passages of a TypeScript file, in any order. Throws if the file does not parse. */
export const passagesOfSource = (path: string, source: string): ReadonlyArray<Passage> => {
  const { program, comments, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  const lineAt = (offset: number): number => source.slice(0, offset).split("\n").length
  const places: ReadonlyArray<Place> = [...commentsOf(source, comments), ...stringsOf(program)]
  return places.map(({ text, start, isTestTitle = false }) => ({
    text: text.replace(/^\s+/, ""),
    line: lineAt(start),
    isTestTitle
  }))
}
