/** Stores of earlier schemas with current rows. */
import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { migrate } from "../../src/store/sqlite/migrate.ts"
import { migrations } from "../../src/store/sqlite/schema.ts"
import { databaseFileName } from "../../src/store/sqlite/files.ts"

const columnsOf = (database: DatabaseSync, table: string): ReadonlyArray<string> =>
  database
    .prepare(`PRAGMA main.table_info(${table})`)
    .all()
    .map(({ name }) => String(name))

/** Writes the rows of a closed store into the tables of an earlier schema, in another directory. */
export const writeOlder = (source: string, directory: string, schema: number): void => {
  mkdirSync(directory, { mode: 0o700, recursive: true })
  copyFileSync(join(source, "root.key"), join(directory, "root.key"))
  const older = new DatabaseSync(join(directory, databaseFileName))
  migrate(older, migrations.slice(0, schema))
  older.exec(`PRAGMA foreign_keys = OFF; ATTACH '${join(source, databaseFileName)}' AS source`)
  for (const row of older.prepare("SELECT name FROM source.sqlite_schema WHERE type = 'table'").all()) {
    const table = String(row["name"])
    const names = columnsOf(older, table).join(", ")
    // Triggers of the earlier schema count the rows; the stored numbers replace these counts.
    if (names !== "") older.exec(`INSERT OR REPLACE INTO main.${table} (${names}) SELECT ${names} FROM source.${table}`)
  }
  older.close()
}
