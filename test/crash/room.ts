/** Places that run out of room: a small file system, and a process with a limited file size. */
import { execFileSync } from "node:child_process"
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Room {
  readonly cause: RegExp
  /** The path of the data directory. */
  readonly directory: string
  readonly fill: () => void
  readonly free: () => void
  readonly remove: () => void
}

const scratch = (): string => mkdtempSync(join(tmpdir(), "keystate-room-"))

/** A small file system in memory. Undefined if this user may not mount one. */
export const smallDisk = (): (Room & { readonly readOnly: () => void }) | undefined => {
  const mount = scratch()
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16m", "tmpfs", mount], { stdio: "ignore" })
  } catch {
    rmSync(mount, { recursive: true })
    return undefined
  }
  const ballast = join(mount, "ballast")
  return {
    cause: /disk of the data directory is full/,
    directory: join(mount, "data"),
    fill: () => {
      const file = openSync(ballast, "w")
      try {
        for (;;) writeSync(file, new Uint8Array(4096))
      } catch {
        closeSync(file)
      }
    },
    free: () => rmSync(ballast, { force: true }),
    readOnly: () => execFileSync("mount", ["-o", "remount,ro", mount]),
    remove: () => {
      execFileSync("umount", ["--lazy", mount])
      rmSync(mount, { recursive: true })
    }
  }
}

const limit = (bytes: string): void => {
  execFileSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:`])
}

/** A limit on the size of files that this process writes, so the log cannot grow. */
export const limitedProcess = (): Room => {
  const folder = scratch()
  const directory = join(folder, "data")
  mkdirSync(directory, { mode: 0o700 })
  return {
    cause: /reached the largest size that this process may write/,
    directory,
    fill: () =>
      limit(String(Math.max(statSync(join(directory, "keystate.db-wal"), { throwIfNoEntry: false })?.size ?? 1, 1))),
    free: () => limit("unlimited"),
    remove: () => rmSync(folder, { recursive: true })
  }
}
