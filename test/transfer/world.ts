/** A generated store with rows in every table, and the answers of a service on it. */
import { Effect, Layer, Stream } from "effect"
import type { Rows } from "../../src/store/transfer.ts"
import { openRowsOf } from "../../src/transfers.ts"
import type { StorePlace } from "../../src/transfers.ts"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import type { Write } from "../../src/plan/plan.ts"
import type { StoredRow, TableName } from "../../src/records/storedRows.ts"
import { storedOwed } from "../../src/records/storedForm.ts"
import { Failpoints, HostProcess } from "../../src/platform/services.ts"
import { Driver } from "../../src/store/driver.ts"
import { makeStore } from "../../src/store/makeStore.ts"
import { Store } from "../../src/store/store.ts"
import { sqliteDriverLayer } from "../../src/store/sqlite/sqliteStore.ts"
import { backupOf } from "../../src/transfer/writeBackup.ts"
import { replayOf } from "../../src/verification/replay.ts"
import { wrap } from "../guide/material.ts"

/** Numbers that follow from a seed (mulberry32). */
const numbersOf = (seed: number): ((below: number) => number) => {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Plaintext material that no backup may contain. */
export const importedMaterial = Buffer.from("KEYSTATE-TEST-MATERIAL-32-BYTES!")

const importInto = async (kms: PromiseKms, KeyId: string): Promise<void> => {
  const WrappingAlgorithm = "RSAES_OAEP_SHA_256"
  const { ImportToken, PublicKey } = await kms.getParametersForImport({
    KeyId,
    WrappingAlgorithm,
    WrappingKeySpec: "RSA_2048"
  })
  const EncryptedKeyMaterial = wrap(PublicKey, WrappingAlgorithm, importedMaterial)
  await kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial, KeyMaterialExpireUnix: 1_800_000_000 })
}

/** Changes of one key. Those that its state forbids are refused, and change nothing. */
const changes: ReadonlyArray<(kms: PromiseKms, KeyId: string, number: number) => Promise<unknown>> = [
  (kms, KeyId) => kms.disableKey({ KeyId }),
  (kms, KeyId) => kms.enableKey({ KeyId }),
  (kms, KeyId) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }),
  (kms, KeyId) => kms.cancelKeyDeletion({ KeyId }),
  (kms, KeyId, number) => kms.createAlias({ KeyId, AliasName: `alias/made-${number}` }),
  (kms, KeyId, number) => kms.tagResource({ KeyId, Tags: [{ TagKey: "number", TagValue: `№ ${number} \u{1f511}` }] }),
  (kms, KeyId) => kms.updateRotationPolicy({ KeyId, EnableAutomaticRotation: true, RotationInterval: "365d" }),
  (kms, KeyId) => kms.createKeyVersion({ KeyId }),
  (kms, KeyId, number) => kms.updateKeyDescription({ KeyId, Description: `changed ${number} times "\\ \u2028` }),
  (kms) => kms.clock.advance("3d")
]

