/** The store in a file keeps the laws of a store. */
import { newDirectory, sqliteDriverIn } from "./places.ts"
import { storeLaws } from "./storeLaws.ts"

storeLaws("SQLite", () => sqliteDriverIn(newDirectory()))
