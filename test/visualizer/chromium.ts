/** The browser the tests look with: Debian's Chromium, installed where that is allowed, or a sentence that says how. */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium } from "playwright-core"
import type { Browser } from "playwright-core"

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]

const installed = (): string | undefined =>
  [process.env["KEYSTATE_CHROMIUM"], ...places].find((path) => path !== undefined && existsSync(path))

const aptGet = (...words: ReadonlyArray<string>): void => {
  const lock = join(tmpdir(), "keystate-apt.lock")
  execFileSync("flock", [lock, "apt-get", "-o", "DPkg::Lock::Timeout=120", "-y", ...words], { stdio: "ignore" })
}

/** A new machine has no lists of packages yet, and an old one old lists. */
const install = (): void => {
  try {
    aptGet("install", "chromium")
  } catch {
    aptGet("update")
    aptGet("install", "chromium")
  }
}

const found = (): string => {
  const known = installed()
  if (known !== undefined) return known
  if (process.getuid?.() === 0 && existsSync("/etc/debian_version")) install()
  const now = installed()
  if (now === undefined) {
    throw new Error("Chromium is not installed: sudo apt-get install chromium, or set KEYSTATE_CHROMIUM to one.")
  }
  return now
}

const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: found(), args: quiet })
