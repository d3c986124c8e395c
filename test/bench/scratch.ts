/** Temporary folders of the benchmarks, which are deleted at the end. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const made: Array<string> = []

export const scratchDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-bench-"))
  made.push(directory)
  return directory
}

process.on("exit", () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
})
