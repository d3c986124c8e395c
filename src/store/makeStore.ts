/** The store that the engine uses, built on the four methods of its driver. */
import { Effect, Layer } from "effect"
import type { LifecycleState } from "../../machines/vocabulary.ts"
import type { KeyId } from "../domain/ids.ts"
import { planOf } from "../plan/changePlan.ts"
import type { Plan, Write } from "../plan/plan.ts"
import { lineOf } from "../records/auditLine.ts"
import { accessVersionName } from "../records/metaNames.ts"
import { portableHash } from "../records/hashChain.ts"
import * as form from "../records/storedForm.ts"
import { idOf } from "../records/storedRows.ts"
import { Driver } from "./driver.ts"
import type { StoreDriver, StoreFailure } from "./driver.ts"
import { decoded, reader } from "./rowReader.ts"
import type { Reader } from "./rowReader.ts"
import { importStore } from "./importStore.ts"
import { unchecked, update, writesOf } from "./rowWriter.ts"
import type { RamChange } from "../records/rows.ts"
import { Store } from "./store.ts"
import type { KeyFilter, KeyQuery } from "./store.ts"
import { orLater } from "./unavailable.ts"

type Engine = Store["Service"]

const everything = Number.MAX_SAFE_INTEGER

const inState = (driver: StoreDriver, state: LifecycleState): Effect.Effect<number, StoreFailure> =>
  driver.count({ table: "keys", index: "byState", partition: [state] })

const keyReads = (driver: StoreDriver, { one, many }: Reader) =>
  ({
    key: (keyId) => one("keys", [keyId], form.readKey),
    versions: (keyId) =>
      many(
        { table: "versions", index: "ofKey", partition: [keyId], newestFirst: true, limit: everything },
        form.readVersion
      ),
    version: (keyId, keyVersionId) => one("versions", [keyId, keyVersionId], form.readVersion),
    keyRows: ({ realm: { account, region }, offset, limit }) =>
      many({ table: "keys", index: "live", partition: [account, region], offset, limit }, form.readKey),
    userKeyCount: ({ account, region }) =>
      driver.count({ table: "keys", index: "users", partition: [account, region] }),
    census: Effect.all({
      PendingImport: inState(driver, "PendingImport"),
      Enabled: inState(driver, "Enabled"),
      Disabled: inState(driver, "Disabled"),
      PendingDeletion: inState(driver, "PendingDeletion"),
      Deleted: inState(driver, "Deleted")
    }),
    allKeyIds: ({ after, limit }) =>
      many(
        { table: "keys", index: "byId", partition: [], limit, ...(after === undefined ? {} : { after }) },
        form.readKeyId
      ),
    journal: ({ keyId, afterSeq, limit }) =>
      many({ table: "events", index: "ofKey", partition: [keyId], after: afterSeq, limit }, form.readEntry)
  }) satisfies Partial<Engine>

/** Replaces a filter by aliases with one by keys, because aliases have a separate table. */
const resolveAliases = (driver: StoreDriver, { realm, filter }: KeyQuery) =>
  Effect.gen(function* () {
    if (filter?.alias === undefined) return filter
    const { alias, ...rest } = filter
    const rows = yield* Effect.forEach(alias, (name) => driver.get("aliases", [realm.account, realm.region, name]))
    const named = rows.flatMap((row) => (row === undefined ? [] : [row.keyId]))
    const keyId = rest.keyId === undefined ? named : rest.keyId.filter((id) => named.includes(id))
    return { ...rest, keyId }
  })

/** Keys of this service do not belong to a KMS instance. */
const isNone = ({ filter }: KeyQuery): boolean => filter?.instance !== undefined

const keysOf =
  (driver: StoreDriver, { page }: Reader): Engine["keys"] =>
  (query) =>
    Effect.gen(function* () {
      if (isNone(query)) return { total: 0, keyIds: [] }
      const where: KeyFilter | undefined = yield* resolveAliases(driver, query)
      const { realm, offset, limit } = query
      const range = {
        table: "keys",
        index: "live",
        partition: [realm.account, realm.region],
        ...(where === undefined ? {} : { where })
      } as const
      const { rows, total } = yield* page({ ...range, offset, limit }, form.readKeyId)
      return { total, keyIds: rows }
    })

