/** The laws of stores for the store in a file. */
import type { DatabaseSync } from "node:sqlite"
import { Effect, Layer } from "effect"
import type { FailingStore } from "../../src/conformance/store/index.ts"
import { Failpoints } from "../../src/platform/services.ts"
import { Driver } from "../../src/store/driver.ts"
import { openDatabase } from "../../src/store/sqlite/database.ts"
import { makeSqliteDriver } from "../../src/store/sqlite/sqliteStore.ts"
import { immortal } from "../crash/immortal.ts"
import { fileIn, newDirectory, sqliteDriverIn } from "./places.ts"
import { storeLaws } from "./storeLaws.ts"

const makePlace = () => {
  const directory = newDirectory()
  return () => sqliteDriverIn(directory)
}

/** A store whose database refuses writes between `fail` and `mend`. */
const makeFailing = (): FailingStore => {
  let database: DatabaseSync | undefined
  const driver = Effect.gen(function* () {
    database = yield* openDatabase(fileIn(newDirectory()))
    return yield* makeSqliteDriver(database)
  })
  return {
    driver: Layer.effect(Driver, driver).pipe(Layer.provide([Failpoints.layerNone, immortal])),
    fail: () => database?.exec("PRAGMA query_only = ON"),
    mend: () => database?.exec("PRAGMA query_only = OFF")
  }
}

storeLaws("SQLite", () => sqliteDriverIn(newDirectory()), { makePlace, makeFailing })
