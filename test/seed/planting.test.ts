/** Seeded keys are created once, and not changed by later starts. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Logger } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { verifyStore } from "../../src/verification/verify.ts"
import { capabilities } from "../../src/domain/keySpec.ts"
import { optionsOf } from "../../src/index.ts"
import { storedEngineLayer } from "../../src/main.ts"
import { createKms, SeedRefused } from "../../src/promise.ts"
import type { PromiseKms, Seed } from "../../src/promise.ts"
import { exportSeed } from "../../src/seed/exportSeed.ts"
import { plantSeed } from "../../src/seed/plantSeed.ts"
import { Store } from "../../src/store/store.ts"
import {
  directoryOver,
  example,
  exampleText,
  home,
  id,
  keyIn,
  material,
  seedOf,
  seedOfKeys,
  startAt,
  verified
} from "./seeds.ts"

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "keystate-seed-"))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const start = (fixtures?: Seed): Promise<PromiseKms> =>
  createKms({ store: { directory }, clock: "virtual", ...(fixtures === undefined ? {} : { fixtures }) })

const Plaintext = Buffer.from("hello").toString("base64")
const ids = (example.keys ?? []).map((key) => key.id)

describe("the example seed", () => {
  it("the example seed has a key of every spec that works in software", () => {
    const specs = new Set((example.keys ?? []).map(({ spec = "Aliyun_AES_256" }) => spec))
    const held = Object.entries(capabilities).filter(([, { levels }]) => levels.some((level) => level === "SOFTWARE"))
    expect([...specs].sort()).toEqual(held.map(([spec]) => spec).sort())
  })

  it("the example seed gives every key its id, spec, state, aliases and tags", async () => {
    await using kms = await createKms({ clock: "virtual", fixtures: example })
    for (const key of example.keys ?? []) {
      const { KeyMetadata } = await kms.describeKey({ KeyId: key.id })
      const waits = key.origin === "EXTERNAL" && key.material === undefined
      expect(KeyMetadata).toMatchObject({
        KeySpec: key.spec ?? "Aliyun_AES_256",
        KeyState: key.state ?? (waits ? "PendingImport" : "Enabled"),
        Description: key.description ?? "",
        Creator: key.service ?? home.account
      })
    }
    const { KeyId: byAlias } = await kms.encrypt({ KeyId: "alias/orders", Plaintext })
    expect(byAlias).toBe(id(1))
    expect(await kms.listResourceTags({ KeyId: id(1) })).toMatchObject({ Tags: { Tag: [{ TagKey: "team" }] } })
  })

  it("the example seed creates every listed version, the last one primary, and rotates from there", async () => {
    await using kms = await createKms({ clock: "virtual", fixtures: example })
    const { versions = [] } = keyIn(example, { rotationInterval: "90d" })
    const listed = await kms.listKeyVersions({ KeyId: id(2) })
    expect(listed.KeyVersions.KeyVersion.map(({ KeyVersionId }) => KeyVersionId).sort()).toEqual(
      versions.map((version) => version.id)
    )
    const { KeyMetadata } = await kms.describeKey({ KeyId: id(2) })
    expect(KeyMetadata).toMatchObject({
      PrimaryKeyVersion: versions.at(-1)?.id,
      NextRotationDate: "2026-04-01T00:00:00Z"
    })
    await kms.clock.advance("90d")
    expect((await kms.listKeyVersions({ KeyId: id(2) })).TotalCount).toBe(versions.length + 1)
  })

  it("the example seed lets two servers open each other's ciphertexts and verify each other's signatures", async () => {
    await using here = await createKms({ clock: "virtual", fixtures: example })
    await using there = await createKms({ clock: "virtual", crypto: "portable", fixtures: example })
    for (const KeyId of [id(1), id(2), id(7)]) {
      const { CiphertextBlob } = await here.encrypt({ KeyId, Plaintext })
      expect((await there.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
    }
    const Digest = Buffer.alloc(32, 7).toString("base64")
    for (const [KeyId, Algorithm] of [
      [id(4), "RSA_PSS_SHA_256"],
      [id(5), "ECDSA_SHA_256"],
      [id(6), "ECDSA_SHA_256"]
    ] as const) {
      const listed = await here.listKeyVersions({ KeyId })
      const KeyVersionId = listed.KeyVersions.KeyVersion[0]?.KeyVersionId ?? ""
      const asked = { KeyId, KeyVersionId, Algorithm, Digest }
      const { Value } = await here.asymmetricSign(asked)
      expect((await there.asymmetricVerify({ ...asked, Value })).Value).toBe(true)
    }
  })

  it("the example seed is refused completely if its keys of level HSM have no HSM", async () => {
    const fixtures = seedOf(exampleText("seed-hsm.json"))
    const failure: unknown = await createKms({ fixtures }).catch((error) => error)
    if (!(failure instanceof SeedRefused)) throw failure
    expect(failure.faults.map(({ path }) => path)).toEqual(["keys[0]", "keys[1]", "keys[2]"])
    for (const { complaint } of failure.faults) expect(complaint).toContain("Unsupported.ProtectionLevel")
  })
})

describe("a second start with the seed", () => {
  it("a second start with a seed changes nothing, and verification has no findings", async () => {
    await (await start(example)).close()
    const before = await verified(directory)
    expect(before.findings).toEqual([])
    expect(before.keys).toBe(ids.length)
    await (await start(example)).close()
    const after = await verified(directory)
    expect(after).toEqual(before)
  })

  it("a second start with a seed does not change a key in any state, also a deleted one", async () => {
    const first = await start(example)
    await first.disableKey({ KeyId: id(1) })
    await first.deleteAlias({ AliasName: "alias/orders" })
    await first.scheduleKeyDeletion({ KeyId: id(3), PendingWindowInDays: 7 })
    await first.clock.advance("100d")
    await first.close()
    await using second = await start(example)
    expect((await second.describeKey({ KeyId: id(1) })).KeyMetadata.KeyState).toBe("Disabled")
    expect((await second.listAliases()).Aliases.Alias.map(({ AliasName }) => AliasName)).not.toContain("alias/orders")
    await expect(second.describeKey({ KeyId: id(3) })).rejects.toMatchObject({ code: "Forbidden.KeyNotFound" })
  })

  it("the journal and the audit log name the principal `seed` for seeded keys", async () => {
    await using kms = await start(example)
    const principals = []
    for await (const { principal } of kms.events(id(2))) principals.push(principal)
    expect(principals).toEqual(["seed", "seed", "seed", "seed"])
  })

  it("a second start with a seed completes an interrupted start at every step", async () => {
    const seed = seedOfKeys(...(example.keys ?? []).filter(({ spec }) => spec?.startsWith("RSA") !== true), {
      id: id(90),
      spec: "EC_P256",
      versions: [{ id: id(900) }, { id: id(901) }, { id: id(902) }]
    })
    const attempt = (commits: number) =>
      Effect.gen(function* () {
        const store = yield* Store
        let left = commits
        const cut: Store["Service"] = {
          ...store,
          commit: (change) => (left-- > 0 ? store.commit(change) : Effect.die(new Error("the power went")))
        }
        const planting = (over: Store["Service"], at: number) =>
          plantSeed(seed, home).pipe(Effect.provide(directoryOver(over, at)))
        const cutShort = yield* Effect.exit(planting(cut, startAt))
        yield* planting(store, startAt + 3_600_000)
        const { findings } = yield* verifyStore()
        return { findings, exported: yield* exportSeed, whole: cutShort._tag === "Success" }
      }).pipe(
        Effect.provide(storedEngineLayer(optionsOf("memory", {}))),
        Effect.provide(Logger.layer([])),
        Effect.runPromise
      )

    const whole = await attempt(Number.POSITIVE_INFINITY)
    expect(whole).toMatchObject({ findings: [], whole: true })
    for (let commits = 0; ; commits++) {
      const { findings, exported, whole: ended } = await attempt(commits)
      expect(findings).toEqual([])
      expect(exported).toEqual(whole.exported)
      if (ended) break
      expect(commits).toBeLessThan(60)
    }
  })
})

describe("seeds that contradict existing keys", () => {
  const own = { id: id(1), material: material(1) }

  it.each([
    [
      "another spec",
      { ...own, spec: "EC_P256" as const, material: keyIn(example, { spec: "EC_P256" }).material ?? "" }
    ],
    ["another region", { ...own, region: "cn-beijing" }],
    ["other material", { ...own, material: material(2) }],
    ["a version it has not", { ...own, versions: [{ material: material(1) }, { material: material(2) }] as const }],
    ["another creator", { ...own, service: "OSS" }]
  ])("refuses a seed with %s for an existing key, and creates no other key", async (_what, contradicting) => {
    await (await start(seedOfKeys(own))).close()
    const before = await verified(directory)
    const { material: _one, ...rest } = contradicting
    const key = "versions" in contradicting ? rest : contradicting
    const failure: unknown = await start(seedOfKeys({ id: id(5) }, key)).catch((error) => error)
    if (!(failure instanceof SeedRefused)) throw failure
    expect(failure.message).toMatch(/^The seed is refused, and nothing was changed:\n {2}keys\[1\]\S* .*exists already/)
    expect(await verified(directory)).toEqual(before)
  })

  it("a seed with other imported material is refused, and the same material is accepted after deletion", async () => {
    const external = { id: id(7), origin: "EXTERNAL" as const, material: material(7) }
    const kms = await start(seedOfKeys(external))
    await kms.deleteKeyMaterial({ KeyId: id(7) })
    await kms.close()
    await expect(start(seedOfKeys({ ...external, material: material(8) }))).rejects.toBeInstanceOf(SeedRefused)
    await using again = await start(seedOfKeys(external))
    expect((await again.describeKey({ KeyId: id(7) })).KeyMetadata.KeyState).toBe("PendingImport")
  })

  it("refuses a seed with an alias that is bound to another key", async () => {
    const kms = await start()
    const { KeyId } = (await kms.createKey()).KeyMetadata
    await kms.createAlias({ AliasName: "alias/orders", KeyId })
    await kms.close()
    await expect(start(seedOfKeys({ id: id(1), aliases: ["alias/orders"] }))).rejects.toThrow(
      "keys[0].aliases are already bound to another key."
    )
  })

  it("refuses a seed with more keys than the quota, existing keys included", async () => {
    const keys = Array.from({ length: 200 }, (_, at) => ({ id: id(at) }))
    await (await start(seedOfKeys(...keys))).close()
    await expect(start(seedOfKeys({ id: id(1000) }))).rejects.toThrow(
      "exceed the quota of 1000000000000001 in cn-hangzhou: with this seed it has 201 keys"
    )
  })
})
