/** The modules that the command loads before its work: only those of the chosen command. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { bundleCommand } from "../../src/development/bundleCommand.ts"
import { commands } from "../../src/cli/commands.ts"
import { version } from "../../src/domain/version.ts"
import { traced } from "./loadedModules.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const source = join(root, "src/cli/keystate.ts")

/** The rooms of files of this project, and the packages, without duplicates. */
const partsOf = (modules: ReadonlyArray<string>): ReadonlyArray<string> => {
  const parts = modules.map((path) => {
    const [, installed] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
    return installed ?? dirname(path)
  })
  return [...new Set(parts)].sort()
}

/** Everything of Effect and of Node is left out: the command line is built on them. */
const ownPartsOf = (modules: ReadonlyArray<string>): ReadonlyArray<string> =>
  partsOf(modules).filter((part) => part !== "." && part !== "effect" && part !== "@effect/platform-node-shared")

const anyAccessKey = { ALIBABA_CLOUD_ACCESS_KEY_ID: "id", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "secret" }
const nowhere = ["--endpoint", "http://127.0.0.1:1"]
const basis = ["src/cli", "src/cli/output", "src/cli/settings", "src/domain"]
const flags = basis
const calls = [...flags, "src/cli/calls", "src/encoding", "src/platform", "src/wire"].sort()

describe("the command, run from its sources", () => {
  it.each([
    { words: ["--version"], parts: basis },
    { words: ["--help"], parts: basis },
    { words: ["serve", "--help"], parts: [...flags, "src/cli/server"].sort() },
    { words: ["kms", "--help"], parts: calls },
    { words: ["kms", "CreateKey", "--help"], parts: calls },
    { words: ["kms", "ListKeys", ...nowhere], parts: calls },
    { words: ["explain", "--as", "root", "--operation", "ListKeys", ...nowhere], parts: calls },
    { words: ["clock", "show", ...nowhere], parts: calls },
    { words: ["ram", "user", "list", ...nowhere], parts: [...calls, "src/ram"].sort() }
  ])(
    "the command, run from its sources, loads no engine, store, cryptography or drawing for $words",
    async ({ words, parts }) => {
      const { modules } = await traced([source, ...words], anyAccessKey)
      expect(ownPartsOf(modules)).toEqual(parts)
      expect(modules.filter((path) => path === "node:sqlite")).toEqual([])
    }
  )

  it("the command loads the engine to call an operation without a server", async () => {
    const { exit, modules } = await traced([source, "kms", "ListKeys", "--store", "memory"])
    expect([exit, modules.includes("src/main.ts")]).toEqual([0, true])
  })

  it("the help lists every command with its text", async () => {
    const { out } = await traced([source, "--help"])
    const listed = Array.from(out.matchAll(/^ {2}([a-z]+) {2,}(\S.*)$/gm), ([, name, about]) => [name, about])
    const wanted = Object.entries(commands).map(([name, { about }]) => [name, about])
    expect(listed).toEqual(expect.arrayContaining(wanted))
  })

  it("the command loads no other command to complete a word", async () => {
    const { modules, out } = await traced([source, "--complete", "serve", "--deletion-window"])
    expect([out, ownPartsOf(modules)]).toEqual(["--deletion-window-max\n", [...flags, "src/cli/server"].sort()])
  })
})

describe("the bundled command", () => {
  let folder: string
  let cli: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "keystate-bundle-"))
    cli = join(folder, "dist", "src", "cli")
    await bundleCommand(root, cli)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** The bytes of the files of the bundle that a run of the command loads. */
  const loadedBy = async (words: ReadonlyArray<string>) => {
    const { exit, out, modules } = await traced([join(cli, "keystate.js"), ...words], anyAccessKey)
    const files = modules.map((path) => basename(path)).filter((name) => readdirSync(cli).includes(name))
    const bytes = files.reduce((total, name) => total + statSync(join(cli, name)).size, 0)
    return { exit, out, files: files.length, kilobytes: Math.ceil(bytes / 1000) }
  }

  it("the bundled command starts from few files", async () => {
    const { exit, out, files, kilobytes } = await loadedBy(["--version"])
    expect([exit, out]).toEqual([0, `keystate v${version}\n`])
    expect(files).toBeLessThanOrEqual(26)
    expect(kilobytes).toBeLessThanOrEqual(900)
  })

  it("the bundled command loads less than half of its code to call a server", async () => {
    const { files, kilobytes } = await loadedBy(["kms", "ListKeys", ...nowhere])
    expect(files).toBeLessThanOrEqual(45)
    expect(kilobytes).toBeLessThanOrEqual(1100)
  })

  it("the bundled command calls an operation in memory without the packages of the project", async () => {
    const { exit, out } = await loadedBy(["kms", "ListKeys", "--store", "memory"])
    expect([exit, JSON.parse(out)]).toEqual([0, expect.objectContaining({ TotalCount: 0 })])
  })

  it("the bundled command has at most 3 MB, with the licenses of its packages", () => {
    const names = readdirSync(cli)
    const bytes = names.reduce((total, name) => total + statSync(join(cli, name)).size, 0)
    expect(bytes).toBeLessThanOrEqual(3_000_000)
    expect(names).toEqual(expect.arrayContaining(["keystate.js", "worker.js", "elkWorker.js", "licenses.md"]))
  })
})
