/** The root key in a separate file: 64 hexadecimal digits that only the owner may read. */
import {
  closeSync,
  existsSync,
  fchmodSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync
} from "node:fs"
import { basename, dirname, join } from "node:path"
import { Effect } from "effect"
import type { Randomness } from "../../platform/services.ts"
import { codeOf, makeWhole, removeLeftovers } from "../../platform/durableFiles.ts"
import { StoreUnusable } from "../../store/store.ts"
import { watch } from "../healthyRandomness.ts"
import { rootKeyBytes } from "../seal.ts"
import type { RootKey } from "../seal.ts"
import { rootKeyFromBytes } from "./rootKey.ts"

export interface RootKeyFileOptions {
  readonly path: string
  readonly randomness: Randomness["Service"]
  /** Whether to create a missing file: only for an empty store. */
  readonly make: boolean
}

/** Opens the key in the file, or creates the file first if that is allowed. Its directory must exist. */
export const openRootKeyFile = ({
  path,
  randomness,
  make
}: RootKeyFileOptions): Effect.Effect<RootKey, StoreUnusable> =>
  Effect.try({
    try: () => {
      const bytes = readKey(path) ?? (make ? readMade(path, randomness) : undefined)
      if (bytes === undefined) {
        throw new Unfit(
          "is missing, and the data was sealed under its key. Restore it, or name the right one with --root-key-file"
        )
      }
      const rootKey = rootKeyFromBytes({ bytes, randomness })
      bytes.fill(0)
      return rootKey
    },
    catch: (failure) =>
      failure instanceof Unfit
        ? new StoreUnusable({ message: `The root key file ${path} ${failure.message}.` })
        : new StoreUnusable({ message: `The root key file ${path} cannot be used: ${causeOf(failure)}.` })
  })

/** Earlier versions wrote the key to a file with such a name, and linked it to its own name. */
const formerLeftover = /^\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Removes the remains of killed processes that were creating the file. */
export const removeRootKeyLeftovers = (path: string): void => {
  const name = basename(path)
  if (!existsSync(dirname(path))) return
  for (const other of readdirSync(dirname(path))) {
    if (other.startsWith(name) && formerLeftover.test(other.slice(name.length))) rmSync(join(dirname(path), other))
  }
  removeLeftovers(path)
}

/** The file exists but must not be used as it is. */
class Unfit extends Error {}

/** What the system's code of a failure means for the file. A missing file alone is no failure. */
const causes: Readonly<Record<string, string>> = {
  ENOENT: "its directory does not exist",
  ENOTDIR: "its directory is a file",
  EACCES: "this user has no access to it or to its directory",
  EROFS: "its file system is read-only",
  ENOSPC: "its file system is full",
  EDQUOT: "the disk quota of this user is used up"
}

const causeOf = (failure: unknown): string => {
  const code = codeOf(failure)
  const cause = code === undefined ? undefined : causes[code]
  return cause === undefined ? (code ?? String(failure)) : `${cause} (${code})`
}

/** A line of 64 digits; the line end is optional. */
const fileBytesMax = rootKeyBytes * 2 + 1

/** Permission bits of the group and of others. */
const othersMask = 0o077

const readKey = (path: string): Uint8Array | undefined => {
  const file = openIfThere(path)
  if (file === undefined) return undefined
  const text = new Uint8Array(fileBytesMax)
  try {
    const found = fstatSync(file)
    if (found.isDirectory()) throw new Unfit("is a directory")
    const { mode, size } = found
    if ((mode & othersMask) !== 0) {
      throw new Unfit(
        `may be read or changed by others than its owner (mode ${(mode & 0o777).toString(8)}); chmod 600 it`
      )
    }
    if (size !== fileBytesMax && size !== fileBytesMax - 1) {
      throw new Unfit(`has ${size} bytes, and not the ${rootKeyBytes * 2} hexadecimal digits of a root key on one line`)
    }
    const bytes = parseHex(text.subarray(0, readSync(file, text)))
    if (bytes === undefined)
      throw new Unfit(`does not hold ${rootKeyBytes * 2} lower-case hexadecimal digits on one line`)
    return bytes
  } finally {
    text.fill(0)
    closeSync(file)
  }
}

const openIfThere = (path: string): number | undefined => {
  try {
    return openSync(path, "r")
  } catch (failure) {
    if (codeOf(failure) === "ENOENT") return undefined
    throw failure
  }
}

/**
 * Of two services that start at once, one creates the key and both use it. The key is read back from the file, so that
 * a wrongly written key never seals anything.
 */
const readMade = (path: string, randomness: Randomness["Service"]): Uint8Array => {
  makeWhole(path, (aside) => writeFile(aside, randomness))
  const bytes = readKey(path)
  if (bytes === undefined) throw new Unfit("was there and was then removed")
  return bytes
}

const writeFile = (path: string, randomness: Randomness["Service"]): void => {
  const file = openSync(path, "wx", 0o600)
  try {
    // A process's umask may have removed bits; the owner must be able to read this file.
    fchmodSync(file, 0o600)
    writeKey(file, randomness)
  } finally {
    closeSync(file)
  }
}

const writeKey = (file: number, randomness: Randomness["Service"]): void => {
  const bytes = watch(randomness).secret(rootKeyBytes)
  const line = formatHex(bytes)
  const written = writeSync(file, line)
  bytes.fill(0)
  line.fill(0)
  if (written !== fileBytesMax) throw new Unfit("could not be written completely")
}

// Digits are handled as bytes, because text cannot be wiped.
const digits = new TextEncoder().encode("0123456789abcdef")
const lineEnd = 0x0a

const formatHex = (bytes: Uint8Array): Uint8Array => {
  const line = new Uint8Array(bytes.length * 2 + 1)
  for (const [i, byte] of bytes.entries()) {
    line[2 * i] = digits[byte >> 4] ?? 0
    line[2 * i + 1] = digits[byte & 0x0f] ?? 0
  }
  line[line.length - 1] = lineEnd
  return line
}

const parseHex = (line: Uint8Array): Uint8Array | undefined => {
  const length = line.at(-1) === lineEnd ? line.length - 1 : line.length
  if (length !== rootKeyBytes * 2) return undefined
  const bytes = new Uint8Array(rootKeyBytes)
  for (let i = 0; i < length; i++) {
    const digit = digits.indexOf(line[i] ?? 0)
    if (digit < 0) return undefined
    bytes[i >> 1] = ((bytes[i >> 1] ?? 0) << 4) | digit
  }
  return bytes
}
