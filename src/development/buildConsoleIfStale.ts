/** Builds the console before a start from a clone, if it is missing or older than its sources. */
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildConsole } from "./buildConsole.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const made = join(root, "dist", "console")

const newest = (folder: string): number =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((latest, entry) => Math.max(latest, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0)

/** The sources of the pages; the server's own files do not count. */
const sources = ["machines", "src/console", "src/visualizer", "src/domain", "src/encoding"]

const isStale = (): boolean => {
  const page = join(made, "index.html")
  return !existsSync(page) || sources.some((folder) => newest(folder) > statSync(page).mtimeMs)
}

/**
 * Builds in a neighbouring folder and then moves it. A server that starts during the build finds the old or the new
 * console.
 */
const build = async (): Promise<void> => {
  const beside = `${made}.${process.pid}`
  await buildConsole(beside)
  rmSync(made, { recursive: true, force: true })
  renameSync(beside, made)
}

if (isStale()) {
  process.stderr.write("keystate: building the web console\n")
  try {
    await build()
  } catch (failed) {
    // The service runs without the console. Print why it is missing.
    process.stderr.write(
      `keystate: the web console was not built: ${failed instanceof Error ? failed.message : "unknown"}\n`
    )
  }
}
