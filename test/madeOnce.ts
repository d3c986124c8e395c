/** Folders that several test files need: created once, and again when their sources change. */
import { createHash } from "node:crypto"
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { fileURLToPath } from "node:url"

export const root = fileURLToPath(new URL("..", import.meta.url))

/** Next to the packages, where a new installation deletes it. */
const cache = join(root, "node_modules", ".cache", "keystate-tests")

/** Files that a build of the documentation writes into its sources. */
const builtDocs = /\.vitepress\/(cache|dist|\.temp)\//

const filesAt = (path: string): ReadonlyArray<string> =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((file) => !builtDocs.test(file))
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

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const takeLock = (lock: string): boolean => {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" })
    return true
  } catch {
    const holder = existsSync(lock) ? readFileSync(lock, "utf8") : ""
    // A killed run leaves its lock behind.
    if (holder !== "" && !isRunning(Number(holder))) rmSync(lock, { force: true })
    return false
  }
}

/** One test file at a time. */
const alone = async <A>(lock: string, work: () => Promise<A>): Promise<A> => {
  while (!takeLock(lock)) await pause(100)
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
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
  return alone(join(cache, `${name}.lock`), async () => {
    // Another test file may have created the folder while this one waited.
    if (existsSync(folder)) return folder
    removeOld()
    const beside = `${folder}.${process.pid}`
    await make(beside)
    renameSync(beside, folder)
    return folder
  })
}
