/** Seals every secret of a store under another root key, in one transaction: a kill at any point leaves the old or the new. */
import { Effect, Stream } from "effect"
import { specOf } from "../actor/handles.ts"
import { checkOf } from "../crypto/heldRootKey.ts"
import type { KeyId } from "../domain/ids.ts"
import { fingerprintNameOf, rootKeyCheckName } from "../records/metaNames.ts"
import type { KeyRow } from "../records/rows.ts"
import { readVersion } from "../records/storedForm.ts"
import type { StoredRow, TableName } from "../records/storedRows.ts"
import { StoreUnusable } from "../store/driver.ts"
import { makeStore } from "../store/makeStore.ts"
import type { Store, StoreFailure } from "../store/store.ts"
import { pageOf } from "../store/transfer.ts"
import type { RowChange } from "../store/transfer.ts"
import { resealedMeta, resealedRam, resealedSession, resealedVersion, Unopened } from "./secrets.ts"
import type { RootKeys } from "./secrets.ts"

/** The numbers of resealed rows. */
export interface Resealed {
  readonly versions: number
  readonly importSessions: number
  readonly accessRecords: number
}

export interface Resealing {
  readonly change: RowChange
  readonly keys: RootKeys
  /** The rows of `meta` for the new root key besides the check value, such as the salt of a passphrase. */
  readonly about: ReadonlyMap<string, string>
  /** Names of the rows of `meta` for the old root key. */
  readonly obsolete: ReadonlyArray<string>
}

const attempt = <A>(work: () => A): Effect.Effect<A, StoreUnusable> =>
  Effect.try({
    try: work,
    catch: (failure) =>
      new StoreUnusable({
        message:
          failure instanceof Unopened
            ? `Nothing was changed: ${failure.message}. Run keystate verify.`
            : `Nothing was changed: ${failure instanceof Error ? failure.message : "a row cannot be read"}.`
      })
  })

const unmatched = (keyId: KeyId): StoreUnusable =>
  new StoreUnusable({
    message:
      `Nothing was changed: key ${keyId} had imported material that is gone now. Only the old root key tells whether that ` +
      "material is imported again. Import it, or delete the key, and then reseal."
  })

type Engine = Store["Service"]

/** Whether imported material of a key must be recognized when it is imported again. */
const remembersMaterial = ({ snapshot }: KeyRow): boolean =>
  snapshot.context.origin === "EXTERNAL" &&
  snapshot.context.fingerprint !== null &&
  snapshot.value.lifecycle !== "Deleted"

const reseal = (store: Engine, keys: RootKeys, row: StoredRow<"versions">) =>
  Effect.gen(function* () {
    const { keyId, stored } = yield* attempt(() => readVersion(row))
    const key = yield* store.key(keyId)
    if (key === undefined)
      return yield* new StoreUnusable({ message: `Nothing was changed: there is no key ${keyId}.` })
    const isImported = remembersMaterial(key)
    if (stored === undefined) return isImported ? yield* unmatched(keyId) : undefined
    const metas: Array<StoredRow<"meta">> = []
    const note = (of: KeyId, fingerprint: string): void => {
      const value = `${fingerprint} ${key.snapshot.context.fingerprint ?? ""}`
      metas.push({ name: fingerprintNameOf(of), value })
    }
    const spec = specOf(key.snapshot.context)
    const next = yield* attempt(() => resealedVersion(keys, row, { spec, note: isImported ? note : undefined }))
    return { row: next, metas }
  })

const resealVersions = (store: Engine, { change, keys }: Resealing) =>
  Effect.gen(function* () {
    let count = 0
    yield* Stream.runForEach(change.rows("versions"), (rows) =>
      Effect.gen(function* () {
        const next = (yield* Effect.forEach(rows, (row) => reseal(store, keys, row))).filter((one) => one !== undefined)
        count += next.length
        yield* change.put({ table: "versions", rows: next.map(({ row }) => row) })
        yield* change.put({ table: "meta", rows: next.flatMap(({ metas }) => metas) })
      })
    )
    return count
  })

/** Reseals the rows of a table. Returns the number of changed rows. */
const resealTable = <T extends TableName>(
  change: RowChange,
  table: T,
  next: (row: StoredRow<T>) => StoredRow<T>
): Effect.Effect<number, StoreFailure | StoreUnusable> =>
  Effect.gen(function* () {
    let count = 0
    yield* Stream.runForEach(change.rows(table), (rows) =>
      Effect.gen(function* () {
        const changed = yield* attempt(() =>
          rows.map((row) => ({ row, now: next(row) })).filter(({ row, now }) => row !== now)
        )
        count += changed.length
        const rowsNow = changed.map(({ now }) => now)
        yield* change.put(pageOf(table, rowsNow))
      })
    )
    return count
  })

/** Reseals everything, and replaces the check value. The caller verifies the change, and then finishes it. */
export const resealAll = (resealing: Resealing): Effect.Effect<Resealed, StoreFailure | StoreUnusable> =>
  Effect.gen(function* () {
    const { change, keys, about, obsolete } = resealing
    const versions = yield* resealVersions(makeStore(change.driver), resealing)
    const importSessions = yield* resealTable(change, "importSessions", (row) => resealedSession(keys, row))
    const records = yield* resealTable(change, "ram", (row) => resealedRam(keys, row))
    const pairs = yield* resealTable(change, "meta", (row) => resealedMeta(keys, row))
    yield* change.dropMeta(obsolete)
    const said = [...about, [rootKeyCheckName, checkOf(keys.new)] as const]
    yield* change.put({ table: "meta", rows: said.map(([name, value]) => ({ name, value })) })
    return { versions, importSessions, accessRecords: records + pairs }
  })
