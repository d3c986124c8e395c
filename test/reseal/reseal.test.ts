/** A resealed store opens under its new root key and not under the old one, and behaves as before. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Exit, Redacted, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { verifiedOn } from "../../src/cli/data/verified.ts"
import { optionsOf } from "../../src/index.ts"
import type { RootKeySource } from "../../src/main.ts"
import { createKms } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { postgres } from "../../src/postgres.ts"
import { reseal } from "../../src/resealing.ts"
import { rowsOfBackup } from "../../src/transfer/readBackup.ts"
import { transferRows } from "../../src/transfer/transferRows.ts"
import { openChangeOf, openTargetAt } from "../../src/transfers.ts"
import type { StorePlace } from "../../src/transfers.ts"
import { wrap } from "../guide/material.ts"
import { holdingRow, patientMillis, postgresForTests } from "../store/postgres/server.ts"
import { runOn } from "../store/postgres/statements.ts"
import { answersOf, backupBytes, importedMaterial, makeWorld, rowsOf } from "../transfer/world.ts"

const server = postgresForTests()
const place = mkdtempSync(join(tmpdir(), "keystate-reseal-test-"))
afterAll(() => rmSync(place, { recursive: true, force: true }))
const at = (name: string): string => join(place, name)

const world = at("world")
beforeAll(() => makeWorld(world, 3))

const file = (path: string): RootKeySource => ({ kind: "file", path })
const oldKey = file(join(world, "root.key"))

/** A copy of the store, without its root key. */
const copyOf = (name: string): StorePlace & { readonly directory: string } => {
  cpSync(world, at(name), { recursive: true })
  rmSync(join(at(name), "root.key"))
  return { kind: "directory", directory: at(name) }
}

/** Reseals like the command. `isFinished` says whether the change is made durable. */
const resealed = (store: StorePlace, old: RootKeySource, next: RootKeySource, isFinished = true) =>
  Effect.gen(function* () {
    const change = yield* openChangeOf(store)
    const counts = yield* reseal({ change, old, next, hsm: "simulator" })
    const options = { ...optionsOf("memory", { hsm: "simulator" }), rootKey: next }
    const { findings, materialsOpened } = yield* verifiedOn(change.driver, options)
    if (isFinished) yield* change.finish
    return { counts, findings, materialsOpened }
  }).pipe(Effect.scoped)

const kmsOn = (directory: string, rootKey: RootKeySource): Promise<PromiseKms> =>
  createKms({ store: { directory, create: false }, clock: "virtual", hsm: "simulator", rootKey })

const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "none",
    (failure: unknown) => String(failure)
  )

const importAgain = async (kms: PromiseKms, material: Uint8Array): Promise<string> => {
  const KeyId =
    (await kms.listAliases({})).Aliases.Alias.find(({ AliasName }) => AliasName === "alias/imported")?.KeyId ?? ""
  const WrappingAlgorithm = "RSAES_OAEP_SHA_256"
  const { ImportToken, PublicKey } = await kms.getParametersForImport({
    KeyId,
    WrappingAlgorithm,
    WrappingKeySpec: "RSA_2048"
  })
  const EncryptedKeyMaterial = wrap(PublicKey, WrappingAlgorithm, material)
  return refusalOf(kms.importKeyMaterial({ KeyId, ImportToken, EncryptedKeyMaterial, KeyMaterialExpireUnix: 0 }))
}

