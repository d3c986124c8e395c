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
 * system lets none be made. Another process may make the same directory at the same time. Answers what was made, outermost
 * first.
 */
export const makeDirectory = (path: string, mode: number): ReadonlyArray<string> => {
  if (existsSync(path)) return []
  const above = makeDirectory(dirname(path), mode)
  try {
    mkdirSync(path, { mode })
  } catch (failure) {
    if (codeOf(failure) === "EEXIST") return above
    throw failure
  }
  syncDirectory(dirname(path))
  return [...above, path]
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

/** A file in the making. */
export interface FileInTheMaking {
  /** A private path beside the file's own, on the same file system. Nothing is there yet. */
  readonly aside: string
  /** Syncs the file and gives it its name. Answers false, and changes nothing, if the name is taken by then. */
  readonly keep: () => boolean
  /** Removes what is left beside the file. To be called in the end, whatever happened. */
  readonly discard: () => void
}

/** Begins a new file that is filled beside the path, and gets its name when it is whole. */
export const beginFile = (path: string): FileInTheMaking => {
  const folder = mkdtempSync(`${path}${asideMark}`)
  const aside = join(folder, basename(path))
  return {
    aside,
    keep: () => {
      syncFile(aside)
      const named = link(aside, path)
      syncDirectory(dirname(path))
      return named
    },
    discard: () => rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs `work` with a file in the making, and removes what is left of it. */
const withFile = <A>(path: string, work: (file: FileInTheMaking) => A): A => {
  const file = beginFile(path)
  try {
    return work(file)
  } finally {
    file.discard()
  }
}

/** Makes a new file that `write` fills. Answers false, and changes nothing, if the name is taken by then. */
export const makeWhole = (path: string, write: (aside: string) => void): boolean =>
  withFile(path, ({ aside, keep }) => {
    write(aside)
    return keep()
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
  withFile(target, ({ aside }) => {
    writeFileSync(aside, content)
    if (mode !== undefined) chmodSync(aside, mode)
    syncFile(aside)
    renameSync(aside, target)
    syncDirectory(dirname(target))
  })
  return removeLeftovers(target)
}
