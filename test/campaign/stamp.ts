/** The commit, the day and the machine of a measurement. */
import { execFileSync } from "node:child_process"
import { cpus, loadavg } from "node:os"
import { fileURLToPath } from "node:url"

export interface Stamp {
  readonly commit: string
  readonly date: string
  readonly machine: string
}

const root = fileURLToPath(new URL("../..", import.meta.url))

const git = (...words: ReadonlyArray<string>): string =>
  execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim()

/** Of the sources and the load average as they are now: call it before the measurement writes its results. */
export const stampNow = (): Stamp => ({
  commit: git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain") === "" ? "" : ", changed"),
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}, load ${Math.round(loadavg()[0] ?? 0)}`
})
