/** System packages that development and tests need, installed from Debian where that is allowed. */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** One installation at a time, for tests that start together. Waits for Debian's own lock too. */
const aptGet = (...words: ReadonlyArray<string>): void => {
  const lock = join(tmpdir(), "keystate-apt.lock")
  execFileSync("flock", [lock, "apt-get", "-o", "DPkg::Lock::Timeout=300", "-y", ...words], { stdio: "ignore" })
}

/** A new machine has no package lists yet, and an old machine has outdated ones. */
const install = (packages: ReadonlyArray<string>): void => {
  try {
    aptGet("install", ...packages)
  } catch {
    aptGet("update")
    aptGet("install", ...packages)
  }
}

const mayInstall = (): boolean => process.getuid?.() === 0 && existsSync("/etc/debian_version")

/**
 * Finds a system part, and installs its packages first where that is allowed. Otherwise returns a sentence that says
 * how.
 */
export const fromDebian = <A>(part: {
  readonly name: string
  readonly packages: ReadonlyArray<string>
  readonly look: () => A | undefined
}): A => {
  const known = part.look()
  if (known !== undefined) return known
  try {
    if (mayInstall()) install(part.packages)
  } catch {
    // The sentence below says this.
  }
  const now = part.look()
  if (now !== undefined) return now
  throw new Error(`${part.name} is not installed: sudo apt-get install ${part.packages.join(" ")}, then try again.`)
}

/** The first of these files that exists. */
export const firstOf = (paths: ReadonlyArray<string | undefined>): string | undefined =>
  paths.find((path) => path !== undefined && path !== "" && existsSync(path))
