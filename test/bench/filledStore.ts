/** Makes a SQLite store with many keys: the rows of real creations, put into a new file without a commit for each. */
import { hash } from "node:crypto"
import { rmSync } from "node:fs"
import { Effect, Stream } from "effect"
import { create, freeze } from "../../machines/cmk.ts"
import { Providers } from "../../src/crypto/providers.ts"
import { AccountId, KeyId, KeyVersionId, RegionId } from "../../src/domain/ids.ts"
import type { Realm } from "../../src/domain/ids.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { planOf } from "../../src/plan/changePlan.ts"
import { auditBeginning, segmentAfter } from "../../src/plan/execute.ts"
import type { AuditEnd } from "../../src/plan/execute.ts"
import type { Plan } from "../../src/plan/plan.ts"
import { Randomness } from "../../src/platform/services.ts"
import { genesis } from "../../src/records/hashChain.ts"
import type { HashText } from "../../src/records/hashChain.ts"
import type { Change, VersionRow } from "../../src/records/rows.ts"
import type { StoredRow, TableName } from "../../src/records/storedRows.ts"
import { openSqliteRows, openSqliteTarget } from "../../src/store/sqlite/sqliteRows.ts"
import { pageOf, transferOrder } from "../../src/store/transfer.ts"
import type { RowTarget } from "../../src/store/transfer.ts"
import { benchRootKey } from "./benchStore.ts"
import { scratchDirectory } from "./scratch.ts"

const region = RegionId.make("cn-hangzhou")
/** The account of the engines that read the store: most keys are in its list. */
const ownRealm: Realm = { account: AccountId.make("1000000000000001"), region }
const otherAccounts = 1000
const otherEach = 10
const aliasEach = 10

const dayMillis = 86_400_000
export const rotationMillis = 365 * dayMillis
/** Keys were created over this time. No rotation is due yet. */
const yearsMillis = 300 * dayMillis

const batch = 500

const nativeHash: HashText = (text) => hash("sha256", text)

/** One in ten keys is in one of a thousand other accounts, and one in ten has an alias. */
const realmOf = (index: number): Realm =>
  index % otherEach === otherEach - 1
    ? { account: AccountId.make(String(2_000_000 + (Math.floor(index / otherEach) % otherAccounts))), region }
    : ownRealm

interface Given {
  readonly index: number
  readonly at: number
  readonly uuid: () => string
}

const input = {
  origin: "Aliyun_KMS",
  kind: "symmetric",
  spec: "Aliyun_AES_256",
  usage: "ENCRYPT/DECRYPT",
  protection: "SOFTWARE",
  serviceKey: false,
  newestVersionId: "",
  newestVersionAt: 0,
  rotationIntervalMillis: rotationMillis
} as const

/** The machine runs once: fresh keys of one kind differ in ids and times only. `keystate verify` compares each. */
const fresh = freeze(create(input).next)

const snapshotOf = (newestVersionId: string, at: number): Change["snapshot"] => ({
  ...fresh,
  context: {
    ...fresh.context,
    newestVersionId,
    newestVersionAt: at,
    primaryVersionId: newestVersionId,
    nextRotation: { dueAt: at + rotationMillis, epoch: 1 }
  }
})

/** The change that `creationOf` makes for such a key. */
const changeFor = ({ at, index, uuid }: Given, keyId: KeyId, version: VersionRow): Change => {
  const realm = realmOf(index)
  const requestId = uuid()
  const metadata = { description: "", creator: realm.account, createdAt: at }
  const { keyVersionId } = version
  const about = { at, principal: realm.account, requestId, keyId }
  const made = { ...input, newestVersionId: keyVersionId, newestVersionAt: at }
  return {
    keyId,
    realm,
    expectedEpoch: 0,
    previous: genesis,
    entry: { ...about, seq: 1, payload: { type: "CreateKey", input: made, realm, metadata } },
    snapshot: snapshotOf(keyVersionId, at),
    metadata,
    deadlines: [{ kind: "RotationDue", dueAt: at + rotationMillis, epoch: 1 }],
    newVersions: [version],
    eraseMaterial: false,
    dropAliases: false,
    aliases: index % aliasEach === 0 ? [{ aliasName: `alias/key-${index}`, from: null, to: keyId }] : [],
    owed: [],
    audit: { ...about, operation: "CreateKey", outcome: "Success", before: null, after: "Enabled" }
  }
}

