/** Builds the console before a start from a clone, if it is not there or older than what it is made of. */
import { existsSync, readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "vite"

const root = fileURLToPath(new URL("../..", import.meta.url))
const made = join(root, "dist", "console", "index.html")

const newest = (folder: string): number =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)

const isStale = (): boolean =>
  !existsSync(made) || ["machines", "src"].some((folder) => newest(folder) > statSync(made).mtimeMs)

if (isStale()) {
  process.stderr.write("keystate: building the web console, once\n")
  await build({ configFile: join(root, "src", "console", "vite.config.ts") })
}
