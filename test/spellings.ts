/** Searches for secrets in places that must not have them: every usual encoding, in every file. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** Three alignments of Base64 without the letters that depend on a neighbouring byte, and other usual encodings. */
export const spellings = (secret: Uint8Array): ReadonlyArray<Buffer> => {
  const bytes = Buffer.from(secret)
  const shifted = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString("base64")
      .slice(pad === 0 ? 0 : 4, -4)
  )
  return [
    bytes,
    Buffer.from(bytes.toString("hex")),
    Buffer.from(bytes.toString("hex").toUpperCase()),
    ...shifted.map((text) => Buffer.from(text)),
    Buffer.from(bytes.toString("base64url")),
    Buffer.from([...bytes].join(","))
  ]
}

export const searchIn =
  (searched: Buffer) =>
  (wanted: Buffer | string): boolean =>
    searched.includes(wanted)

/** The content of the files of a data directory, without its root key. */
export const filesUnder = (directory: string): ReadonlyArray<Buffer> =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "root.key")
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
