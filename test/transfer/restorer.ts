/** Restores a backup, for a test that kills it: `node restorer.ts FILE DIRECTORY`. */
import { createReadStream } from "node:fs"
import { Effect, Stream } from "effect"
import { openSqliteTarget } from "../../src/store/sqlite/sqliteRows.ts"
import { rowsOfBackup } from "../../src/transfer/readBackup.ts"
import { transferRows } from "../../src/transfer/transferRows.ts"

const [file = "", directory = ""] = process.argv.slice(2)
await Effect.gen(function* () {
  const target = yield* openSqliteTarget({ directory })
  const asError = (failure: unknown): Error => new Error(String(failure))
  const bytes = Stream.fromAsyncIterable<Uint8Array, Error>(createReadStream(file), asError)
  yield* transferRows(rowsOfBackup(bytes), target)
  yield* target.finish
}).pipe(Effect.scoped, Effect.runPromise)
