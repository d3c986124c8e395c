/** A real Chromium for tests of pages: Debian's, installed where that is allowed; else one line that says how. */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium } from "playwright-core"
import type { Browser } from "playwright-core"

const places = [
  process.env["KEYSTATE_CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
]

const installed = (): string | undefined => places.find((path) => path !== "" && existsSync(path))

const mayInstall = (): boolean => process.getuid?.() === 0 && existsSync("/etc/debian_version")

/** One at a time, for tests that start together; Debian's own lock is waited for as well. */
const aptGet = (...words: ReadonlyArray<string>): void => {
  const lock = join(tmpdir(), "keystate-apt.lock")
  execFileSync("flock", [lock, "apt-get", "-o", "DPkg::Lock::Timeout=300", "-y", ...words], { stdio: "ignore" })
}

const executable = (): string => {
  const known = installed()
  if (known !== undefined) return known
  try {
    if (mayInstall()) {
      aptGet("update")
      aptGet("install", "chromium")
    }
  } catch {
    // Said below, in a sentence.
  }
  const now = installed()
  if (now === undefined) {
    throw new Error(
      "Chromium is not installed: sudo apt-get install chromium, or set KEYSTATE_CHROMIUM; then try again."
    )
  }
  return now
}

/** Told to look for nothing outside by itself. */
const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

export const launchChromium = (): Promise<Browser> => chromium.launch({ executablePath: executable(), args: flags })
