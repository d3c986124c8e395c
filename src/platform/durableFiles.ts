/** Writes files completely or not at all, with names that survive a power loss. */
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
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync
} from "node:fs"
import { basename, dirname, join } from "node:path"

/** The system's name of a failure, such as ENOENT. Undefined for any other failure. */
export const codeOf = (failure: unknown): string | undefined =>
  failure instanceof Error && "code" in failure && typeof failure.code === "string" ? failure.code : undefined

/** The entry of a file in a directory is durable after the directory is synced. */
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
 * Creates each missing directory of the path and syncs each parent. Node's own recursive mode loops forever if the
 * system refuses to create one. Another process may create the same directory at the same time. Returns the created
 * directories, outermost first.
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

/** Removes the empty ones of the directories that `makeDirectory` created, for work that came to nothing. */
export const removeEmptyDirectories = (directories: ReadonlyArray<string>): void => {
  for (const directory of directories.toReversed()) {
    try {
      rmdirSync(directory)
    } catch {
      return
    }
  }
}

/** A file is written in a directory of this name beside it, and moved to its own name when it is complete. */
const asideMark = ".new-"
const asideName = /\.new-[A-Za-z0-9]{6}$/

/** Removes the remains of writes to this file by killed processes. */
export const removeLeftovers = (path: string): void => {
  const folder = dirname(path)
  const isLeftover = (name: string): boolean =>
    name.startsWith(`${basename(path)}${asideMark}`) && name.replace(asideName, "") === basename(path)
  const leftovers = readdirSync(folder).filter(isLeftover)
  for (const name of leftovers) rmSync(join(folder, name), { recursive: true, force: true })
  if (leftovers.length > 0) syncDirectory(folder)
}

/** A file that is being written. */
export interface FileInTheMaking {
  /** A private path on the same file system. No file exists there yet. */
  readonly aside: string
  /** Syncs the file and gives it its name. Returns false, and changes nothing, if the name is taken. */
  readonly keep: () => boolean
  /** Removes the remains beside the file. Must be called in the end, after success and failure. */
  readonly discard: () => void
}

/** Begins a new file beside the path. It gets its name when it is complete. */
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

/** Runs `work` with a new file, and removes its remains. */
const withFile = <A>(path: string, work: (file: FileInTheMaking) => A): A => {
  const file = beginFile(path)
  try {
    return work(file)
  } finally {
    file.discard()
  }
}

/** Creates a file that `write` fills. Returns false, and changes nothing, if the name is taken. */
export const makeWhole = (path: string, write: (aside: string) => void): boolean =>
  withFile(path, ({ aside, keep }) => {
    write(aside)
    return keep()
  })

/** Another process that found the name taken may have removed the directory of this one (removeLeftovers). */
const link = (aside: string, path: string): boolean => {
  try {
    linkSync(aside, path)
    return true
  } catch (failure) {
    if (codeOf(failure) === "EEXIST" || (codeOf(failure) === "ENOENT" && existsSync(path))) return false
    throw failure
  }
}

/** The target of the path's symbolic links, or the path itself if no file exists there. */
const targetOf = (path: string): string => (existsSync(path) ? realpathSync(path) : path)

/**
 * Writes a file that a person requested. The old content remains until the new one is complete on disk; mode and
 * symbolic links remain. A special file, such as /dev/null or a pipe, is written directly.
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
