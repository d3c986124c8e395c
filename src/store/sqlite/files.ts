/** The files of a data directory, for modules that must not load SQLite. */
import { statSync } from "node:fs"
import { join } from "node:path"

/** The file inside the data directory. */
export const databaseFileName = "keystate.db"

export const databaseIn = (directory: string): string => join(directory, databaseFileName)

export const logOf = (path: string): string => `${path}-wal`

/** The size of a file; 0 if it is missing. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0
