/** Helpers for the tests of seeds: the published example, and engines that start from one. */
import { readFileSync } from "node:fs"
import { Effect, Layer } from "effect"
import { verifyStore } from "../../src/verification/verify.ts"
import type { VerifyReport } from "../../src/verification/verify.ts"
import { Ram } from "../../src/authorization/ram.ts"
import { CommitFeed } from "../../src/actor/journal.ts"
import { Permissions } from "../../src/actor/permissions.ts"
import { KeyDirectory } from "../../src/actor/keyDirectory.ts"
import { optionsOf } from "../../src/index.ts"
import { storedEngineLayer } from "../../src/main.ts"
import { exportSeed } from "../../src/seed/exportSeed.ts"
import type { Seed, SeedKey } from "../../src/seed/format.ts"
import { checkForm } from "../../src/seed/format.ts"
import { parseSeedText } from "../../src/seed/text.ts"
import { Store } from "../../src/store/store.ts"
import { layerVirtual } from "../../src/timers/virtualClock.ts"
import { Timers } from "../../src/timers/timers.ts"
import { Result } from "effect"

/** A seed from its text; a fault fails the test. */
export const seedOf = (text: string, format: "json" | "toml" = "json"): Seed =>
  Result.getOrThrow(
    Result.flatMap(
      Result.mapError(parseSeedText(text, format), (fault) => [fault]),
      checkForm
    )
  )

export const exampleText = (name: string): string =>
  readFileSync(new URL(`../../docs/examples/${name}`, import.meta.url), "utf8")

/** A key of every spec in software, and in every state. */
export const example = seedOf(exampleText("seed.json"))

export const keyIn = (seed: Seed, wanted: Partial<SeedKey>): SeedKey => {
  const found = seed.keys?.find((key) =>
    Object.entries(wanted).every(([name, value]) => Object.entries(key).some((m) => m[0] === name && m[1] === value))
  )
  if (found === undefined) throw new Error(`the seed has no key with ${JSON.stringify(wanted)}`)
  return found
}

export const id = (place: number): string => `5eed0000-0000-4000-8000-${String(place).padStart(12, "0")}`
export const material = (byte: number): string => Buffer.alloc(32, byte).toString("base64")
export const seedOfKeys = (...keys: ReadonlyArray<SeedKey>): Seed => ({ version: 1, keys })

export const home = optionsOf("memory", {}).realm
export const startAt = Date.parse("2026-01-01T00:00:00Z")

/** The directory of keys on a given store, with a frozen clock. */
export const directoryOver = (store: Store["Service"], at = startAt) =>
  KeyDirectory.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(Timers.layer, CommitFeed.layer, Permissions.layer)),
    Layer.provideMerge(layerVirtual({ mode: "frozen", at })),
    Layer.provideMerge(Ram.layer({ account: home.account, given: undefined })),
    Layer.provideMerge(Layer.succeed(Store, store))
  )

const stored = (directory: string) => storedEngineLayer(optionsOf({ directory }, {}))

export const verified = (directory: string): Promise<VerifyReport> =>
  Effect.runPromise(verifyStore().pipe(Effect.provide(stored(directory))))

export const exportOf = (directory: string): Promise<Seed> =>
  Effect.runPromise(exportSeed.pipe(Effect.provide(stored(directory))))
