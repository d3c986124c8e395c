/** Files that appear whole or not at all, and names that survive a power loss. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { basename, dirname, join } from "node:path"

/** The system's name of a failure, such as ENOENT. Undefined for any other failure. */
export const codeOf = (failure: unknown): string | undefined =>
  failure instanceof Error && "code" in failure && typeof failure.code === "string" ? failure.code : undefined

/** A name in a directory is durable once the directory is synced. */
export const syncDirectory = (path: string): void => {
  const directory = openSync(path, "r")
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

const syncFile = (path: string): void => {
  const file = openSync(path, "r+")
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/**
 * Makes each missing directory of the path, one by one, and syncs each parent. Node's own recursion never ends where the
 * system lets none be made. Another process may make the same directory at the same time.
 */
export const makeDirectory = (path: string, mode: number): void => {
  if (existsSync(path)) return
  makeDirectory(dirname(path), mode)
  try {
    mkdirSync(path, { mode })
  } catch (failure) {
    if (codeOf(failure) !== "EEXIST") throw failure
  }
  syncDirectory(dirname(path))
}

/** A file is written in a directory of this name beside it, and moved to its own name when it is whole. */
const asideMark = ".new-"
const asideName = /\.new-[A-Za-z0-9]{6}$/

/** Removes what writes of this file left behind when their process was killed. */
export const removeLeftovers = (path: string): void => {
  const folder = dirname(path)
  const isLeftover = (name: string): boolean =>
    name.startsWith(`${basename(path)}${asideMark}`) && name.replace(asideName, "") === basename(path)
  const leftovers = readdirSync(folder).filter(isLeftover)
  for (const name of leftovers) rmSync(join(folder, name), { recursive: true, force: true })
  if (leftovers.length > 0) syncDirectory(folder)
}

/** Runs `work` with a private path beside `path`, on the same file system, and removes what is left there. */
const withAside = <A>(path: string, work: (aside: string) => A): A => {
  const folder = mkdtempSync(`${path}${asideMark}`)
  try {
    return work(join(folder, basename(path)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Makes a new file: `write` fills it beside the path, then it gets its name. Answers false, and changes nothing, if the
 * name is taken by then.
 */
export const makeWhole = (path: string, write: (aside: string) => void): boolean =>
  withAside(path, (aside) => {
    write(aside)
    syncFile(aside)
    const named = link(aside, path)
    syncDirectory(dirname(path))
    return named
  })

/** A process that found the name taken may have removed the directory of this one (removeLeftovers). */
const link = (aside: string, path: string): boolean => {
  try {
    linkSync(aside, path)
    return true
  } catch (failure) {
    if (codeOf(failure) === "EEXIST" || (codeOf(failure) === "ENOENT" && existsSync(path))) return false
    throw failure
  }
}

/** What a path leads to through symbolic links, or the path itself if nothing is there. */
const targetOf = (path: string): string => (existsSync(path) ? realpathSync(path) : path)

/**
 * Writes a file that people asked for. The old content stays until the new is whole on the disk; mode and symbolic links
 * stay. What is no plain file, such as /dev/null or a pipe, is written to directly.
 */
export const writeWhole = (path: string, content: string | Uint8Array): void => {
  const target = targetOf(path)
  const mode = existsSync(target) ? statSync(target).mode & 0o7777 : undefined
  if (mode !== undefined && !statSync(target).isFile()) return writeFileSync(target, content)
  withAside(target, (aside) => {
    writeFileSync(aside, content)
    if (mode !== undefined) chmodSync(aside, mode)
    syncFile(aside)
    renameSync(aside, target)
    syncDirectory(dirname(target))
  })
  return removeLeftovers(target)
}
