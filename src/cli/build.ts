/** Builds what is published: JavaScript and types by tsc, and the launcher beside them. */
import { execFileSync } from "node:child_process"
import { chmodSync, copyFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")
const at = (...parts: ReadonlyArray<string>): string => join(root, ...parts)

rmSync(at("dist"), { recursive: true, force: true })
execFileSync(
  process.execPath,
  [at("node_modules", "typescript", "bin", "tsc"), "-p", at("src", "tsconfig.build.json")],
  {
    stdio: "inherit",
    cwd: root
  }
)
execFileSync(
  process.execPath,
  [at("node_modules", "vite", "bin", "vite.js"), "build", "-c", at("src", "console", "vite.config.ts")],
  {
    stdio: "inherit",
    cwd: root
  }
)
copyFileSync(at("src", "cli", "launcher.cjs"), at("dist", "src", "cli", "launcher.cjs"))
chmodSync(at("dist", "src", "cli", "launcher.cjs"), 0o755)
