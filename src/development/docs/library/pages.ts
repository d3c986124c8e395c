/** docs/api/: the library's reference, generated from the declarations that TypeScript emits. */
import { readFileSync } from "node:fs"
import { format } from "oxfmt"
import { exportsOf, withDeclarations } from "./declarations.ts"
import type { Declaration } from "./declarations.ts"

const root = new URL("../../../../", import.meta.url)

const read = (path: string): string => readFileSync(new URL(path, root), "utf8")

/** An entry point of package.json. */
export interface EntryPoint {
  /** `keystate/promise`. */
  readonly name: string
  /** `src/promise.ts`. */
  readonly source: string
  /** `promise`: the name of its page. */
  readonly page: string
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** The entry points in the order of package.json. */
export const entryPoints: ReadonlyArray<EntryPoint> = (() => {
  const manifest: unknown = JSON.parse(read("package.json"))
  const listed: unknown = isRecord(manifest) ? manifest["exports"] : undefined
  return Object.entries(isRecord(listed) ? listed : {}).flatMap(([path, target]) => {
    const types = isRecord(target) ? String(target["types"]) : undefined
    if (types === undefined) return []
    const source = types.replace("./dist/", "").replace(/\.d\.ts$/, ".ts")
    const page = path === "." ? "keystate" : path.slice(2).replaceAll("/", "-")
    return [{ name: path === "." ? "keystate" : `keystate/${path.slice(2)}`, source, page }]
  })
})()

/** Types of operations have pages by API, because two entry points export them. */
const operationPages: Readonly<Record<string, string>> = {
  kms: "types-of-kms",
  ram: "types-of-ram",
  sts: "types-of-ram"
}

const titles: Readonly<Record<string, string>> = {
  methods: "Methods of the service",
  "types-of-kms": "Types of KMS operations",
  "types-of-ram": "Types of RAM and STS operations"
}

/** One exported name: its declarations, and the page that describes it. */
export interface Entry {
  readonly name: string
  readonly declarations: ReadonlyArray<Declaration>
  readonly page: string
}

const operationPageOf = ({ file, name }: Declaration): string | undefined => {
  const [, api = ""] = /^src\/operation\/methods\/([a-z]+)[./]/.exec(file) ?? []
  return api !== "" && name.endsWith("Methods") ? "methods" : operationPages[api]
}

/** The page on which a name is described: that of its first entry point. */
type Places = Map<string, string>

const identity = (name: string, { file }: Declaration): string => `${file} ${name}`

const entryOf = (
  places: Places,
  page: string,
  [name, declarations]: readonly [string, ReadonlyArray<Declaration>]
): Entry => {
  const [first] = declarations
  if (first === undefined) throw new Error(`${name} has no declaration`)
  const id = identity(name, first)
  const place = places.get(id) ?? operationPageOf(first) ?? page
  places.set(id, place)
  return { name, declarations, page: place }
}

/** Like the slugs of GitHub and VitePress: a repeated heading gets a number. */
export const makeAnchors = (): ((heading: string) => string) => {
  const seen = new Map<string, number>()
  return (heading) => {
    const slug = heading.toLowerCase()
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    return times === 0 ? slug : `${slug}-${times}`
  }
}

const byName = (left: Entry, right: Entry): number => (left.name < right.name ? -1 : 1)

/** Throws if the export has no comment. */
export const aboutOf = ({ name, declarations }: Entry): string => {
  const about = declarations.find((declaration) => declaration.about !== undefined)?.about
  if (about === undefined) throw new Error(`${name} of ${declarations[0]?.file} is public and has no comment`)
  return about
}

/** VitePress treats text between angle brackets as HTML, except in code spans. */
const withoutTags = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((piece) => (piece.startsWith("`") ? piece : piece.replaceAll("<", "&lt;")))
    .join("")

const formatted = async (text: string): Promise<string> => {
  const options = { printWidth: 100, semi: false, arrowParens: "always", trailingComma: "none" } as const
  const { code, errors } = await format("declaration.d.ts", text, options)
  if (errors.length > 0) throw new Error(`${text} cannot be formatted: ${errors[0]?.message}`)
  return code.trimEnd()
}

const code = async (entry: Entry): Promise<string> => {
  const texts = await Promise.all(entry.declarations.map(({ text }) => formatted(text)))
  return `${withoutTags(aboutOf(entry))}\n\n\`\`\`ts\n${texts.join("\n")}\n\`\`\`\n`
}

const section = async (entry: Entry): Promise<string> => `## ${entry.name}\n\n${await code(entry)}`

/** The operation that a type belongs to: `CreateKey` of `CreateKeyRequest`. Other names stand alone. */
const subjectOf = ({ name }: Entry): string => name.replace(/(?<=.)(?:Request|Response|Error)$/, "")

const order = (entry: Entry): number => ["Request", "Response", "Error"].findIndex((end) => entry.name.endsWith(end))

/** Request, reply and errors of one operation have a common heading. */
const operationSection = async (subject: string, entries: ReadonlyArray<Entry>): Promise<string> => {
  const sorted = entries.toSorted((left, right) => order(left) - order(right))
  const codes = await Promise.all(sorted.map(code))
  return `## ${subject}\n\n${codes.join("\n")}`
}

/** The sentence at the head of a source file. */
const headOf = (source: string): string =>
  /^\/\*\* ([\s\S]*?) \*\//.exec(read(source))?.[1]?.replaceAll("\n * ", " ") ?? ""

const generated = "Generated from the declarations of the package by `npm run docs`; do not edit."

const firstSentence = (text: string): string => /^[\s\S]*?[.:](?=\s|$)/.exec(text)?.[0].replace(/:$/, ".") ?? text

const sections = async (entries: ReadonlyArray<Entry>): Promise<string> =>
  (await Promise.all(entries.toSorted(byName).map(section))).join("\n")

const elsewhere = (entries: ReadonlyArray<Entry>, anchors: ReadonlyMap<string, string>): string => {
  if (entries.length === 0) return ""
  const rows = entries.toSorted(byName).map((entry) => {
    const link = `${entry.page}.md#${anchors.get(`${entry.page} ${entry.name}`) ?? ""}`
    return `| [\`${entry.name}\`](${link}) | ${withoutTags(firstSentence(aboutOf(entry)).replaceAll("\n", " "))} |`
  })
  return ["## Described on other pages", "", "| name | |", "|---|---|", ...rows, ""].join("\n")
}

interface Described {
  readonly point: EntryPoint
  readonly entries: ReadonlyArray<Entry>
  readonly groups: ReadonlyMap<string, ReadonlyArray<Entry>>
}

const describeAll = (folder: string): ReadonlyArray<Described> => {
  const places: Places = new Map()
  return entryPoints.map((point) => {
    const { declarations, groups } = exportsOf(folder, point.source.replace(/\.ts$/, ".d.ts"))
    const entriesOf = (all: typeof declarations): ReadonlyArray<Entry> =>
      [...all].map((named) => entryOf(places, point.page, named))
    return {
      point,
      entries: entriesOf(declarations),
      groups: new Map([...groups].map(([name, group]) => [name, entriesOf(group.declarations)]))
    }
  })
}

const allEntries = ({ entries, groups }: Described): ReadonlyArray<Entry> => [
  ...entries,
  ...[...groups.values()].flat()
]

/** The entries of each page, without repetition. */
const entriesByPage = (all: ReadonlyArray<Described>): Map<string, ReadonlyArray<Entry>> => {
  const unique = new Map(
    all.flatMap(allEntries).map((entry) => [`${entry.page} ${entry.declarations[0]?.file} ${entry.name}`, entry])
  )
  return Map.groupBy(unique.values(), ({ page }) => page)
}

const typesText = ({ entries, groups }: Described): string => {
  const direct = new Set(entries.map(({ page }) => page).filter((page) => page in titles))
  const lines = [...direct].map((page) => `Every type of [${titles[page]}](${page}.md) is exported under its name.\n`)
  const grouped = [...groups].map(([name, group]) => {
    const { name: example, page } = group.find((entry) => entry.page !== "methods") ?? { name: "", page: "" }
    return `\`${name}\` holds types of [${titles[page]}](${page}.md), such as \`${name}.${example}\`.\n`
  })
  return [...lines, ...grouped].join("\n")
}

const entryPage = async (
  described: Described,
  own: ReadonlyArray<Entry>,
  anchors: ReadonlyMap<string, string>
): Promise<string> => {
  const { point, entries } = described
  const others = entries.filter(({ page }) => page !== point.page && !(page in titles))
  const parts = [
    `# ${point.name}\n`,
    `${generated}\n`,
    `${headOf(point.source)}\n`,
    typesText(described),
    await sections(own),
    elsewhere(others, anchors)
  ]
  return `${parts
    .filter((part) => part !== "")
    .join("\n")
    .trimEnd()}\n`
}

const operationsPage = async (page: string, own: ReadonlyArray<Entry>): Promise<string> => {
  const groups = [...Map.groupBy(own.toSorted(byName), subjectOf)]
  const texts = await Promise.all(groups.map(([subject, entries]) => operationSection(subject, entries)))
  return [`# ${titles[page]}\n`, `${generated}\n`, texts.join("\n")].join("\n")
}

const anchorsOf = (pages: ReadonlyMap<string, ReadonlyArray<Entry>>): ReadonlyMap<string, string> =>
  new Map(
    [...pages].flatMap(([page, entries]) => {
      const anchor = makeAnchors()
      return entries.toSorted(byName).map(({ name }) => [`${page} ${name}`, anchor(name)] as const)
    })
  )

const generateAll = async (): Promise<ReadonlyMap<string, string>> => {
  const all = withDeclarations(
    entryPoints.map(({ source }) => source),
    describeAll
  )
  const pages = entriesByPage(all)
  const anchors = anchorsOf(pages)
  const texts = new Map<string, string>()
  for (const described of all) {
    const { page } = described.point
    texts.set(page, await entryPage(described, pages.get(page) ?? [], anchors))
  }
  for (const page of Object.keys(titles)) texts.set(page, await operationsPage(page, pages.get(page) ?? []))
  return texts
}

let texts: Promise<ReadonlyMap<string, string>> | undefined

/** The declarations are emitted once for all pages. */
const textOf = async (page: string): Promise<string> => {
  texts ??= generateAll()
  return (await texts).get(page) ?? ""
}

/** The files of the library's reference. */
export const libraryPages: ReadonlyArray<readonly [path: string, generate: () => Promise<string>]> = [
  ...entryPoints.map(({ page }) => page),
  ...Object.keys(titles)
].map((page) => [`docs/api/${page}.md`, () => textOf(page)])
