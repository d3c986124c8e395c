/** Data directories that are gone when the tests are done, and stores in them. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { afterAll } from "vitest"
import { Failpoints, HostProcess } from "../../src/domain/outside.ts"
import { sqliteStoreLayer } from "../../src/store/sqlite/sqliteStore.ts"
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

/** A host that cannot be ended: whoever halts it dies of it instead. */
export const immortal = Layer.succeed(HostProcess, {
  halt: (reason) => Effect.die(new Error(`halted: ${reason}`)),
  haltSync: (reason) => {
    throw new Error(`halted: ${reason}`)
  }
})

export const sqliteIn = (directory: string): Layer.Layer<Store, StoreUnusable> =>
  sqliteStoreLayer({ directory }).pipe(Layer.provide([Failpoints.layerNone, immortal]))
