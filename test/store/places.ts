/** Data directories that are gone when the tests are done, and stores in them. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Layer } from "effect"
import { afterAll } from "vitest"
import { Failpoints } from "../../src/domain/outside.ts"
import { sqliteStoreLayer } from "../../src/store/sqlite/sqliteStore.ts"
import { immortal } from "../crash/immortal.ts"
import type { Store, StoreUnusable } from "../../src/store/store.ts"

const made: Array<string> = []
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
})

export const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-store-"))
  made.push(directory)
  return join(directory, "data")
}

export const sqliteIn = (directory: string): Layer.Layer<Store, StoreUnusable> =>
  sqliteStoreLayer({ directory }).pipe(Layer.provide([Failpoints.layerNone, immortal]))