const timeReads = ({ many }: Reader) =>
  ({
    due: (query) => many({ table: "deadlines", index: "due", partition: [], ...query }, form.readDeadline),
    deadlinesOf: (keyId) =>
      many({ table: "deadlines", index: "ofKey", partition: [keyId], limit: everything }, (row) => {
        const { kind, dueAt, epoch } = form.readDeadline(row)
        return { kind, dueAt, epoch }
      }),
    nextDue: Effect.map(
      many({ table: "deadlines", index: "due", partition: [], limit: 1 }, form.readDeadline),
      ([first]) => first
    ),
    owed: many({ table: "owed", index: "all", partition: [], limit: everything }, form.readOwed)
  }) satisfies Partial<Engine>

const aliasReads = (driver: StoreDriver, { one, page }: Reader) => {
  const ofKey = (keyId: KeyId) =>
    driver.scan({ table: "aliases", index: "ofKey", partition: [keyId], limit: everything })
  const ofOneKey: (
    query: Parameters<Engine["aliases"]>[0] & { readonly keyId: KeyId }
  ) => ReturnType<Engine["aliases"]> = ({ realm, keyId, offset, limit }) =>
    decoded(ofKey(keyId), (rows) => {
      const found = rows.filter(({ account, region }) => account === realm.account && region === realm.region)
      return { total: found.length, aliases: found.slice(offset, offset + limit).map(form.readAlias) }
    })
  return {
    alias: (realm, name) => one("aliases", [realm.account, realm.region, name], (row) => form.readAlias(row).keyId),
    aliasesOf: (keyId) => Effect.map(ofKey(keyId), (rows) => rows.map(({ aliasName }) => aliasName)),
    aliases: ({ keyId, ...query }) => {
      if (keyId !== undefined) return ofOneKey({ ...query, keyId })
      const { realm, offset, limit } = query
      const range = { table: "aliases", index: "inRealm", partition: [realm.account, realm.region] } as const
      return Effect.map(page({ ...range, offset, limit }, form.readAlias), ({ rows, total }) => ({
        total,
        aliases: rows
      }))
    }
  } satisfies Partial<Engine>
}

const auditReads = ({ many }: Reader) => {
  const range = { table: "audit", index: "bySeq", partition: [] } as const
  return {
    auditSegments: ({ afterSeq, limit }) => many({ ...range, after: afterSeq, limit }, form.readSegment),
    auditSegmentsBefore: ({ beforeSeq, limit }) =>
      many({ ...range, after: beforeSeq, newestFirst: true, limit }, form.readSegment)
  } satisfies Partial<Engine>
}

const nonceStore = (driver: StoreDriver, { many }: Reader) => {
  const range = { table: "nonces", index: "byExpiry", partition: [] } as const
  const forgetNonces: Engine["forgetNonces"] = ({ after, until }) =>
    unchecked(driver, writesOf("nonces", [{ op: "clear", range: { ...range, after, until } }]))
  return {
    appendNonces: (batch) =>
      unchecked(driver, writesOf("nonces", [{ op: "put", table: "nonces", row: form.storedNonces(batch) }])),
    forgetNonces,
    // Expired batches are deleted when there is disk space to record it.
    nonces: (now) =>
      Effect.andThen(
        orLater("The note of what is forgotten", forgetNonces({ after: Number.MIN_SAFE_INTEGER, until: now })),
        many({ ...range, after: now, limit: everything }, form.readNonces)
      )
  } satisfies Partial<Engine>
}

const accessVersionId = [accessVersionName] as const

/** Changes of access control are numbered. If another change came first, the commit conflicts and writes nothing. */
const ramPlan = ({ after, put, drop, audit }: RamChange): Plan => {
  const puts = put.map((row): Write => ({ op: "put", table: "ram", row }))
  const deletes = drop.map(({ account, kind, name }): Write => ({
    op: "delete",
    table: "ram",
    id: [account, kind, name]
  }))
  const numbered: Write = { op: "put", table: "meta", row: { name: accessVersionName, value: String(after + 1) } }
  const revision = after === 0 ? undefined : String(after)
  return {
    purpose: "ram",
    checks: [{ table: "meta", id: accessVersionId, revision }],
    writes: [...puts, ...deletes, numbered],
    lines: [lineOf(audit)]
  }
}

