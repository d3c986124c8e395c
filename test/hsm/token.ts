/** A real SoftHSM token for one test file, in its own directory; the process's module knows no other. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { prepareSoftHsm } from "../../src/development/softHsm.ts"
import type { SoftHsmToken } from "../../src/development/softHsm.ts"

export interface TestToken extends SoftHsmToken {
  readonly directory: string
  readonly remove: () => void
}

export const makeTestToken = (): TestToken => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-hsm-"))
  const token = prepareSoftHsm(directory)
  process.env["SOFTHSM2_CONF"] = token.settings
  return { ...token, directory, remove: () => rmSync(directory, { recursive: true, force: true }) }
}
