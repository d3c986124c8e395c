/** The SQLite of this Node, and whether a store may use it. */
export { assertLibrary, libraryVersion } from "./store/sqlite/database.ts"
