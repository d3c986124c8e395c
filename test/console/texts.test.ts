/** The texts of the console: each is in the catalogue, and the translation says what the English text says. */
import { globSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseSync } from "oxc-parser"
import { describe, expect, it } from "vitest"
import { invariants } from "../../machines/invariants.ts"
import { wayBack } from "../../machines/permits.ts"
import { languageOf } from "../../src/console/app/text/language.ts"
import { zh } from "../../src/console/app/text/zh.ts"
import { access } from "../../src/console/app/text/zh/access.ts"
import { keyHistory } from "../../src/console/app/text/zh/keyHistory.ts"
import { keyPage } from "../../src/console/app/text/zh/keyPage.ts"
import { keys } from "../../src/console/app/text/zh/keys.ts"
import { machines } from "../../src/console/app/text/zh/machines.ts"
import { pages } from "../../src/console/app/text/zh/pages.ts"
import { frame } from "../../src/console/app/text/zh/frame.ts"
import { knownMachines } from "../../src/visualizer/drawings.ts"

const app = fileURLToPath(new URL("../../src/console/app/", import.meta.url))

/** Every file of the pages, without the catalogue itself. */
const files = globSync("**/*.{ts,tsx}", { cwd: app }).filter((path) => !path.startsWith("text/"))
const sourceOf = (path: string): string => readFileSync(`${app}${path}`, "utf8")

const catalogue: Readonly<Record<string, string>> = zh

/** Names, and words of protocols and tools. They are the same in every language. */
const names: ReadonlySet<string> = new Set([
  "Keystate",
  "HTTP",
  "· HTTP",
  "Ctrl",
  "Ctrl K",
  "CLI",
  "curl",
  "TypeScript",
  "0 UTC",
  "0 UTC0"
])

