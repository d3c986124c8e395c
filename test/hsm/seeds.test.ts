/** Seeds for a token: keys without material, and destruction that had to wait. */
import { mkdtempSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, ManagedRuntime } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { KeyDirectory } from "../../src/actor/keyDirectory.ts"
import { KeyId } from "../../src/domain/ids.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { createKms, SeedRefused } from "../../src/promise.ts"
import type { Seed } from "../../src/promise.ts"
import { Store } from "../../src/store/store.ts"
import { Timers } from "../../src/timers/timers.ts"
import { exampleText, id, material, seedOf, seedOfKeys } from "../seed/seeds.ts"
import { readableSecrets } from "./inToken.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
const scratch = mkdtempSync(join(tmpdir(), "keystate-hsm-seeds-"))
afterAll(() => {
  token.remove()
  rmSync(scratch, { recursive: true, force: true })
})

const hsm = { module: token.module, label: token.label, pinFile: token.pinFile }
const Plaintext = "aGVsbG8="
const faultsOf = async (fixtures: Seed): Promise<SeedRefused["faults"]> => {
  const failure: unknown = await createKms({ fixtures, hsm }).catch((error: unknown) => error)
  if (!(failure instanceof SeedRefused)) throw failure
  return failure.faults
}

describe("a seed of keys for a token", () => {
  it("a seed of keys for a token is refused completely if the seed has material", async () => {
    const faults = await faultsOf(seedOfKeys({ id: id(1), level: "HSM", material: material(1) }, { id: id(2) }))
    expect(faults.map(({ path }) => path)).toEqual(["keys[0].material"])
    expect(faults[0]?.complaint).toContain("leave it out")
    expect(faults[0]?.complaint).toContain("ImportKeyMaterial")
    const published = await faultsOf(seedOf(exampleText("seed-hsm.json")))
    expect(published.map(({ path }) => path)).toContain("keys[0].material")
  })

  it("a seed without material makes the token generate the key under the given id, once", async () => {
    const fixtures = seedOfKeys({ id: id(3), level: "HSM" }, { id: id(4), level: "HSM", origin: "EXTERNAL" })
    const options = { fixtures, hsm, store: { directory: join(scratch, "seeded") }, clock: "virtual" } as const
    let blob = ""
    {
      await using kms = await createKms(options)
      blob = (await kms.encrypt({ KeyId: id(3), Plaintext })).CiphertextBlob
      expect((await kms.describeKey({ KeyId: id(4) })).KeyMetadata.KeyState).toBe("PendingImport")
      expect(readableSecrets(token)).toEqual({ objects: 1, readable: [] })
    }
    await using again = await createKms(options)
    expect((await again.decrypt({ CiphertextBlob: blob })).Plaintext).toBe(Plaintext)
    expect(readableSecrets(token).objects).toBe(1)
  })
})

describe("pending destruction in a token", () => {
  it("a pending destruction is repeated until the token is back, and users lose the key at once", async () => {
    const away = `${token.tokens}.away`
    const directory = join(scratch, "owing")
    const runtime = ManagedRuntime.make(engineLayer(optionsOf({ directory }, { hsm, clock: "virtual" })))
    const run = <A, E>(effect: Effect.Effect<A, E, Store | KeyDirectory | Timers>) => runtime.runPromise(effect)
    const owed = () => run(Effect.flatMap(Store, (store) => store.owed))
    const settle = () => run(Effect.flatMap(KeyDirectory, ({ settleOwed }) => settleOwed))
    const before = await run(Effect.sync(() => readableSecrets(token).objects))
    const kms = await run(Effect.flatMap(KeyDirectory, Effect.succeed))
    const { realm } = optionsOf("memory", {})
    const keyId = KeyId.make(id(5))
    const at = Date.UTC(2026, 0, 1)
    const cause = { principal: "test", requestId: "test", operation: "test" }
    const actor = await run(
      kms.create(
        {
          keyId,
          realm,
          input: {
            origin: "Aliyun_KMS",
            kind: "symmetric",
            spec: "Aliyun_AES_256",
            usage: "ENCRYPT/DECRYPT",
            protection: "HSM",
            serviceKey: false,
            newestVersionId: id(6),
            newestVersionAt: at,
            rotationIntervalMillis: null
          },
          metadata: { description: "", creator: realm.account, createdAt: at, tags: {} }
        },
        cause
      )
    )
    expect(readableSecrets(token).objects - before).toBe(1)
    const week = at + 7 * 86_400_000
    await run(actor.tell({ type: "ScheduleKeyDeletion", at, dueAt: week }, cause))
    renameSync(token.tokens, away)
    await run(Effect.flatMap(Timers, ({ advanceTo }) => advanceTo(week)))
    expect(actor.snapshot().hasTag("readable")).toBe(false)
    expect(await owed()).toHaveLength(1)
    await settle()
    expect(await owed()).toHaveLength(1)
    renameSync(away, token.tokens)
    await expect.poll(async () => (await settle(), (await owed()).length)).toBe(0)
    expect(readableSecrets(token).objects - before).toBe(0)
    await runtime.dispose()
  })
})
