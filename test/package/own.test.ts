/** Parts made outside the project, from published names only: they compile and keep the laws in an installed package. */
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
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
})
afterAll(() => installed.remove())

describe("parts of one's own, in an empty folder with the published package", () => {
  it("compile with strict settings and every declaration checked", async () => {
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc")
    const { stdout, code } = await ran(process.execPath, [tsc, "-p", "."], { cwd: installed.folder })
    expect([stdout, code]).toEqual(["", 0])
  })

  it("a provider keeps every law of providers and holds the software keys of a service", async () => {
    const { stdout, stderr } = await ran(process.execPath, ["checkProvider.ts"], { cwd: installed.folder })
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^\d\d+ laws kept, 0 broken\naGVsbG8=\n$/)
  })

  it("a store keeps every law of stores and holds the keys of a service over a restart", async () => {
    const { stdout, stderr } = await ran(process.execPath, ["checkStore.ts"], { cwd: installed.folder })
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^\d\d+ laws kept, 0 broken\naGVsbG8=\nRejected\.Disabled\nthe file holds the history\n$/)
  })
})
