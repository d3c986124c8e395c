/** Compresses the pages of the site as they are packed: a server sends the same bytes to browsers. */
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { constants, gzipSync } from "node:zlib"

/** Pictures and fonts are compressed already. */
const text = /\.(html|js|css|svg|json)$/

/** Replaces each text file of the folder by one with `.gz` at the end of its name. */
export const compressSite = (folder: string): void => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => text.test(name))
  for (const path of files.map((name) => join(folder, name))) {
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: constants.Z_BEST_COMPRESSION }))
    rmSync(path)
  }
}
