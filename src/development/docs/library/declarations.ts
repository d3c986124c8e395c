/** The declarations that TypeScript emits for the entry points of the package, parsed to text and comments. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseSync } from "oxc-parser"

const root = fileURLToPath(new URL("../../../../", import.meta.url))

const compiler = join(root, "node_modules", "typescript", "bin", "tsc")

/** Calls `read` with a folder of declarations for the given sources, with the same paths as the sources. */
export const withDeclarations = <A>(sources: ReadonlyArray<string>, read: (folder: string) => A): A => {
  const folder = mkdtempSync(join(tmpdir(), "keystate-declarations-"))
  try {
    const config = {
      extends: join(root, "src", "tsconfig.build.json"),
      compilerOptions: { rootDir: root, outDir: join(folder, "out"), emitDeclarationOnly: true, noCheck: true },
      include: [],
      files: sources.map((source) => join(root, source))
    }
    // Packages are resolved from the sources, and Node's types from the folder of this file.
    const types = { typeRoots: [join(root, "node_modules", "@types")] }
    const text = JSON.stringify({ ...config, compilerOptions: { ...config.compilerOptions, ...types } })
    writeFileSync(join(folder, "tsconfig.json"), text)
    execFileSync(process.execPath, [compiler, "-p", folder], { cwd: root, stdio: ["ignore", "inherit", "inherit"] })
    return read(join(folder, "out"))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export type Kind = "class" | "constant" | "function" | "interface" | "type"

/** One statement that declares a name. A constant and a type with the same name have two statements. */
export interface Declaration {
  readonly name: string
  readonly kind: Kind
  /** Without `export declare`. */
  readonly text: string
  /** The text of the comment directly before it, if it has one. */
  readonly about: string | undefined
  /** The file, from the folder of the declarations. */
  readonly file: string
}

/** The exports of an entry point: its declarations by name, and its namespaces. */
export interface Exports {
  readonly declarations: ReadonlyMap<string, ReadonlyArray<Declaration>>
  readonly groups: ReadonlyMap<string, Exports>
}

type SyntaxNode = Readonly<Record<string, unknown>>

const isNode = (value: unknown): value is SyntaxNode => typeof value === "object" && value !== null

const nodesIn = (value: unknown): ReadonlyArray<SyntaxNode> => (Array.isArray(value) ? value.filter(isNode) : [])

const textAt = (node: unknown, key: string): string => {
  const found: unknown = isNode(node) ? node[key] : undefined
  return typeof found === "string" ? found : ""
}

const numberAt = (node: SyntaxNode, key: string): number => Number(node[key])

const kinds: Readonly<Record<string, Kind>> = {
  ClassDeclaration: "class",
  TSDeclareFunction: "function",
  FunctionDeclaration: "function",
  TSInterfaceDeclaration: "interface",
  TSTypeAliasDeclaration: "type",
  VariableDeclaration: "constant"
}

interface Comment {
  readonly value: string
  readonly start: number
  readonly end: number
}

interface Module {
  readonly file: string
  readonly source: string
  readonly statements: ReadonlyArray<SyntaxNode>
  readonly comments: ReadonlyArray<Comment>
}

const moduleAt = (folder: string, file: string): Module => {
  const source = readFileSync(join(folder, file), "utf8")
  const { program, comments, errors } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`)
  return { file, source, statements: nodesIn(program.body), comments }
}

/** The file of a module name: `./kms.ts` in `src/index.d.ts` is `src/kms.d.ts`. Undefined for a package. */
const fileOf = (from: string, specifier: string): string | undefined =>
  specifier.startsWith(".") ? join(dirname(from), specifier.replace(/\.(?:ts|js)$/, ".d.ts")) : undefined

const withoutStars = (comment: string): string =>
  comment
    .replace(/^\*/, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .join("\n")
    .trim()

/**
 * Whether a comment describes the file: it begins the emitted file, and the source file. The compiler leaves out the
 * comment of a file together with its first import.
 */
const isOfFile = (file: string, { start, value }: Comment): boolean => {
  const source = join(root, file.replace(/\.d\.ts$/, ".ts"))
  return start === 0 && (!existsSync(source) || readFileSync(source, "utf8").startsWith(`/*${value}*/`))
}

/** The comment that ends directly before the statement. */
const aboutOf = ({ comments, file, source }: Module, start: number): string | undefined => {
  const comment = comments.findLast(({ end }) => end <= start)
  if (comment === undefined || !comment.value.startsWith("*") || isOfFile(file, comment)) return undefined
  return source.slice(comment.end, start).trim() === "" ? withoutStars(comment.value) : undefined
}

const declaredNames = (declared: SyntaxNode): ReadonlyArray<string> =>
  declared["type"] === "VariableDeclaration"
    ? nodesIn(declared["declarations"]).map(({ id }) => textAt(id, "name"))
    : [textAt(declared["id"], "name")]

/** The declarations of a file, exported or not, each with its statement. */
const declarationsIn = (module: Module): ReadonlyArray<Declaration> =>
  module.statements.flatMap((statement) => {
    const inner = statement["type"] === "ExportNamedDeclaration" ? statement["declaration"] : statement
    const kind = isNode(inner) ? kinds[textAt(inner, "type")] : undefined
    if (!isNode(inner) || kind === undefined) return []
    const start = numberAt(statement, "start")
    const text = module.source.slice(numberAt(inner, "start"), numberAt(inner, "end")).replace(/^declare /, "")
    return declaredNames(inner).map((name) => ({ name, kind, text, about: aboutOf(module, start), file: module.file }))
  })

const isExported = (statement: SyntaxNode, name: string): boolean => {
  const inner = statement["type"] === "ExportNamedDeclaration" ? statement["declaration"] : undefined
  return isNode(inner) && declaredNames(inner).includes(name)
}

/** The module of an imported name, and the name there. */
const importOf = ({ statements }: Module, name: string): readonly [specifier: string, name: string] | undefined => {
  for (const statement of statements.filter(({ type }) => type === "ImportDeclaration")) {
    const specifier = nodesIn(statement["specifiers"]).find(({ local }) => textAt(local, "name") === name)
    if (specifier !== undefined) return [textAt(statement["source"], "value"), textAt(specifier["imported"], "name")]
  }
  return undefined
}

/** The declarations of a name that a file exports, declares or imports. */
const declarationsOf = (folder: string, file: string, name: string): ReadonlyArray<Declaration> => {
  const module = moduleAt(folder, file)
  const own = declarationsIn(module).filter((declaration) => declaration.name === name)
  if (own.length > 0) return own
  const imported = importOf(module, name)
  const target = imported === undefined ? undefined : fileOf(file, imported[0])
  if (imported !== undefined && target !== undefined) return declarationsOf(folder, target, imported[1])
  return exportsOf(folder, file).declarations.get(name) ?? []
}

/** The exports of the file at this path. Throws if the declaration of a name is not found. */
export const exportsOf = (folder: string, file: string): Exports => {
  const module = moduleAt(folder, file)
  const declarations = new Map<string, ReadonlyArray<Declaration>>()
  const groups = new Map<string, Exports>()
  for (const declaration of declarationsIn(module)) {
    const { name } = declaration
    if (!module.statements.some((statement) => isExported(statement, name))) continue
    declarations.set(name, [...(declarations.get(name) ?? []), declaration])
  }
  const addNamed = (statement: SyntaxNode): void => {
    const specifier = textAt(statement["source"], "value")
    for (const { local, exported } of nodesIn(statement["specifiers"])) {
      const target = specifier === "" ? file : fileOf(file, specifier)
      const found = target === undefined ? [] : declarationsOf(folder, target, textAt(local, "name"))
      if (found.length === 0)
        throw new Error(`${file} exports ${textAt(local, "name")}, whose declaration is not found`)
      declarations.set(textAt(exported, "name"), found)
    }
  }
  const addAll = (statement: SyntaxNode): void => {
    const target = fileOf(file, textAt(statement["source"], "value"))
    if (target === undefined) throw new Error(`${file} exports everything of a package`)
    const all = exportsOf(folder, target)
    const group = textAt(statement["exported"], "name")
    if (group !== "") return void groups.set(group, all)
    for (const [name, found] of all.declarations) declarations.set(name, found)
  }
  for (const statement of module.statements) {
    if (statement["type"] === "ExportNamedDeclaration" && statement["declaration"] === null) addNamed(statement)
    if (statement["type"] === "ExportAllDeclaration") addAll(statement)
  }
  return { declarations, groups }
}
