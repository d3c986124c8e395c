/** Finds the imports of a source file: statements, expressions, and types. */
import { readFileSync } from "node:fs"
import { parseSync } from "oxc-parser"

/** Syntax whose `source` names a module. */
const kinds: ReadonlySet<unknown> = new Set([
  "ImportDeclaration",
  "ExportAllDeclaration",
  "ExportNamedDeclaration",
  "ImportExpression",
  "TSImportType"
])

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const literal = (node: unknown): string | undefined =>
  isNode(node) && typeof node["value"] === "string" ? node["value"] : undefined

const named = (node: unknown, name: string): boolean => isNode(node) && node["name"] === name

/** `new URL("./worker.ts", import.meta.url)` loads a file like an import. */
const ofCall = (node: Readonly<Record<string, unknown>>): string | undefined => {
  const first: unknown = Array.isArray(node["arguments"]) ? node["arguments"][0] : undefined
  if (node["type"] === "CallExpression" && named(node["callee"], "require")) return literal(first)
  const path = node["type"] === "NewExpression" && named(node["callee"], "URL") ? literal(first) : undefined
  return path !== undefined && /^\.\.?\/.*\.tsx?$/.test(path) ? path : undefined
}

const moduleOf = (node: Readonly<Record<string, unknown>>): string | undefined =>
  kinds.has(node["type"]) ? literal(node["source"]) : ofCall(node)

/** The modules that a file imports, as it writes them. Throws if the file does not parse. */
export const importsOf = (path: string): ReadonlyArray<string> => {
  const { program, errors } = parseSync(path, readFileSync(path, "utf8"))
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  const found: Array<string> = []
  const visit = (node: unknown): void => {
    if (!isNode(node)) return
    const name = moduleOf(node)
    if (name !== undefined) found.push(name)
    for (const child of Object.values(node)) visit(child)
  }
  visit(program)
  return found
}
