/** The reference of the library: every export is found, and every public export needs a comment. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { exportsOf } from "../../src/development/docs/library/declarations.ts"
import { aboutOf, entryPoints, makeAnchors } from "../../src/development/docs/library/pages.ts"

const files: Readonly<Record<string, string>> = {
  "index.d.ts": `/** The file. */
import type { Hidden } from "./other.ts";
export { first as renamed, Hidden } from "./other.ts";
export type { Hidden as Again };
export type * from "./all.ts";
export type * as Group from "./all.ts";
/** A constant. */
export declare const one: (a: number) => string;
/** A type of the same name. */
export type one = string;
export declare const silent: number;
declare const unexported: number;
`,
  "other.d.ts": `/** The file. */
/** The first. */
export declare const first = 1;
/**
 * Two lines,
 * of which this is the second.
 */
export interface Hidden {
    readonly a: number;
}
`,
  "all.d.ts": "/** The file, not the type. */\nexport type A = 1;\n"
}

describe("exports of a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "keystate-exports-"))
  beforeAll(() => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it("exportsOf finds a file's declarations and its re-exports, under their public names", () => {
    const { declarations, groups } = exportsOf(folder, "index.d.ts")
    expect([...declarations.keys()].toSorted()).toEqual(["A", "Again", "Hidden", "one", "renamed", "silent"])
    expect(declarations.get("renamed")).toMatchObject([{ name: "first", about: "The first.", file: "other.d.ts" }])
    expect(declarations.get("Again")).toMatchObject([{ about: "Two lines,\nof which this is the second." }])
    expect(declarations.get("one")?.map(({ kind, text }) => [kind, text])).toEqual([
      ["constant", "const one: (a: number) => string;"],
      ["type", "type one = string;"]
    ])
    expect([...(groups.get("Group")?.declarations.keys() ?? [])]).toEqual(["A"])
  })

  it("aboutOf requires a comment of each export, and the comment of the file does not count", () => {
    const { declarations } = exportsOf(folder, "index.d.ts")
    for (const name of ["silent", "A"]) {
      const entry = { name, declarations: declarations.get(name) ?? [], page: "" }
      expect(() => aboutOf(entry)).toThrow(`${name} of`)
    }
  })

  it("exportsOf fails for an export whose declaration is not found", () => {
    writeFileSync(join(folder, "broken.d.ts"), 'export { absent } from "./all.ts";\n')
    expect(() => exportsOf(folder, "broken.d.ts")).toThrow("absent, whose declaration is not found")
  })
})

describe("the reference of the library", () => {
  it("the library reference has a page for each entry point, linked from docs/library.md", () => {
    const manifest: unknown = JSON.parse(readFileSync("package.json", "utf8"))
    const listed = Object.keys(Object(Reflect.get(Object(manifest), "exports"))).filter(
      (name) => name !== "./package.json"
    )
    expect(entryPoints.map(({ name }) => name.replace(/^keystate/, "."))).toEqual(listed)
    const library = readFileSync("docs/library.md", "utf8")
    for (const { page } of entryPoints) expect(library).toContain(`(api/${page}.md)`)
  })

  it("makeAnchors numbers a heading that occurs twice", () => {
    const anchor = makeAnchors()
    expect(["Law", "law", "laws"].map(anchor)).toEqual(["law", "law-1", "laws"])
  })
})
