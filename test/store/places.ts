/** Data directories that are deleted after the tests, and stores in them. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { afterAll } from "vitest"
import { Failpoints } from "../../src/platform/services.ts"
import { databaseFileName } from "../../src/store/sqlite/files.ts"
import { sqliteDriverLayer, sqliteStoreLayer } from "../../src/store/sqlite/sqliteStore.ts"
import { immortal } from "../crash/immortal.ts"
import type { Driver } from "../../src/store/driver.ts"
import { Store } from "../../src/store/store.ts"
import type { StoreUnusable } from "../../src/store/store.ts"

const made: Array<string> = []
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
})

export const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-store-"))
  made.push(directory)
  return join(directory, "data")
}

export const fileIn = (directory: string): string => join(directory, databaseFileName)

export const sqliteDriverIn = (directory: string): Layer.Layer<Driver, StoreUnusable> =>
  sqliteDriverLayer({ directory }).pipe(Layer.provide([Failpoints.layerNone, immortal]))

export const sqliteIn = (directory: string): Layer.Layer<Store, StoreUnusable> =>
  sqliteStoreLayer({ directory }).pipe(Layer.provide([Failpoints.layerNone, immortal]))

/** The reason why the store in a directory does not open. */
export const refusalIn = (directory: string): Effect.Effect<StoreUnusable, unknown> =>
  Effect.flip(Effect.provide(Store, Layer.fresh(sqliteIn(directory))))
