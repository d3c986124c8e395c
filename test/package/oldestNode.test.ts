/** The published sources use no feature of JavaScript or Node that is newer than the oldest Node of package.json. */
import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const run = promisify(execFile)

/**
 * A project like this one, with the `@types/node` of Node 22. Every folder and package is a link. `preserveSymlinks`
 * lets packages find their types here.
 */
let place: string
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "keystate-oldest-node-"))
  mkdirSync(join(place, "node_modules", "@types"), { recursive: true })
  const packages = readdirSync(join(root, "node_modules")).filter((name) => !name.startsWith(".") && name !== "@types")
  for (const name of [...packages.map((name) => join("node_modules", name)), "machines", "src", "package.json"]) {
    symlinkSync(join(root, name), join(place, name))
  }
  for (const name of readdirSync(join(root, "node_modules", "@types")).filter((name) => name !== "node")) {
    symlinkSync(join(root, "node_modules", "@types", name), join(place, "node_modules", "@types", name))
  }
  symlinkSync(join(root, "node_modules", "node-22-types"), join(place, "node_modules", "@types", "node"))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

/** What the compiler finds wrong with these files, one finding a line. */
const findings = async (name: string, include: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const settings = {
    extends: join(root, "src", "tsconfig.build.json"),
    compilerOptions: { noEmit: true, preserveSymlinks: true, rootDir: "." },
    include,
    exclude: ["src/development", "src/console/app", "src/console/vite.config.ts"]
  }
  writeFileSync(join(place, `${name}.json`), JSON.stringify(settings))
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc")
  return run(process.execPath, [tsc, "-p", `${name}.json`], { cwd: place, maxBuffer: 2 ** 26 }).then(
    () => [],
    ({ stdout }: { readonly stdout: string }) => stdout.split("\n").filter((line) => line.includes("error TS"))
  )
}

describe("the sources on the oldest Node", () => {
  it("the sources of the package type-check against Node 22", async () => {
    expect(await findings("sources", ["machines", "src"])).toEqual([])
  })

  it("the check against Node 22 accepts what Node 22 has", async () => {
    const file = "probe.ts"
    writeFileSync(
      join(place, file),
      'import { hash } from "node:crypto"\nconsole.log(hash("sha256", ""), [1].values().take(1))\n'
    )
    expect(await findings(file, [file])).toEqual([])
  })
})

const newer = [
  ["Uint8Array.prototype.toBase64", "new Uint8Array(1).toBase64()"],
  ["Uint8Array.fromHex", 'Uint8Array.fromHex("00")'],
  ["Promise.try", "await Promise.try(() => 1)"],
  ["RegExp.escape", 'RegExp.escape("a")'],
  ["Error.isError", "Error.isError(1)"],
  ["Math.sumPrecise", "Math.sumPrecise([1])"],
  ["Map.prototype.getOrInsert", 'new Map<string, string>().getOrInsert("a", "b")'],
  ["Iterator.concat", "Iterator.concat([1])"],
  ["Temporal", "Temporal.Now.instant()"],
  ["Math.f16round", "Math.f16round(1)"],
  ["crypto.argon2Sync", 'import { argon2Sync } from "node:crypto"\nconsole.log(argon2Sync)'],
  ["node:ffi", 'import "node:ffi"']
] as const

describe("features that are newer than Node 22", () => {
  const fileOf = (name: string): string => `newer-${name.replaceAll(/\W/g, "-")}.ts`
  /** One run of the compiler checks all files, because each run reads all types of Node. */
  let found: ReadonlyArray<string>
  beforeAll(async () => {
    for (const [name, code] of newer) writeFileSync(join(place, fileOf(name)), `${code}\nexport {}\n`)
    found = await findings("newer", ["newer-*.ts"])
  })

  it.each(newer)("the check against Node 22 refuses %s", (name) => {
    expect(found.filter((line) => line.includes(`${fileOf(name)}(`))).not.toEqual([])
  })
})
