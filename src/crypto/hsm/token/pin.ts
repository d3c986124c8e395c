/** Reads the token's PIN from its file, which only the owner may read. */
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs"
import { TokenError } from "../failures.ts"

/** Permission bits of the group and of others. */
const othersMask = 0o077

const readPrivateFile = (path: string): string => {
  const file = openSync(path, "r")
  try {
    if ((fstatSync(file).mode & othersMask) !== 0) {
      throw new TokenError("PinRefused", `the PIN file may be read by others than its owner; chmod 600 it`)
    }
    return readFileSync(file, "utf8").replace(/\r?\n$/, "")
  } finally {
    closeSync(file)
  }
}

export const readPin = (path: string): string => {
  try {
    return readPrivateFile(path)
  } catch (error) {
    throw error instanceof TokenError ? error : new TokenError("PinRefused", "the PIN file cannot be read")
  }
}
