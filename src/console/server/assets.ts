/** The files of the console and of the documentation. No other files are served. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { extname, join } from "node:path"
import { getAssetKeys, getRawAsset, isSea } from "node:sea"
import { fileURLToPath } from "node:url"

export interface Asset {
  readonly contentType: string
  readonly body: Uint8Array
  /** Whether the body is compressed by gzip, as the build packs the documentation. */
  readonly isCompressed: boolean
  /** The name contains a hash of the content, so browsers may cache it for ever. */
  readonly hashed: boolean
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html;charset=utf-8",
  ".js": "text/javascript;charset=utf-8",
  ".css": "text/css;charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
  ".png": "image/png",
  ".woff2": "font/woff2"
}

const ending = ".gz"

/** The name under which a file is requested, and the file. Undefined for a file of another kind. */
const assetOf = (path: string, read: () => Uint8Array): readonly [name: string, asset: Asset] | undefined => {
  const isCompressed = path.endsWith(ending)
  const name = isCompressed ? path.slice(0, -ending.length) : path
  const contentType = types[extname(name)]
  if (contentType === undefined) return undefined
  return [name, { contentType, body: read(), isCompressed, hashed: name.startsWith("assets/") }]
}

/** The files inside a single executable whose names begin with the name of the folder. */
const embedded = (folder: string): ReadonlyMap<string, Asset> =>
  new Map(
    getAssetKeys()
      .filter((key) => key.startsWith(`${folder}/`))
      .map((key) => assetOf(key.slice(folder.length + 1), () => new Uint8Array(getRawAsset(key))))
      .filter((found) => found !== undefined)
  )

/** The files of a folder that the build made: inside a single executable, or on disk. */
export const readBuilt = (name: string, folders: ReadonlyArray<string>): ReadonlyMap<string, Asset> =>
  isSea() ? embedded(name) : readFolder(folders)

const isBuilt = (folder: string): boolean =>
  ["index.html", `index.html${ending}`].some((name) => existsSync(join(folder, name)))

/** The files of the first folder that was built, by path; empty if none was. Folders are relative to this file. */
const readFolder = (folders: ReadonlyArray<string>): ReadonlyMap<string, Asset> => {
  const folder = folders.map((path) => fileURLToPath(new URL(path, import.meta.url))).find(isBuilt)
  if (folder === undefined) return new Map()
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  return new Map(
    names
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => assetOf(path.slice(folder.length + 1).replaceAll("\\", "/"), () => readFileSync(path)))
      .filter((found) => found !== undefined)
  )
}

/** `dist/console`: beside the compiled sources, beside the bundled command, or below the clone. */
const consoleFolders = ["../../../console", "../../console", "../../../dist/console"]

/** The console's files, including `index.html`; empty if the console was not built. */
export const readAssets = (): ReadonlyMap<string, Asset> => readBuilt("console", consoleFolders)
