/** Programs and parts made outside the project, with the installed package: they compile and run. */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { languageServer } from "../types/languageServer.ts"
import type { LanguageServer } from "../types/languageServer.ts"
import { programLaws } from "../types/programs.ts"
import { installPackage, ran } from "./installed.ts"
import type { Installed } from "./installed.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
let installed: Installed

const strict = {
  compilerOptions: {
    target: "ES2024",
    lib: ["ES2024", "ESNext.Disposable", "DOM"],
    module: "NodeNext",
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: ["node"]
  },
  include: ["*.ts"]
}

beforeAll(async () => {
  installed = await installPackage()
  const { folder } = installed
  cpSync(join(root, "docs", "examples", "own"), folder, { recursive: true })
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(strict))
  const types = join(folder, "node_modules", "@types")
  mkdirSync(types, { recursive: true })
  if (!existsSync(join(types, "node"))) symlinkSync(join(root, "node_modules", "@types", "node"), join(types, "node"))
  symlinkSync(join(root, "node_modules", "vitest"), join(folder, "node_modules", "vitest"))
})
afterAll(() => installed.remove())

const tsc = join(root, "node_modules", "typescript", "bin", "tsc")

/** A folder of programs next to the others, with one more setting. */
const folderWith = (name: string, setting: object): string => {
  const folder = join(installed.folder, name)
  mkdirSync(folder)
  const compilerOptions = { ...strict.compilerOptions, ...setting }
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...strict, compilerOptions }))
  return folder
}

/**
 * The errors of the compiler, except those in the declarations of XState: version 5.33.3 does not compile
 * with exact optional properties.
 */
const findings = (stdout: string): ReadonlyArray<string> =>
  stdout.split("\n").filter((line) => /\berror TS/.test(line) && !line.includes("node_modules/xstate/"))

/** Every entry point of the package with types, imported whole. */
const entries = (): string => {
  const { exports }: { readonly exports: object } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const names = Object.keys(exports).filter((name) => name !== "./package.json")
  return names.map((name, at) => `export * as entry${at} from "keystate${name.slice(1)}"\n`).join("")
}

describe.each([
  ["optional properties that may be undefined", { exactOptionalPropertyTypes: false }],
  ["exact optional properties", { exactOptionalPropertyTypes: true }]
])("the published types, strict and with %s", (_setting, setting) => {
  let server: LanguageServer
  let folder: string
  beforeAll(async () => {
    folder = folderWith(`exact-${setting.exactOptionalPropertyTypes}`, setting)
    server = await languageServer(folder)
  })
  afterAll(() => server.stop())

  it("the published types compile from every entry point, with every declaration checked", async () => {
    writeFileSync(join(folder, "entries.ts"), entries())
    const { stdout, stderr } = await ran(process.execPath, [tsc, "-p", "."], { cwd: folder })
    expect([stderr, findings(stdout)]).toEqual(["", []])
  })

  programLaws(() => server)
})

describe("custom parts with the published package", () => {
  it("a custom store and provider compile against the published package, with strict settings", async () => {
    const { stdout, code } = await ran(process.execPath, [tsc, "-p", "."], { cwd: installed.folder })
    expect([stdout, code]).toEqual(["", 0])
  })

  it("a custom provider keeps every law of providers and holds the software keys of a service", async () => {
    const { stdout, stderr } = await ran(process.execPath, ["checkProvider.ts"], { cwd: installed.folder })
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^\d\d+ laws kept, 0 broken\naGVsbG8=\n$/)
  })

  it("a custom store keeps every law of stores and holds the keys over a restart", async () => {
    const { stdout, stderr } = await ran(process.execPath, ["checkStore.ts"], { cwd: installed.folder })
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^\d\d+ laws kept, 0 broken\naGVsbG8=\nRejected\.Disabled\nthe file holds the history\n$/)
  })
})
