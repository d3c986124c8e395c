/** A data directory on a read-only file system: a mounted one with permission, and an interposed library. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compile } from "../hsm/compiler.ts"
import { smallDisk } from "./room.ts"

const source = fileURLToPath(new URL("readOnly.c", import.meta.url))

export interface ReadOnlyDisk {
  readonly directory: string
  /** Makes the file system read-only for programs with this environment. */
  readonly protect: () => NodeJS.ProcessEnv
  readonly remove: () => void
}

/** Undefined if this user may not mount a file system. */
export const mountedDisk = (): ReadOnlyDisk | undefined => {
  const disk = smallDisk()
  if (disk === undefined) return undefined
  return {
    ...disk,
    protect: () => {
      disk.readOnly()
      return process.env
    }
  }
}

/** A library that refuses each change of a file in the directory; it needs no permission. */
export const interposedDisk = (): ReadOnlyDisk => {
  const folder = mkdtempSync(join(tmpdir(), "keystate-read-only-"))
  const directory = join(folder, "data")
  return {
    directory,
    protect: () => {
      const library = join(folder, "readOnly.so")
      compile({ source, output: library, definitions: { ROOT: `"${directory}"` }, libraries: ["-ldl"] })
      return { ...process.env, LD_PRELOAD: library }
    },
    remove: () => rmSync(folder, { recursive: true })
  }
}
