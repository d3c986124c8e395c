/** The store in a file keeps the laws of a store. */
import { newDirectory, sqliteIn } from "./places.ts"
import { storeLaws } from "./storeLaws.ts"

storeLaws("SQLite", () => sqliteIn(newDirectory()))