describe("a resealed store in a directory", () => {
  it("a resealed store opens every secret under the new root key, and refuses the old one", async () => {
    const store = copyOf("file")
    const next = file(at("file.key"))
    const first = copyOf("asItWas")
    const before = await kmsOn(first.directory, oldKey)
    const { CiphertextBlob } = await before.encrypt({ KeyId: "alias/imported", Plaintext: "aGVsbG8=" })
    const answers = await answersOf(before)
    await before.close()
    const { counts, findings, materialsOpened } = await Effect.runPromise(resealed(store, oldKey, next))
    expect([findings, counts?.versions]).toEqual([[], materialsOpened])
    expect(counts?.importSessions).toBeGreaterThan(0)
    // The root access key, and that of the user.
    expect(counts?.accessRecords).toBe(2)
    expect(await refusalOf(kmsOn(store.directory, oldKey))).toMatch(/sealed under another root key/)
    const after = await kmsOn(store.directory, next)
    expect(await answersOf(after)).toEqual(answers)
    expect((await after.decrypt({ CiphertextBlob })).Plaintext).toBe("aGVsbG8=")
    await after.close()
  })

  it("a resealed store holds no earlier sealed value, in the database or in other files", async () => {
    const store = copyOf("overwritten")
    const before = await rowsOf(store)
    const secrets = (before["versions"] ?? []).flatMap((row) => {
      const { sealed }: { readonly sealed: Record<string, number> | null } = JSON.parse(row)
      return sealed === null ? [] : [Buffer.from(Object.values(sealed))]
    })
    expect(secrets.length).toBeGreaterThan(4)
    const bytesOf = (name: string): Buffer => (existsSync(name) ? readFileSync(name) : Buffer.alloc(0))
    const holds = (secret: Buffer): boolean =>
      ["keystate.db", "keystate.db-wal"].some((name) =>
        bytesOf(join(store.directory, name)).includes(secret.subarray(1))
      )
    expect(secrets.filter(holds).length).toBe(secrets.length)
    await Effect.runPromise(resealed(store, oldKey, file(at("overwritten.key"))))
    expect(secrets.filter(holds)).toEqual([])
  })

  it("a resealed store recognises imported material, and refuses other material", async () => {
    const store = copyOf("imported")
    await Effect.runPromise(resealed(store, oldKey, file(at("imported.key"))))
    await Effect.runPromise(resealed(store, file(at("imported.key")), file(at("imported2.key"))))
    const kms = await kmsOn(store.directory, file(at("imported2.key")))
    expect(await importAgain(kms, Buffer.alloc(32, 7))).not.toBe("none")
    expect(await importAgain(kms, importedMaterial)).toBe("none")
    await kms.close()
  })

  it("an unfinished reseal leaves the store unchanged, and can run again", async () => {
    const store = copyOf("unfinished")
    const next = file(at("unfinished.key"))
    const before = await rowsOf(store)
    await Effect.runPromise(resealed(store, oldKey, next, false))
    expect(await rowsOf(store)).toEqual(before)
    await (await kmsOn(store.directory, oldKey)).close()
    await Effect.runPromise(resealed(store, oldKey, next))
    // Runs the command again, which was killed after the commit.
    expect((await Effect.runPromise(resealed(store, oldKey, next))).counts).toBeUndefined()
    await (await kmsOn(store.directory, next)).close()
  })

  it("reseal changes from a root key file to a passphrase and back", async () => {
    const store = copyOf("words")
    const words = { kind: "passphrase", passphrase: Redacted.make("correct horse battery staple") } as const
    await Effect.runPromise(resealed(store, oldKey, words))
    expect(await refusalOf(kmsOn(store.directory, oldKey))).toMatch(/one from a passphrase/)
    await Effect.runPromise(resealed(store, words, file(at("words.key"))))
    await (await kmsOn(store.directory, file(at("words.key")))).close()
  })

  it("reseal refuses a wrong root key, the same root key, and a store in use", async () => {
    const store = copyOf("refused")
    const before = await rowsOf(store)
    writeFileSync(at("wrong.key"), `${"0123456789abcdef".repeat(4)}\n`, { mode: 0o600 })
    const failure = async (old: RootKeySource, next: RootKeySource): Promise<string> => {
      const exit = await Effect.runPromiseExit(resealed(store, old, next))
      return Exit.isFailure(exit) ? String(exit.cause) : "none"
    }
    expect(await failure(file(at("wrong.key")), file(at("never.key")))).toMatch(
      /another root key than that of the file/
    )
    expect(existsSync(at("never.key"))).toBe(false)
    expect(await failure(oldKey, oldKey)).toMatch(/The new root key is the old one/)
    expect(await rowsOf(store)).toEqual(before)
    const kms = await kmsOn(store.directory, oldKey)
    expect(await failure(oldKey, file(at("never.key")))).toMatch(/in use by another process/)
    await kms.close()
  })
})

const asked =
  "SELECT count(*) AS asked FROM pg_stat_activity " +
  "WHERE datname <> current_database() AND state = 'idle' AND query LIKE '%AS others FROM%'"

/** Resolves when a command has asked for the other connections of its database. The URL names another database. */
const isAsked = async (url: string): Promise<void> => {
  for (;;) {
    const [row] = await runOn(url, [asked])
    if (Number(row?.["asked"]) > 0) return
  }
}

describe("a resealed store on PostgreSQL", () => {
  const restored = async (): Promise<{ readonly store: StorePlace; readonly url: string }> => {
    const url = await server.newDatabase()
    const store: StorePlace = { kind: "database", options: { url, tls: "off", timeoutMillis: patientMillis } }
    const bytes = await backupBytes({ kind: "directory", directory: world })
    await Effect.gen(function* () {
      const target = yield* openTargetAt(store)
      yield* transferRows(rowsOfBackup(Stream.make(bytes)), target)
      yield* target.finish
    }).pipe(Effect.scoped, Effect.runPromise)
    return { store, url }
  }
  const serviceOn = (url: string, rootKey: RootKeySource): Promise<PromiseKms> =>
    createKms({
      store: postgres(url, { tls: "off", timeoutMillis: patientMillis }),
      clock: "virtual",
      hsm: "simulator",
      rootKey
    })

  it("a resealed PostgreSQL store opens under the new root key alone; a server prevents the reseal", async () => {
    const { store, url } = await restored()
    const next = file(at("database.key"))
    const kms = await serviceOn(url, oldKey)
    const answers = await answersOf(kms)
    expect(await refusalOf(Effect.runPromise(resealed(store, oldKey, next)))).toMatch(/in use by a server/)
    await kms.close()
    const { findings } = await Effect.runPromise(resealed(store, oldKey, next))
    expect(findings).toEqual([])
    expect(await refusalOf(serviceOn(url, oldKey))).toMatch(/sealed under another root key/)
    const after = await serviceOn(url, next)
    expect(await answersOf(after)).toEqual(answers)
    expect(await importAgain(after, importedMaterial)).toBe("none")
    await after.close()
  })

  it("reseal waits until the last connection of a stopped server has ended", async () => {
    const { store, url } = await restored()
    const connection = await holdingRow(url, "SELECT 1")
    const change = Effect.runPromise(resealed(store, oldKey, file(at("stopped.key"))))
    await Promise.race([change, isAsked(server.get().url("postgres"))])
    await connection.release()
    expect((await change).findings).toEqual([])
  })
})
