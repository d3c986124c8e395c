/** Migrates a store's tables forward to this program's schema, one transaction for each step. */
import type { DatabaseSync } from "node:sqlite"
import { StoreUnusable } from "../store.ts"
import { integerOf } from "./columns.ts"
import { applicationId, migrations } from "./schema.ts"

const pragma = (database: DatabaseSync, name: string): number => {
  const row = database.prepare(`PRAGMA ${name}`).get()
  return row === undefined ? 0 : integerOf(row, name)
}

/** The number of migrations applied to the file. It is in the header, so that it can be read from any file. */
export const schemaVersionOf = (database: DatabaseSync): number => pragma(database, "user_version")

export const isWithoutTables = (database: DatabaseSync): boolean =>
  database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined

/** Throws StoreUnusable unless this program may write to the file. Reads the header and changes nothing. */
export const assertOurs = (database: DatabaseSync, known: ReadonlyArray<string> = migrations): void => {
  const version = schemaVersionOf(database)
  const owner = pragma(database, "application_id")
  if (owner !== applicationId && !(owner === 0 && version === 0 && isWithoutTables(database))) {
    throw new StoreUnusable({ message: "The file is a database of another program; choose another data directory." })
  }
  if (version <= known.length) return
  throw new StoreUnusable({
    message:
      `The store has schema ${version}, and this program knows schemas up to ${known.length}: ` +
      "it was written by a newer version. Use that version; nothing was changed."
  })
}

/** Applies the missing migrations. A step that fails or is killed leaves the schema unchanged. */
export const migrate = (database: DatabaseSync, known: ReadonlyArray<string> = migrations): void => {
  assertOurs(database, known)
  for (const [done, sql] of known.entries()) {
    if (done < schemaVersionOf(database)) continue
    database.exec("BEGIN IMMEDIATE")
    try {
      database.exec(sql)
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${done + 1}; COMMIT`)
    } finally {
      if (database.isTransaction) database.exec("ROLLBACK")
    }
  }
}