/** Files that write commands and programs for a person to copy, and the ids of the sandbox. */
const codeFiles: ReadonlySet<string> = new Set(["keyPage/commands.ts", "pages/sandboxExport.ts", "pages/sandboxKey.ts"])
/** Commands, selectors and media queries. */
const isCode = (text: string): boolean => /^(openssl |keystate |-pkeyopt |:is\(|button, |\(prefers-)/.test(text)

/** Attributes that a person reads or hears. */
const spoken = /^(aria-label|aria-description|aria-valuetext|title|placeholder|alt|label|hint|word|what|empty|none)$/
/** Attributes and members whose texts only the program reads. */
const unspoken = /^(className|key|id|also|style|accept)$/

const hasWords = (text: string): boolean => /\p{L}{2}/u.test(text)
/** Two words in a row. */
const isProse = (text: string): boolean => /\p{L}{2,}[,.:;…’”)]* [(“]?\p{L}/u.test(text)

type Node = Readonly<Record<string, unknown>>
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null
const textIn = (value: unknown): string => (typeof value === "string" ? value : "")
const nodeAt = (node: Node, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((found, name) => (isNode(found) ? found[name] : undefined), node)

/** A template with `0` for each value. */
const templateText = (node: Node): string => {
  const quasis: ReadonlyArray<unknown> = Array.isArray(node["quasis"]) ? node["quasis"] : []
  return quasis.map((quasi) => (isNode(quasi) ? textIn(nodeAt(quasi, "value", "cooked")) : "")).join("0")
}

/** A word beside a value, such as `keys` in `${count} keys`. */
const hasWordBesideValue = (text: string): boolean => /(^|0 )\p{L}{2,}( 0|$)/u.test(text)

interface Found {
  /** Texts that are shown as they are: between tags, and in attributes. */
  readonly shown: Array<string>
  /** Other texts of two words and more. Tables hold them as keys of the catalogue. */
  readonly held: Array<string>
  /** English texts for one thing, which stand beside their catalogued plural. */
  readonly singular: Set<string>
}

const nameOf = (node: Node): string => textIn(nodeAt(node, "name", "name")) || textIn(nodeAt(node, "key", "name"))

/** Parts of a program that hold no text of a page. */
const isSkipped = (node: Node): boolean => {
  const kind = textIn(node["type"])
  if (/^(Import|Export(All|Named))/.test(kind)) return isNode(node["source"])
  if (kind === "JSXAttribute" || kind === "Property") return unspoken.test(nameOf(node))
  if (kind === "JSXElement") return /^(code|pre)$/.test(textIn(nodeAt(node, "openingElement", "name", "name")))
  return kind === "NewExpression" && textIn(nodeAt(node, "callee", "name")) === "Error"
}

const shownIn = (node: Node): string => {
  if (node["type"] === "JSXText") return textIn(node["value"])
  return node["type"] === "JSXAttribute" && spoken.test(nameOf(node)) ? textIn(nodeAt(node, "value", "value")) : ""
}

const heldIn = (node: Node): string => {
  if (node["type"] === "Literal") return isProse(textIn(node["value"])) ? textIn(node["value"]) : ""
  if (node["type"] !== "TemplateLiteral") return ""
  const text = templateText(node)
  return isProse(text) || hasWordBesideValue(text) ? text : ""
}

const visit = (value: unknown, found: Found): void => {
  if (Array.isArray(value)) for (const one of value) visit(one, found)
  if (!isNode(value) || Array.isArray(value) || isSkipped(value)) return
  if (value["type"] === "Property" && nameOf(value) === "one") {
    found.singular.add(textIn(nodeAt(value, "value", "value")))
  }
  if (hasWords(shownIn(value))) found.shown.push(shownIn(value))
  if (heldIn(value) !== "") found.held.push(heldIn(value))
  const isPair = value["type"] === "Property"
  for (const [name, part] of Object.entries(value)) if (!isPair || name === "value") visit(part, found)
}

const inOneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

/** Texts that a page would show in English in every language. */
const strayTexts = (path: string, source: string): ReadonlyArray<string> => {
  const found: Found = { shown: [], held: [], singular: new Set() }
  visit(parseSync(path, source).program, found)
  const isHeld = (text: string): boolean =>
    Object.hasOwn(catalogue, text) || found.singular.has(text) || names.has(text) || isCode(text)
  const stray = [
    ...found.shown.map(inOneLine).filter((text) => !names.has(text)),
    ...found.held.filter((text) => !isHeld(text))
  ]
  return [...new Set(stray)].map((text) => `${path}: ${text}`)
}

const placeholdersIn = (text: string): ReadonlyArray<string> =>
  [...new Set([...text.matchAll(/\{(\w+)\}|<\/?b>/g)].map(([all]) => all))].toSorted()

describe("a text of the console", () => {
  it("every text of a page is in the catalogue", () => {
    expect(files.length).toBeGreaterThan(90)
    const pagesFiles = files.filter((path) => !codeFiles.has(path))
    expect(pagesFiles.flatMap((path) => strayTexts(path, sourceOf(path)))).toEqual([])
  })

  it.each([
    ["between tags", "export const A = () => <p>A new sentence.</p>"],
    ["between a tag and a value", "export const A = ({ b }) => <p>{b} keys</p>"],
    ["in a label", 'export const A = () => <button aria-label="Close" />'],
    ["in a placeholder", 'export const A = () => <input placeholder="Alias" />'],
    ["in a property of a part", 'export const A = () => <Field label="Alias" />'],
    ["in a table", 'export const words = [["a", "Every second day"]]'],
    ["in a template", "export const said = (count: number) => `${count} keys of ${count}`"]
  ])("the search finds a text outside the catalogue %s", (_where, source) => {
    expect(strayTexts("a.tsx", source)).toHaveLength(1)
  })
})

describe("the Chinese catalogue", () => {
  it("each translation has the placeholders and the bold words of its English text", () => {
    for (const [text, translation] of Object.entries(catalogue)) {
      expect(placeholdersIn(translation), text).toEqual(placeholdersIn(text))
      expect(translation.trim(), text).not.toBe("")
    }
  })

  it("the catalogue has no text twice, and none that no page uses", () => {
    const parts = [frame, pages, keys, keyPage, keyHistory, access, machines]
    const count = parts.reduce((sum, part) => sum + Object.keys(part).length, 0)
    expect(count).toBe(Object.keys(catalogue).length)
    const sources = [...files, "text/text.ts", "../../../machines/permits.ts"].map(sourceOf).join("\n")
    const ofMachines = new Set(machineTexts())
    const unused = Object.keys(catalogue).filter(
      (text) => !sources.includes(JSON.stringify(text)) && !ofMachines.has(text)
    )
    expect(unused).toEqual([])
  })

  it("the catalogue has every title, guard, invariant and way back of the machines", () => {
    expect(machineTexts().filter((text) => !Object.hasOwn(catalogue, text))).toEqual([])
  })
})

const machineTexts = (): ReadonlyArray<string> => {
  const lines = Object.values(knownMachines).flatMap(({ drawing }) => drawing.edges.flatMap((edge) => edge.lines))
  return [
    ...Object.values(knownMachines).map(({ title }) => title),
    ...lines.map(({ guard }) => guard).filter((guard) => guard !== null),
    ...invariants.map(({ sentence }) => sentence),
    wayBack.Enabled,
    wayBack.Deleted
  ]
}

describe("the language of a browser that made no choice", () => {
  it.each([
    [["zh-CN", "zh", "en"], "zh-CN"],
    [["zh-Hans-SG"], "zh-CN"],
    [["fr-FR", "zh-TW"], "zh-CN"],
    [["en-GB", "zh-CN"], "en"],
    [["de-DE"], "en"],
    [[], "en"]
  ] as const)("a browser with the languages %j begins in %s", (wanted, language) => {
    expect(languageOf(wanted)).toBe(language)
  })
})
