/** Reseals a store, for a test that kills it: `node resealer.ts DIRECTORY OLD NEW`. */
import { Effect } from "effect"
import { reseal } from "../../src/resealing.ts"
import { openSqliteChange } from "../../src/store/sqlite/sqliteChange.ts"

const [directory = "", old = "", next = ""] = process.argv.slice(2)
await Effect.gen(function* () {
  const change = yield* openSqliteChange({ directory })
  yield* reseal({ change, old: { kind: "file", path: old }, next: { kind: "file", path: next }, hsm: "simulator" })
  yield* change.finish
}).pipe(Effect.scoped, Effect.runPromise)
