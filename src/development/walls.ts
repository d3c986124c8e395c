/** Reports every import that the table of rooms forbids: `node src/development/walls.ts`, part of `npm run lint`. */
import { readdirSync } from "node:fs"
import { builtinModules } from "node:module"
import { basename, dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { importsOf } from "./imports.ts"
import { roomNames, rooms } from "./rooms.ts"
import type { Room, RoomName } from "./rooms.ts"

export const root = fileURLToPath(new URL("../../", import.meta.url))

const folderOf = (room: RoomName): string => (room === "machines" || room === "src" ? room : `src/${room}`)

/** The room of a file, by its path from the root; undefined if it has none. */
export const roomOf = (path: string): RoomName | undefined => {
  const fitting = roomNames.filter((room) => path.startsWith(`${folderOf(room)}/`))
  const innermost = fitting.sort((one, other) => folderOf(other).length - folderOf(one).length)[0]
  // A file directly in `src` belongs to `src`. A folder that the table does not name belongs to no room.
  return innermost === "src" && path.split("/").length > 2 ? undefined : innermost
}

/** Product files, by their paths from the root. */
export const productFiles = (): ReadonlyArray<string> =>
  ["machines", "src"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|tsx|cjs)$/.test(name))
      .map((name) => join(folder, name))
  )

const builtins: ReadonlySet<string> = new Set(builtinModules)

/** `@noble/hashes/sha2.js` belongs to the package `@noble/hashes`; `fs` and `fs/promises` are `node:fs`. */
const packageOf = (name: string): string => {
  if (name.startsWith("node:") || builtins.has(name)) return `node:${name.replace(/^node:/, "").split("/")[0]}`
  return name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/")
}

const allowsPackage = ({ packages }: Room, name: string): boolean =>
  packages.includes(name) || (name.startsWith("node:") && packages.includes("node:*"))

/** Why a file of a room may not import a module; undefined if it may. */
export const refusal = (path: string, imported: string): string | undefined => {
  const from = roomOf(path)
  if (from === undefined) return `${path} stands in no room; add its folder to src/development/rooms.ts`
  if (!imported.startsWith(".")) {
    const name = packageOf(imported)
    return allowsPackage(rooms[from], name) ? undefined : `${path} imports ${name}, which ${from} may not`
  }
  const target = relative(root, resolve(root, dirname(path), imported))
  // package.json is data about this package, not code of a room.
  if (basename(target) === "package.json") return undefined
  const to = roomOf(target)
  if (to === from || (to !== undefined && rooms[from].rooms.includes(to))) return undefined
  return `${path} imports ${target}, and ${from} may not import ${to ?? "what stands in no room"}`
}

/** Every forbidden import of the tree, one sentence each. */
export const forbiddenImports = (): ReadonlyArray<string> =>
  productFiles().flatMap((path) => importsOf(join(root, path)).flatMap((imported) => refusal(path, imported) ?? []))

if (import.meta.main) {
  const found = forbiddenImports()
  for (const sentence of found) process.stderr.write(`${sentence}.\n`)
  if (found.length > 0) {
    process.stderr.write("The allowed imports are listed in src/development/rooms.ts and docs/architecture.md.\n")
    process.exitCode = 1
  }
}
