/** Syncs the files of SoftHSM, which writes objects without a sync. Other tokens do this themselves. */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"

const nothing = { sync: (): void => {} }

const settingsFile = (): string => process.env["SOFTHSM2_CONF"] ?? "/etc/softhsm/softhsm2.conf"

const tokenDirectory = (): string | undefined => {
  const settings = readFileSync(settingsFile(), "utf8")
  return /^\s*directories\.tokendir\s*=\s*(.+?)\s*$/m.exec(settings)?.[1]
}

/** A file that was removed in between needs no sync; its directory gets one. */
const syncPath = (path: string): void => {
  if (!existsSync(path)) return
  const file = openSync(path, "r")
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Files with the time of their last write, in nanoseconds. */
const writtenIn = (directory: string): ReadonlyMap<string, bigint> => {
  const written = new Map<string, bigint>()
  for (const token of readdirSync(directory, { withFileTypes: true })) {
    if (!token.isDirectory()) continue
    const at = join(directory, token.name)
    for (const name of readdirSync(at)) {
      const stat = statSync(join(at, name), { bigint: true, throwIfNoEntry: false })
      if (stat !== undefined && !name.endsWith(".lock")) written.set(join(at, name), stat.mtimeNs)
    }
  }
  return written
}

/**
 * Records the state of the files. `sync` then syncs those written since, and directories with added or removed files.
 */
export const softHsmDisk = (manufacturer: string): { readonly sync: () => void } => {
  if (!manufacturer.startsWith("SoftHSM")) return nothing
  const directory = tokenDirectory()
  if (directory === undefined) throw new Error("SoftHSM's settings name its directory of tokens")
  const before = writtenIn(directory)
  return {
    sync: () => {
      const after = writtenIn(directory)
      for (const [path, at] of after) if (before.get(path) !== at) syncPath(path)
      for (const token of readdirSync(directory, { withFileTypes: true })) {
        if (token.isDirectory()) syncPath(join(directory, token.name))
      }
    }
  }
}
