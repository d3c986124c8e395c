/** The bundle of the single executable, and the licenses of what is in each bundle. `npm run package:check` builds the executable. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { isBuiltin } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseSync } from "oxc-parser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { buildConsole } from "../../src/development/buildConsole.ts"
import { bundleWhole, outside } from "../../src/development/bundleCommand.ts"
import { noticesFile, noticesOf, packagesOf } from "../../src/development/notices.ts"
import { root } from "../madeOnce.ts"

const folder = mkdtempSync(join(tmpdir(), "keystate-one-file-"))
const commandFolder = join(folder, "command")
const file = join(commandFolder, "keystate.js")
const consoleFolder = join(folder, "console")
beforeAll(async () => {
  await bundleWhole(root, commandFolder)
  await buildConsole(consoleFolder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The names that a bundle imports literally. */
const importsOf = (text: string): ReadonlyArray<string> => {
  const { module } = parseSync("keystate.js", text)
  const fixed = module.staticImports.map(({ moduleRequest }) => moduleRequest.value)
  const later = module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) =>
    [...text.slice(start, end).matchAll(/^["'`](.*)["'`]$/g)].map(([, name = ""]) => name)
  )
  return [...fixed, ...later]
}

describe("the bundle of the single executable", () => {
  it("the bundle of the single executable is one file that imports only Node and optional packages", () => {
    const names = importsOf(readFileSync(file, "utf8"))
    expect(readdirSync(commandFolder).toSorted()).toEqual(["keystate.js", noticesFile])
    expect(names).toContain("node:http")
    expect(names.filter((name) => !isBuiltin(name) && !outside.includes(name))).toEqual([])
  })

  it("the single executable runs a command without a file beside the binary", () => {
    const drawn = execFileSync(process.execPath, [file, "diagram", "cmk"], { cwd: commandFolder, encoding: "utf8" })
    expect(drawn).toContain("stateDiagram-v2")
  })
})

describe("the licenses", () => {
  it("the licenses name the packages of the command and of the console, with their texts", () => {
    const command = readFileSync(join(commandFolder, noticesFile), "utf8")
    const console = readFileSync(join(consoleFolder, noticesFile), "utf8")
    for (const name of ["effect", "xstate", "@noble/curves"])
      expect(command).toMatch(new RegExp(`^## ${name} \\d`, "m"))
    expect(console).toMatch(/^## react-dom \d[\d.]+\n\nLicense: MIT\n\n {4}MIT License/m)
  })

  it("the licenses list each package once, and fail for a package without a license", () => {
    const module = (path: string): string => join(root, "node_modules", path)
    const found = packagesOf([
      module("effect/dist/Effect.js"),
      module("effect/dist/Cause.js"),
      join(root, "src/kms.ts")
    ])
    expect(found).toMatchObject([{ name: "effect", license: "MIT" }])
    expect(() => noticesOf([{ name: "bare", version: "1", license: "", text: "" }])).toThrow("bare names no license")
  })
})