/** The rows that a plan puts, by table. */
const rowsOf = (plans: ReadonlyArray<Plan>): ReadonlyMap<TableName, ReadonlyArray<StoredRow<TableName>>> => {
  const rows = new Map<TableName, Array<StoredRow<TableName>>>()
  for (const write of plans.flatMap(({ writes }) => writes)) {
    if (write.op !== "put") throw new Error(`a creation has a write that is no put: ${write.op}`)
    const known = rows.get(write.table)
    if (known === undefined) rows.set(write.table, [write.row])
    else known.push(write.row)
  }
  return rows
}

const putAll = Effect.fnUntraced(function* (target: RowTarget, plans: ReadonlyArray<Plan>) {
  const rows = rowsOf(plans)
  for (const table of transferOrder) {
    const found = rows.get(table)
    if (found !== undefined) yield* target.put(pageOf(table, found))
  }
})

/** The rows of a store without keys that an engine has prepared, without its audit log. */
const prepare = Effect.fnUntraced(function* (target: RowTarget) {
  const directory = scratchDirectory()
  yield* Effect.void.pipe(Effect.provide(engineLayer(optionsOf({ directory }, benchRootKey))))
  const given = yield* openSqliteRows({ directory })
  let end = auditBeginning
  yield* Stream.runForEach(given, (page) => {
    if (page.table === "audit") end = page.rows.at(-1) ?? end
    return target.put(page)
  })
  rmSync(directory, { recursive: true })
  return end
})

export interface Filled {
  /** A key of the engine's own account. */
  readonly keyId: string
  /** Ids of such keys, evenly spread over the store. */
  readonly sample: ReadonlyArray<string>
  /** No deadline is earlier. */
  readonly firstDue: number
  readonly lastDue: number
}

/** Fills a new directory. `sampleSize` ids of keys are kept. `onProgress` hears the number of keys so far. */
export const fill = (
  directory: string,
  { keys, onProgress, sampleSize }: { keys: number; sampleSize: number; onProgress?: (done: number) => void }
): Promise<Filled> =>
  Effect.gen(function* () {
    const { uuid } = yield* Randomness
    const provider = (yield* Providers).find("SOFTWARE", "Aliyun_AES_256")
    if (provider === undefined) throw new Error("no provider holds AES keys")
    const target = yield* openSqliteTarget({ directory })
    let end: AuditEnd = yield* prepare(target)
    const sample: Array<string> = []
    const each = Math.max(1, Math.floor(keys / sampleSize))
    const from = Date.now() - yearsMillis
    const atOf = (index: number): number => from + Math.floor((index / keys) * yearsMillis)
    const planned = (index: number) => {
      const given = { index, at: atOf(index), uuid }
      const row = { keyId: KeyId.make(uuid()), keyVersionId: KeyVersionId.make(uuid()) }
      if (sample.length * each <= index && realmOf(index) === ownRealm) sample.push(row.keyId)
      return Effect.map(provider.generate({ row, spec: "Aliyun_AES_256" }), (stored) => {
        const version = { ...row, createdAt: given.at, stored }
        return planOf(changeFor(given, row.keyId, version), nativeHash).plan
      })
    }
    for (let begin = 0; begin < keys; begin += batch) {
      const size = Math.min(batch, keys - begin)
      const plans = yield* Effect.forEach(Array.from({ length: size }), (_, at) => planned(begin + at))
      yield* putAll(target, plans)
      const lines = plans.flatMap((plan) => plan.lines)
      const segment = segmentAfter(end, lines, nativeHash)
      yield* target.put(pageOf("audit", [segment]))
      end = segment
      onProgress?.(begin + size)
    }
    yield* target.finish
    return {
      keyId: sample[0] ?? "",
      sample,
      firstDue: atOf(0) + rotationMillis,
      lastDue: atOf(keys - 1) + rotationMillis
    }
  }).pipe(Effect.scoped, Effect.provide(engineLayer(optionsOf("memory", { ...benchRootKey }))), Effect.runPromise)
