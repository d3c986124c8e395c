/** Pending destruction and calls while the token is disconnected or hangs. */
import { mkdtempSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, ManagedRuntime } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { KeyDirectory } from "../../src/actor/keyDirectory.ts"
import { optionsOf } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { engineLayer } from "../../src/main.ts"
import { createKms, SeedRefused } from "../../src/promise.ts"
import { LifecycleClock } from "../../src/timers/clock.ts"
import { Timers } from "../../src/timers/timers.ts"
import { makeFaultyToken } from "./faultyModule.ts"
import { readableSecrets } from "./inToken.ts"

const token = makeFaultyToken()
const scratch = mkdtempSync(join(tmpdir(), "keystate-hsm-outage-"))
afterAll(() => {
  token.heal()
  token.remove()
  rmSync(scratch, { recursive: true, force: true })
})
const hsm = { module: token.module, label: token.label, pinFile: token.pinFile }
const Plaintext = "aGVsbG8="
const away = `${token.tokens}.away`

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "ok",
    (error: unknown) => String(typeof error === "object" && error !== null ? Reflect.get(error, "code") : error)
  )

/** A key whose deletion becomes due while the token is disconnected. */
const deletedMeanwhile = async (directory: string): Promise<number> => {
  await using kms = await createKms({ store: { directory }, clock: "virtual", hsm })
  const other = (await kms.createKey({ ProtectionLevel: "HSM" })).KeyMetadata.KeyId
  const before = readableSecrets(token.sound).objects
  const { KeyId } = (await kms.createKey({ ProtectionLevel: "HSM", KeySpec: "EC_P256" })).KeyMetadata
  expect(readableSecrets(token.sound).objects).toBe(before + 2)
  await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
  renameSync(token.tokens, away)
  await kms.clock.advance("8d")
  expect(await codeOf(kms.describeKey({ KeyId }))).toBe("Forbidden.KeyNotFound")
  renameSync(away, token.tokens)
  await expect.poll(() => codeOf(kms.encrypt({ KeyId: other, Plaintext }))).toBe("ok")
  expect(readableSecrets(token.sound).objects).toBe(before + 2)
  return before
}

describe("destruction in a disconnected token", () => {
  it("destruction in a disconnected token happens when the service starts again", async () => {
    const directory = join(scratch, "restarted")
    const before = await deletedMeanwhile(directory)
    await using kms = await createKms({ store: { directory }, clock: "virtual", hsm })
    expect((await kms.listKeys()).TotalCount).toBe(1)
    await expect.poll(() => readableSecrets(token.sound).objects).toBe(before)
  })

  it("destruction stays pending while the token is disconnected, and happens right after its return", async () => {
    const runtime = ManagedRuntime.make(engineLayer(optionsOf("memory", { clock: "virtual", hsm })))
    const { kms, clock, timers, settleOwed } = await runtime.runPromise(
      Effect.all({
        kms: Kms,
        clock: LifecycleClock,
        timers: Timers,
        settleOwed: Effect.map(KeyDirectory, (directory) => directory.settleOwed)
      })
    )
    const before = readableSecrets(token.sound).objects
    const { KeyMetadata } = await runtime.runPromise(kms.createKey({ ProtectionLevel: "HSM" }))
    await runtime.runPromise(kms.scheduleKeyDeletion({ KeyId: KeyMetadata.KeyId, PendingWindowInDays: 7 }))
    renameSync(token.tokens, away)
    await runtime.runPromise(timers.advanceTo(clock.now() + 8 * 86_400_000))
    expect(await runtime.runPromise(settleOwed)).toBe(1)
    expect(await runtime.runPromise(settleOwed)).toBe(1)
    renameSync(away, token.tokens)
    await expect.poll(() => runtime.runPromise(settleOwed), { interval: 200 }).toBe(0)
    expect(readableSecrets(token.sound).objects).toBe(before)
    await runtime.dispose()
  })
})

describe("a token that hangs", () => {
  it("a token that hangs delays only calls for its own keys, for a limited time", async () => {
    await using kms = await createKms({ hsm, clock: "virtual" })
    const create = async (ProtectionLevel: "HSM" | "SOFTWARE") =>
      (await kms.createKey({ ProtectionLevel })).KeyMetadata.KeyId
    const inToken = await create("HSM")
    const software = await create("SOFTWARE")
    token.arm({ function: "C_EncryptInit", how: "hang", after: false, times: undefined })
    const state = { ended: false, served: 0 }
    const hanging = codeOf(kms.encrypt({ KeyId: inToken, Plaintext })).finally(() => {
      state.ended = true
    })
    while (!state.ended) {
      await kms.encrypt({ KeyId: software, Plaintext })
      state.served++
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await hanging).toBe("ServiceUnavailableTemporary")
    // Each of them alone would wait as long as the hanging call.
    expect(state.served).toBeGreaterThan(2)
    token.heal()
    await expect.poll(() => codeOf(kms.encrypt({ KeyId: inToken, Plaintext }))).toBe("ok")
  })
})

describe("a seed for a token", () => {
  const id = "5eed0000-0000-4000-8000-0000000000b1"

  it("a seed with material for a token is refused, and leaves no object in the token", async () => {
    // Keys are visible after a login: this service keeps the login.
    await using watcher = await createKms({ hsm })
    expect((await watcher.listKeys()).TotalCount).toBe(0)
    const before = readableSecrets(token.sound).objects
    const keys = [{ id, level: "HSM", material: "MIlgV3cXBT/i1vEDAWxnvrsVlzl9+8DYcAl9q/HpTes=" } as const]
    const failure: unknown = await createKms({ hsm, fixtures: { version: 1, keys } }).catch((error) => error)
    if (!(failure instanceof SeedRefused)) throw failure
    expect(failure.faults.map(({ path }) => path)).toEqual(["keys[0].material"])
    expect(failure.faults[0]?.complaint).toContain("ImportKeyMaterial")
    expect(before).toBeGreaterThan(0)
    expect(readableSecrets(token.sound).objects).toBe(before)
  })

  it("a seed without material for a token is accepted, and the token generates the key", async () => {
    // Keys are visible after a login: this service keeps the login.
    await using watcher = await createKms({ hsm })
    expect((await watcher.listKeys()).TotalCount).toBe(0)
    const before = readableSecrets(token.sound)
    await using kms = await createKms({ hsm, fixtures: { version: 1, keys: [{ id, level: "HSM" }] } })
    const { CiphertextBlob } = await kms.encrypt({ KeyId: id, Plaintext })
    expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
    expect(readableSecrets(token.sound)).toEqual({ objects: before.objects + 1, readable: [] })
  })
})
