/** SoftHSM for development and tests: the package, and a token of its own in a directory of its own. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { randomInt } from "node:crypto"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import type { TokenOptions } from "../crypto/hsm/protocol.ts"

const modules = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib64/softhsm/libsofthsm2.so",
  "/usr/local/lib/softhsm/libsofthsm2.so",
  "/opt/homebrew/lib/softhsm/libsofthsm2.so"
]

const installed = (): string | undefined => modules.find((path) => existsSync(path))

const mayInstall = (): boolean => process.getuid?.() === 0 && existsSync("/etc/debian_version")

/** One at a time, for tests that start together; Debian's own lock is waited for as well. */
const aptGet = (...words: ReadonlyArray<string>): void => {
  const lock = join(tmpdir(), "keystate-apt.lock")
  execFileSync("flock", [lock, "apt-get", "-o", "DPkg::Lock::Timeout=120", "-y", ...words], { stdio: "ignore" })
}

/** A new machine has no lists of packages yet, and an old one old lists. */
const install = (): void => {
  try {
    aptGet("install", "softhsm2")
  } catch {
    aptGet("update")
    aptGet("install", "softhsm2")
  }
}

/** The module, installed first where that is allowed; else a sentence that says how. */
export const softHsmModule = (): string => {
  const known = installed()
  if (known !== undefined) return known
  try {
    if (mayInstall()) install()
  } catch {
    // Said below, in a sentence.
  }
  const now = installed()
  if (now === undefined) throw new Error("SoftHSM is not installed: sudo apt-get install softhsm2, then try again.")
  return now
}

export interface SoftHsmToken extends TokenOptions {
  /** What SOFTHSM2_CONF must be before the module is loaded. */
  readonly settings: string
  readonly tokens: string
}

const tokenLabel = "keystate"

/** A token in this directory, made if there is none. Its PIN is drawn, and kept in a file that only its owner reads. */
export const prepareSoftHsm = (directory: string): SoftHsmToken => {
  const module = softHsmModule()
  const at = (name: string): string => resolve(join(directory, name))
  const token = { module, label: tokenLabel, pinFile: at("pin"), settings: at("softhsm2.conf"), tokens: at("tokens") }
  if (existsSync(token.settings)) return token
  mkdirSync(token.tokens, { recursive: true, mode: 0o700 })
  const pin = String(randomInt(1e9, 1e10))
  writeFileSync(token.pinFile, `${pin}\n`, { mode: 0o600 })
  writeFileSync(at("so-pin"), `${String(randomInt(1e9, 1e10))}\n`, { mode: 0o600 })
  const settings = `directories.tokendir = ${token.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`
  const soPin = readFileSync(at("so-pin"), "utf8").trimEnd()
  writeFileSync(`${token.settings}.new`, settings)
  execFileSync("softhsm2-util", ["--init-token", "--free", "--label", tokenLabel, "--pin", pin, "--so-pin", soPin], {
    stdio: "ignore",
    env: { ...process.env, SOFTHSM2_CONF: `${token.settings}.new` }
  })
  // Last, so that a token that is half made is made again.
  writeFileSync(token.settings, settings)
  return token
}
