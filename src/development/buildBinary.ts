/** `npm run build:binary`: one executable file with Node, the command, the console and the documentation in it. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { buildConsole } from "./buildConsole.ts"
import { bundleWhole } from "./bundleCommand.ts"
import { compressSite } from "./compressSite.ts"
import { noticesName, writeNotices } from "./writeNotices.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")
const at = (...parts: ReadonlyArray<string>): string => join(root, ...parts)
/** `dist/bin/keystate`, or the file in the command's arguments. */
const out = resolve(process.argv[2] ?? at("dist", "bin", "keystate"))

const run = (script: string, ...args: ReadonlyArray<string>): void => {
  execFileSync(process.execPath, [script, ...args], { stdio: "inherit", cwd: root })
}

const filesBelow = (folder: string, name: string): ReadonlyArray<readonly [key: string, path: string]> =>
  readdirSync(join(folder, name), { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, name, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path.slice(folder.length + 1).replaceAll("\\", "/"), path] as const)

const folder = mkdtempSync(join(tmpdir(), "keystate-binary-"))
try {
  await bundleWhole(root, join(folder, "src", "cli"))
  await buildConsole(join(folder, "console"))
  run(at("node_modules", "vitepress", "bin", "vitepress.js"), "build", "docs", "--outDir", join(folder, "docs"))
  compressSite(join(folder, "docs"))
  writeNotices(folder)
  const assets = [...filesBelow(folder, "console"), ...filesBelow(folder, "docs")]
  const config = {
    main: join(folder, "src", "cli", "keystate.js"),
    mainFormat: "module",
    output: out,
    disableExperimentalSEAWarning: true,
    assets: Object.fromEntries([...assets, [noticesName, join(folder, noticesName)]])
  }
  const file = join(folder, "binary.json")
  writeFileSync(file, JSON.stringify(config))
  mkdirSync(dirname(out), { recursive: true })
  execFileSync(process.execPath, ["--build-sea", file], { stdio: "inherit" })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