const otherWrites = (driver: StoreDriver, { one, many }: Reader) =>
  ({
    settle: (row) => {
      const stored = form.storedOwed(row)
      return unchecked(driver, writesOf("settle", [{ op: "delete", table: "owed", id: idOf("owed", stored) }]))
    },
    reserveInvocations: ({ keyId, keyVersionId, count, limit }) =>
      update(driver, { purpose: "invocations", table: "invocations", id: [keyId, keyVersionId] }, (row) => {
        const reserved = row?.reserved ?? 0
        const answer = Math.max(0, Math.min(count, limit - reserved))
        const next = { keyId, keyVersionId, reserved: reserved + answer }
        return { write: answer === 0 ? undefined : { op: "put", table: "invocations", row: next }, answer }
      }),
    ramRecords: many({ table: "ram", index: "byName", partition: [], limit: everything }, form.readRam),
    changeRam: (change) => driver.commit(ramPlan(change)),
    appendAudit: (lines) => (lines.length === 0 ? Effect.void : unchecked(driver, writesOf("audit", [], lines))),
    ramVersion: one("meta", accessVersionId, ({ value }) => Number(value)).pipe(Effect.map((known) => known ?? 0)),
    meta: (name) => one("meta", [name], ({ value }) => value),
    moveMeta: ({ name, from, to }) =>
      driver.commit({
        ...writesOf("meta", [{ op: "put", table: "meta", row: { name, value: to } }]),
        checks: [{ table: "meta", id: [name], revision: from }]
      }),
    setMeta: (name, value) => unchecked(driver, writesOf("meta", [{ op: "put", table: "meta", row: { name, value } }])),
    metaOnce: (name, value) =>
      update(driver, { purpose: "meta", table: "meta", id: [name] }, (row) =>
        row === undefined
          ? { write: { op: "put", table: "meta", row: { name, value } }, answer: value }
          : { write: undefined, answer: row.value }
      ),
    editMeta: (name, edit) =>
      update(driver, { purpose: "meta", table: "meta", id: [name] }, (row) => {
        const { answer, to } = edit(row?.value)
        return { write: to === undefined ? undefined : { op: "put", table: "meta", row: { name, value: to } }, answer }
      }),
    raiseMeta: (name, value) =>
      update(driver, { purpose: "meta", table: "meta", id: [name] }, (row) => {
        const known = row === undefined ? Number.NaN : Number(row.value)
        return known >= value
          ? { write: undefined, answer: known }
          : { write: { op: "put", table: "meta", row: { name, value: String(value) } }, answer: value }
      })
  }) satisfies Partial<Engine>

/** The driver, with a count of its commits that conflicted. */
const counted = (driver: StoreDriver): { readonly driver: StoreDriver; readonly conflicts: () => number } => {
  let conflicts = 0
  const commit: StoreDriver["commit"] = (plan) =>
    Effect.tapErrorTag(driver.commit(plan), "StoreConflict", () =>
      Effect.sync(() => {
        conflicts++
      })
    )
  return { driver: { ...driver, commit }, conflicts: () => conflicts }
}

export const makeStore = (given: StoreDriver): Engine => {
  const { driver, conflicts } = counted(given)
  const { scrub, shortage, faults, conditions, shared, hash = portableHash } = driver.abilities ?? {}
  const read = reader(driver)
  return {
    ...keyReads(driver, read),
    keys: keysOf(driver, read),
    ...timeReads(read),
    ...aliasReads(driver, read),
    ...auditReads(read),
    ...importStore(driver, read),
    ...nonceStore(driver, read),
    ...otherWrites(driver, read),
    commit: (change) =>
      Effect.suspend(() => {
        const { head, plan } = planOf(change, hash)
        return Effect.as(driver.commit(plan), head)
      }),
    scrub: scrub ?? Effect.void,
    shortage: shortage ?? (() => undefined),
    faults: faults ?? Effect.succeed([]),
    conditions: conditions ?? Effect.succeed([]),
    conflicts,
    shared,
    claimDue:
      shared && ((claim) => decoded(shared.claimDue(claim), (rows) => rows.map((row) => form.readDeadline(row))))
  }
}

/** The store of the engine, on a driver. */
export const storeLayer: Layer.Layer<Store, never, Driver> = Layer.effect(Store, Effect.map(Driver, makeStore))
