/** Builds the published files: JavaScript and types by tsc, console and bundled command by vite, and the launcher. */
import { execFileSync } from "node:child_process"
import { chmodSync, copyFileSync, rmSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { buildConsole } from "./buildConsole.ts"
import { bundleCommand } from "./bundleCommand.ts"
import { compressSite } from "./compressSite.ts"
import { writeNotices } from "./writeNotices.ts"

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")
const at = (...parts: ReadonlyArray<string>): string => join(root, ...parts)
/** `dist`, or the folder in the command's arguments. */
const out = resolve(process.argv[2] ?? at("dist"))

const run = (script: string, ...args: ReadonlyArray<string>): void => {
  execFileSync(process.execPath, [script, ...args], { stdio: "inherit", cwd: root })
}

rmSync(out, { recursive: true, force: true })
run(at("node_modules", "typescript", "bin", "tsc"), "-p", at("src", "tsconfig.build.json"), "--outDir", out)
await buildConsole(join(out, "console"))
run(at("node_modules", "vitepress", "bin", "vitepress.js"), "build", "docs", "--outDir", join(out, "docs"))
compressSite(join(out, "docs"))
await bundleCommand(root, join(out, "src", "cli"))
writeNotices(out)
copyFileSync(at("src", "cli", "launcher.cjs"), join(out, "src", "cli", "launcher.cjs"))
chmodSync(join(out, "src", "cli", "launcher.cjs"), 0o755)
