/** SoftHSM for development and tests: the package, and a separate token in its own directory. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { randomInt } from "node:crypto"
import { join, resolve } from "node:path"
import { firstOf, fromDebian } from "./debian.ts"
import type { TokenOptions } from "../crypto/hsm/protocol.ts"

const modules = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib64/softhsm/libsofthsm2.so",
  "/usr/local/lib/softhsm/libsofthsm2.so",
  "/opt/homebrew/lib/softhsm/libsofthsm2.so"
]

/** Debian has the module in one package and the program that creates tokens in another. */
const hasUtility = (): boolean => {
  try {
    execFileSync("softhsm2-util", ["--version"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/** The module, installed first where that is allowed. Otherwise a sentence that says how. */
export const softHsmModule = (): string =>
  fromDebian({ name: "SoftHSM", packages: ["softhsm2"], look: () => (hasUtility() ? firstOf(modules) : undefined) })

export interface SoftHsmToken extends TokenOptions {
  /** The value that SOFTHSM2_CONF must have before the module is loaded. */
  readonly settings: string
  readonly tokens: string
}

const tokenLabel = "keystate"

/** The token in this directory, created if it is missing. Its PIN is random, in a file that only its owner may read. */
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
  // Written last, so that an incomplete token is created again.
  writeFileSync(token.settings, settings)
  return token
}