const keyKinds = [
  {},
  { Description: "hardware", ProtectionLevel: "HSM" },
  { KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" },
  { KeySpec: "Aliyun_SM4", ProtectionLevel: "HSM" }
] as const

/** Sets up a service by calls. */
const play = async (kms: PromiseKms, seed: number, steps: number): Promise<void> => {
  const below = numbersOf(seed)
  const ids: Array<string> = []
  for (const kind of keyKinds) ids.push((await kms.createKey(kind)).KeyMetadata.KeyId)
  const external = (await kms.createKey({ Origin: "EXTERNAL" })).KeyMetadata.KeyId
  await importInto(kms, external)
  await kms.createAlias({ KeyId: external, AliasName: "alias/imported" })
  await kms.updateRotationPolicy({ KeyId: ids[0] ?? "", EnableAutomaticRotation: true, RotationInterval: "365d" })
  await kms.ram.createUser({ UserName: "alice" })
  await kms.ram.createAccessKey({ UserName: "alice" })
  for (let step = 0; step < steps; step++) {
    const change = changes[below(changes.length)]
    await change?.(kms, ids[below(ids.length)] ?? "", step).catch(() => undefined)
  }
  // Deleted, with its journal and its erased versions.
  const gone = (await kms.createKey({ Description: "gone" })).KeyMetadata.KeyId
  await kms.scheduleKeyDeletion({ KeyId: gone, PendingWindowInDays: 7 })
  await kms.clock.advance("8d")
  await kms.getParametersForImport({
    KeyId: external,
    WrappingAlgorithm: "RSAES_OAEP_SHA_256",
    WrappingKeySpec: "RSA_2048"
  })
}

const ended = Layer.succeed(HostProcess, {
  halt: (reason) => Effect.die(reason),
  haltSync: (reason) => {
    throw new Error(reason)
  }
})

/** Rows that exist only for a moment, or only in a server: owed work, nonces, counted uses. */
const addPassingRows = Effect.gen(function* () {
  const driver = yield* Driver
  const store = makeStore(driver)
  const [keyId] = yield* store.allKeyIds({ after: undefined, limit: 1 })
  const writes: Array<Write> = [
    { op: "put", table: "nonces", row: { expiresAt: 1_900_000_000_000, lines: '["a","b"]' } }
  ]
  for (const id of yield* store.allKeyIds({ after: undefined, limit: 1000 })) {
    const { owed } = yield* Effect.provideService(replayOf(id), Store, store)
    const erasing = owed.find(({ command }) => command._tag === "EraseMaterial")
    if (erasing === undefined) continue
    writes.push({ op: "put", table: "owed", row: storedOwed({ keyId: id, ...erasing }) })
    break
  }
  if (keyId !== undefined) {
    const [version] = yield* store.versions(keyId)
    if (version !== undefined) {
      const { keyVersionId } = version
      writes.push({ op: "put", table: "invocations", row: { keyId, keyVersionId, reserved: 4096 } })
    }
  }
  yield* driver.commit({ purpose: "meta", checks: [], writes, lines: [] })
})

/** Makes a store in a directory that has rows in every table. */
export const makeWorld = async (directory: string, seed: number, steps = 40): Promise<void> => {
  const kms = await createKms({ store: { directory }, clock: "virtual", hsm: "simulator" })
  await play(kms, seed, steps)
  await kms.close()
  await addPassingRows.pipe(
    Effect.provide(sqliteDriverLayer({ directory }).pipe(Layer.provide(Layer.mergeAll(Failpoints.layerNone, ended)))),
    Effect.runPromise
  )
}

/** Every row of a store, a table at a time, in an order that does not depend on the engine. */
export const rowsOf = (place: StorePlace): Promise<Readonly<Record<string, ReadonlyArray<string>>>> =>
  Effect.gen(function* () {
    const found: Record<string, Array<string>> = {}
    yield* Stream.runForEach(yield* openRowsOf(place), ({ table, rows }) =>
      Effect.sync(() => {
        for (const row of rows as ReadonlyArray<StoredRow<TableName>>) (found[table] ??= []).push(JSON.stringify(row))
      })
    )
    // A restored store does not record how it was closed.
    const meta = found["meta"]?.filter((row) => !row.includes('"wire.end"')) ?? []
    return Object.fromEntries(Object.entries({ ...found, meta }).map(([table, rows]) => [table, rows.toSorted()]))
  }).pipe(Effect.scoped, Effect.runPromise)

/** The bytes of a backup of a store. */
export const backupBytes = (place: StorePlace): Promise<Buffer> =>
  Effect.gen(function* () {
    const rows: Rows = yield* openRowsOf(place)
    const parts = yield* Stream.runCollect(backupOf(rows, { made: "2026-01-02T03:04:05.000Z", keystate: "0.0.0" }))
    return Buffer.concat(parts)
  }).pipe(Effect.scoped, Effect.runPromise)

const withoutRequestId = (reply: unknown): unknown => {
  const { RequestId: _, ...rest } = Object(reply) as Record<string, unknown>
  return rest
}

const answer = (call: Promise<unknown>): Promise<unknown> =>
  call.then(withoutRequestId, (error: unknown) => (error instanceof Error ? `${error.name} ${error.message}` : error))

/** The answers of a service about its keys, aliases, users and clock. Only the audit log changes. */
export const answersOf = async (kms: PromiseKms): Promise<ReadonlyArray<unknown>> => {
  const listed = await kms.listKeys({ PageSize: 100 })
  const ids = listed.Keys.Key.map(({ KeyId }) => KeyId)
  const answers: Array<unknown> = [withoutRequestId(listed)]
  // Of several deadlines at one instant, an engine may take any first.
  const { NextKeyId: _, ...clock } = await kms.clock.show()
  answers.push(await answer(kms.listAliases({ PageSize: 100 })), withoutRequestId(clock))
  answers.push(await answer(kms.ram.listUsers({})))
  for (const KeyId of ids) {
    answers.push(await answer(kms.describeKey({ KeyId })), await answer(kms.listKeyVersions({ KeyId })))
    answers.push(await answer(kms.listResourceTags({ KeyId })), await answer(kms.listAliasesByKeyId({ KeyId })))
    answers.push(await kms.explain(KeyId))
    for await (const event of kms.events(KeyId)) answers.push(event.hash)
  }
  return answers
}

/** The changes of the keys in the next year and a half. */
export const future = async (kms: PromiseKms): Promise<ReadonlyArray<unknown>> => {
  await kms.clock.advance("400d")
  const states: Array<unknown> = []
  for (const { KeyId } of (await kms.listKeys({ PageSize: 100 })).Keys.Key) {
    const { KeyState } = (await kms.describeKey({ KeyId })).KeyMetadata
    states.push([KeyId, KeyState, (await kms.listKeyVersions({ KeyId })).TotalCount])
  }
  return states
}
