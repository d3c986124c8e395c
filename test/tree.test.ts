/** The repository contains its sources, and no files of tools or test runs. */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { strayFiles } from "./tree.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

/** `safe.directory` lets git read a checkout that belongs to another user. */
const git = (...args: ReadonlyArray<string>): ReadonlyArray<string> =>
  execFileSync("git", ["-c", "safe.directory=*", ...args], { cwd: root, encoding: "utf8", maxBuffer: 2 ** 26 })
    .split(/[\0\n]/)
    .filter((path) => path !== "")

const bytesOf = (path: string): number => statSync(join(root, path)).size

const reasonFor = (path: string, bytes = 100): ReadonlyArray<string> => strayFiles([{ path, bytes }])

describe("the repository", () => {
  it("the repository contains no stray, generated or oversized file", () => {
    const tracked = git("ls-files", "-z").filter((path) => existsSync(join(root, path)))
    expect(tracked.length).toBeGreaterThan(500)
    expect(strayFiles(tracked.map((path) => ({ path, bytes: bytesOf(path) })))).toEqual([])
  })

  it("every script of package.json runs files that exist", () => {
    const scripts = Object.values<string>(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts)
    const files = scripts.flatMap((script) => [...script.matchAll(/\bnode (\S+)/g)].map(([, path = ""]) => path))
    expect(files.length).toBeGreaterThan(20)
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it("git ignores every folder that the commands and the tests write", () => {
    const written = ["keystate-failures/a.json", ".keystate/keystate.db", ".keystate-hsm/token", "dist/a.js", "a.log"]
    expect(git("check-ignore", "--no-index", ...written)).toEqual(written)
  })
})

describe("strayFiles", () => {
  it.each([
    "keystate-failures/KMS-AL-005.json",
    "keystate-failures/KMS-AL-005.test.ts",
    "npm-debug.log",
    "test/cli/commandLine.test.ts.orig",
    "src/kms.ts.rej",
    "dist/src/index.js",
    "src/dist/index.ts",
    ".keystate/keystate.db",
    ".keystate/root.key",
    "src/.keystate/root.key",
    "report.json",
    "junit.xml",
    "docs/report.html",
    "docs/examples/report.json",
    "test/KMS-AL-005.test.ts",
    "test/console/__screenshots__/a.png",
    "test/a.test.ts.snap",
    "src/kms.js",
    "src/operation/createKey.md",
    "keystate-0.1.0.tgz",
    "core",
    "seed.json",
    "cmk.svg",
    "docs/.DS_Store",
    ".env",
    ".ci/notes.md"
  ])("strayFiles refuses %s", (path) => {
    expect(reasonFor(path)).toEqual([`${path}: no rule of test/tree.ts allows it`])
  })

  it.each([
    "README.md",
    ".ci/run",
    "machines/cmk.ts",
    "src/operation/keys/CreateKey.ts",
    "src/console/app/pages/key.tsx",
    "docs/decisions/0001-dependencies.md",
    "test/hsm/smModule.c"
  ])("strayFiles allows %s", (path) => {
    expect(reasonFor(path)).toEqual([])
  })

  it("strayFiles refuses a file above the limit", () => {
    expect(reasonFor("src/kms.ts", 153_601)).toEqual(["src/kms.ts: 153601 bytes, more than 153600"])
  })
})
