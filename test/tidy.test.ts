/** The house style, as far as a program can tell: what is found here is mended, not excused. */
import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { vendorOperations } from "../src/operation/catalogue.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

const under = (folder: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name))

const product = [...under("machines"), ...under("src")]
const everything = [...product, ...under("test")].filter((path) => !path.endsWith("tidy.test.ts"))
const textOf = (path: string): string => readFileSync(join(root, path), "utf8")

/** Files that break a rule, each with what was found. */
const breaking = (
  paths: ReadonlyArray<string>,
  rule: RegExp,
  read: (text: string) => string = codeOf
): ReadonlyArray<string> =>
  paths.flatMap((path) => {
    const found = rule.exec(read(textOf(path)))
    return found === null ? [] : [`${path}: ${found[0]}`]
  })

/** What is left when comments are taken away. */
const codeOf = (text: string): string =>
  text
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.trim().startsWith("//"))
    .join("\n")

const linesOfCode = (text: string): number => codeOf(text).split("\n").length

/** A machine is a whole specification and is read from end to end. */
const linesMax = (path: string): number => (path.startsWith("machines/") ? 420 : 250)

describe("every source file", () => {
  it("says in its first line what it is", () => {
    expect(everything.filter((path) => !/^(#![^\n]*\n)?\/\*\*? \S/.test(textOf(path)))).toEqual([])
  })

  it("is short enough to be read at once", () => {
    const long = product.filter((path) => linesOfCode(textOf(path)) > linesMax(path))
    expect(long.map((path) => `${path}: ${linesOfCode(textOf(path))}`)).toEqual([])
  })

  it("leaves nothing for later and silences nobody", () => {
    const later = /\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck|expect-error)|\b(it|describe|test)\.(skip|only|todo)\b/
    expect(breaking(everything, later, String)).toEqual([])
  })

  it("makes no escape from the types", () => {
    expect(breaking(product, /: any\b|\bas any\b|<any>|as unknown as/)).toEqual([])
  })

  it("stands in no folder that means nothing", () => {
    const vague = /(^|\/)(utils?|common|helpers?|shared|lib|core|types|misc)(\/|\.tsx?$)/
    expect(product.filter((path) => vague.test(path))).toEqual([])
  })
})

describe("time, chance and settings", () => {
  it("reach the product by its services and nowhere else", () => {
    // Pages read the browser's own clock; the lifecycle's they are told by the server.
    // SoftHSM is told by the environment where its files are, and so is whoever syncs them.
    const outside =
      /^src\/(cli|development|main\.ts|crypto\/native|crypto\/hsm\/token\/softHsmDisk\.ts|visualizer|console\/app|console\/vite\.config\.ts)/
    const inside = product.filter((path) => !outside.test(path))
    expect(breaking(inside, /\bMath\.random\b|\bDate\.now\b|new Date\(\)|\bprocess\.env\b|\bsetInterval\b/)).toEqual([])
  })

  it("never wait by a machine's own timers", () => {
    expect(breaking(under("machines"), /\bafter: \{/)).toEqual([])
  })
})

describe("tests", () => {
  const tests = under("test").filter((path) => path.endsWith(".test.ts") && !path.endsWith("tidy.test.ts"))

  it("set no time limit of their own: a busy machine would reach it", () => {
    const limit = /\b(t|testT|hookT|setDefaultT)imeout(: |\()[\d_]+|^ *\}, [\d_]{4,}\)$|setConfig\(/m
    expect(breaking(tests, limit)).toEqual([])
  })

  it("listen on no fixed port", () => {
    expect(breaking(tests, /\bport: [1-9]|"--port", "[1-9]|\blisten\([1-9]/)).toEqual([])
  })
})

describe("operations", () => {
  it("of the API have a file each, of their name", () => {
    const files = new Set(under("src/operation").map((path) => basename(path, ".ts")))
    expect(Object.keys(vendorOperations).filter((name) => !files.has(name))).toEqual([])
  })
})
