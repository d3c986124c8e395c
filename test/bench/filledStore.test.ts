/** The store that benchmarks fill holds what real creations leave: `verify` finds no fault in it. */
import { rmSync } from "node:fs"
import { Effect } from "effect"
import { afterAll, expect, it } from "vitest"
import { verified } from "../../src/cli/data/verified.ts"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer, storedEngineLayer } from "../../src/main.ts"
import { benchRootKey } from "./benchStore.ts"
import { fill } from "./filledStore.ts"
import { scratchDirectory } from "./scratch.ts"

const scratch = scratchDirectory()
afterAll(() => rmSync(scratch, { recursive: true }))

it("fills a store that verify accepts, and whose keys encrypt", async () => {
  const directory = `${scratch}/filled`
  const { keyId, sample } = await fill(directory, { keys: 300, sampleSize: 30 })
  const options = optionsOf({ directory }, benchRootKey)
  const report = await Effect.runPromise(verified(() => undefined).pipe(Effect.provide(storedEngineLayer(options))))
  expect(report).toMatchObject({
    keys: 300,
    events: 300,
    versions: 300,
    deadlines: 300,
    auditLines: 300,
    materialsOpened: 300,
    findings: [],
    notes: []
  })
  expect(new Set(sample).size).toBe(30)
  const used = Effect.gen(function* () {
    const kms = yield* Kms
    const { CiphertextBlob } = yield* kms.encrypt({ KeyId: keyId, Plaintext: "YWJj" })
    return [yield* kms.decrypt({ CiphertextBlob }), yield* kms.listKeys({ PageNumber: 27, PageSize: 10 })] as const
  })
  const [decrypted, page] = await Effect.runPromise(used.pipe(Effect.provide(engineLayer(options))))
  expect(decrypted.Plaintext).toBe("YWJj")
  expect(page).toMatchObject({ TotalCount: 270, Keys: { Key: { length: 10 } } })
})
