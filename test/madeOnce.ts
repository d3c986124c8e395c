/** Folders that several test files need: created once, and again when their sources change. */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))

/** Next to the packages, where a new installation deletes it. */
const cache = join(root, "node_modules", ".cache", "keystate-tests")

const filesAt = (path: string): ReadonlyArray<string> =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
        .map((entry) => join(entry.parentPath, entry.name))
        .toSorted()

/** Depends on the name and the content of each file. */
const contentKey = (sources: ReadonlyArray<string>): string => {
  const hash = createHash("sha256").update(process.version)
  for (const file of sources.flatMap((source) => filesAt(join(root, source)))) {
    hash.update(file).update(readFileSync(file))
  }
  return hash.digest("hex").slice(0, 16)
}

const dayMillis = 86_400_000

/** Deletes old folders, except those that a run of today may still use. */
const removeOld = (): void => {
  for (const name of readdirSync(cache)) {
    const age = Date.now() - (statSync(join(cache, name), { throwIfNoEntry: false })?.mtimeMs ?? 0)
    if (age > dayMillis) rmSync(join(cache, name), { recursive: true, force: true })
  }
}

/** The folder of this name, which `make` fills from the source files and folders of this project. */
export const madeOnce = async (
  name: string,
  sources: ReadonlyArray<string>,
  make: (folder: string) => Promise<void>
): Promise<string> => {
  const folder = join(cache, `${name}-${contentKey(sources)}`)
  if (existsSync(folder)) {
    utimesSync(folder, new Date(), new Date())
    return folder
  }
  mkdirSync(cache, { recursive: true })
  removeOld()
  const beside = `${folder}.${process.pid}`
  await make(beside)
  // Another test file may have created the same folder at the same time.
  if (existsSync(folder)) rmSync(beside, { recursive: true })
  else renameSync(beside, folder)
  return folder
}
