/** The store for tests, simulations and whoever needs no yesterday: the same semantics in Maps, on any runtime. */
import { Effect, Layer } from "effect"
import { lineOf } from "../../records/auditLine.ts"
import type { LifecycleState } from "../../../machines/vocabulary.ts"
import type { Realm } from "../../domain/ids.ts"
import { CommitConflict, Store } from "../store.ts"
import type { KeyFilter } from "../store.ts"
import type { Change, KeyRow, OwedRow } from "../../records/rows.ts"
import { versionOf } from "./copies.ts"
import { aliasPlace, appendSegment, applyChange, makeTables, owedName, ramPlace } from "./tables.ts"
import type { Tables } from "./tables.ts"

const rowsOf = (tables: Tables): ReadonlyArray<KeyRow> => [...tables.keys.values()].map(({ row }) => row)

const isIn = (wanted: Realm, realm: Realm): boolean =>
  realm.account === wanted.account && realm.region === wanted.region

const liveIn = (tables: Tables, wanted: Realm): ReadonlyArray<KeyRow> =>
  rowsOf(tables).filter(({ realm, snapshot }) => isIn(wanted, realm) && snapshot.value.lifecycle !== "Deleted")

/** One tag has to match both lists. */
const hasTag = ({ metadata }: KeyRow, { tagKey, tagValue }: KeyFilter): boolean =>
  (tagKey === undefined && tagValue === undefined) ||
  Object.entries(metadata.tags ?? {}).some(
    ([key, value]) => (tagKey?.includes(key) ?? true) && (tagValue?.includes(value) ?? true)
  )

const hasAlias = (tables: Tables, { keyId }: KeyRow, { alias }: KeyFilter): boolean =>
  alias === undefined ||
  [...tables.aliases.values()].some((row) => row.keyId === keyId && alias.includes(row.aliasName))

const passes = (tables: Tables, row: KeyRow, filter: KeyFilter): boolean =>
  isLike(row, filter) &&
  (filter.keyId?.includes(row.keyId) ?? true) &&
  (filter.creator?.includes(row.metadata.creator) ?? true) &&
  filter.instance === undefined &&
  hasTag(row, filter) &&
  hasAlias(tables, row, filter)

const isLike = ({ snapshot: { value, context } }: KeyRow, filter: KeyFilter): boolean =>
  (filter.state?.includes(value.lifecycle) ?? true) &&
  (filter.spec?.includes(context.spec) ?? true) &&
  (filter.usage?.includes(context.usage) ?? true) &&
  (filter.protection?.includes(context.protection) ?? true) &&
  (filter.creatorType?.includes(context.serviceKey ? "Service" : "User") ?? true)

const countStates = (tables: Tables): Record<LifecycleState, number> => {
  const counts: Record<LifecycleState, number> = {
    PendingImport: 0,
    Enabled: 0,
    Disabled: 0,
    PendingDeletion: 0,
    Deleted: 0
  }
  for (const { snapshot } of rowsOf(tables)) counts[snapshot.value.lifecycle]++
  return counts
}

type Reads = Pick<
  Store["Service"],
  | "key"
  | "versions"
  | "version"
  | "keys"
  | "userKeyCount"
  | "census"
  | "allKeyIds"
  | "journal"
  | "alias"
  | "aliasesOf"
  | "aliases"
  | "importSession"
  | "importSessions"
  | "ramRecords"
  | "auditSegments"
  | "auditSegmentsBefore"
>

type BesideWrites = Pick<
  Store["Service"],
  "addImportSession" | "countImportFailure" | "forgetImportSessions" | "reserveInvocations" | "changeRam"
>

const makeReads = (tables: Tables): Reads => ({
  key: (keyId) => Effect.sync(() => tables.keys.get(keyId)?.row),
  versions: (keyId) => Effect.sync(() => (tables.keys.get(keyId)?.versions ?? []).toReversed().map(versionOf)),
  version: (keyId, keyVersionId) =>
    Effect.sync(() => {
      const found = tables.keys.get(keyId)?.versions.find((row) => row.keyVersionId === keyVersionId)
      return found === undefined ? undefined : versionOf(found)
    }),
  keys: ({ realm, offset, limit, filter }) =>
    Effect.sync(() => {
      const found = liveIn(tables, realm).filter((row) => filter === undefined || passes(tables, row, filter))
      return { total: found.length, keyIds: found.slice(offset, offset + limit).map(({ keyId }) => keyId) }
    }),
  userKeyCount: (realm) =>
    Effect.sync(() => liveIn(tables, realm).filter(({ snapshot }) => !snapshot.context.serviceKey).length),
  census: Effect.sync(() => countStates(tables)),
  allKeyIds: ({ after, limit }) =>
    Effect.sync(() => {
      const sorted = [...tables.keys.keys()].sort()
      return sorted.filter((keyId) => after === undefined || keyId > after).slice(0, limit)
    }),
  journal: ({ keyId, afterSeq, limit }) =>
    Effect.sync(() => (tables.keys.get(keyId)?.events ?? []).slice(afterSeq, afterSeq + limit)),
  alias: (realm, aliasName) => Effect.sync(() => tables.aliases.get(aliasPlace(realm, aliasName))?.keyId),
  aliasesOf: (keyId) =>
    Effect.sync(() =>
      [...tables.aliases.values()].filter((alias) => alias.keyId === keyId).map(({ aliasName }) => aliasName)
    ),
  aliases: ({ realm, keyId, offset, limit }) =>
    Effect.sync(() => {
      const found = [...tables.aliases.values()].filter(
        (row) => isIn(realm, row.realm) && (keyId === undefined || row.keyId === keyId)
      )
      const aliases = found.slice(offset, offset + limit).map((row) => ({ aliasName: row.aliasName, keyId: row.keyId }))
      return { total: found.length, aliases }
    }),
  importSession: (id) => Effect.sync(() => tables.importSessions.get(id)),
  importSessions: Effect.sync(() => [...tables.importSessions.values()]),
  ramRecords: Effect.sync(() =>
    [...tables.ram.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, record]) => record)
  ),
  auditSegments: ({ afterSeq, limit }) => Effect.sync(() => tables.audit.slice(afterSeq, afterSeq + limit)),
  auditSegmentsBefore: ({ beforeSeq, limit }) =>
    Effect.sync(() => {
      const end = Math.max(Math.min(beforeSeq - 1, tables.audit.length), 0)
      return tables.audit.slice(Math.max(end - limit, 0), end).toReversed()
    })
})

const writesBeside = (tables: Tables): BesideWrites => ({
  addImportSession: (row) =>
    Effect.sync(() => {
      tables.importSessions.set(row.id, Object.freeze({ ...row, sealed: Uint8Array.from(row.sealed) }))
    }),
  countImportFailure: (id) =>
    Effect.sync(() => {
      const row = tables.importSessions.get(id)
      if (row !== undefined) tables.importSessions.set(id, Object.freeze({ ...row, failures: row.failures + 1 }))
    }),
  forgetImportSessions: (now) =>
    Effect.sync(() => {
      const ended = [...tables.importSessions.values()].filter(({ expiresAt }) => expiresAt <= now)
      return ended.map((row) => {
        const told = { ...row, sealed: Uint8Array.from(row.sealed) }
        row.sealed.fill(0)
        tables.importSessions.delete(row.id)
        return told
      })
    }),
  reserveInvocations: ({ keyVersionId, count, limit }) =>
    Effect.sync(() => {
      const reserved = tables.invocations.get(keyVersionId) ?? 0
      const granted = Math.max(0, Math.min(count, limit - reserved))
      tables.invocations.set(keyVersionId, reserved + granted)
      return granted
    }),
  changeRam: ({ put, drop, audit }) =>
    Effect.sync(() => {
      for (const record of put) tables.ram.set(ramPlace(record), Object.freeze({ ...record }))
      for (const name of drop) tables.ram.delete(ramPlace(name))
      appendSegment(tables, [lineOf(audit)])
    })
})

const makeMemoryStore = (): Store["Service"] => {
  const tables = makeTables()
  const { dueList } = tables
  const commit = (change: Change) =>
    Effect.suspend(() => {
      const applied = applyChange(tables, change)
      return "head" in applied
        ? Effect.succeed(applied.head)
        : Effect.fail(new CommitConflict({ keyId: change.keyId, on: applied.conflict }))
    })
  return {
    ...makeReads(tables),
    ...writesBeside(tables),
    commit,
    due: ({ until, limit }) => Effect.sync(() => dueList.due(until, limit)),
    deadlinesOf: (keyId) => Effect.sync(() => dueList.of(keyId)),
    nextDue: Effect.sync(() => dueList.next()),
    owed: Effect.sync(() => [...tables.owed.values()]),
    settle: ({ keyId, seq, command }: OwedRow) =>
      Effect.sync(() => {
        tables.owed.delete(owedName(keyId, seq, command))
      }),
    appendAudit: (lines) => Effect.sync(() => appendSegment(tables, lines)),
    appendNonces: ({ expiresAt, lines }) =>
      Effect.sync(() => {
        const batch = Object.freeze({ expiresAt, lines: Object.freeze([...lines]) })
        tables.nonces = [...tables.nonces, batch].sort((left, right) => left.expiresAt - right.expiresAt)
      }),
    forgetNonces: ({ after, until }) =>
      Effect.sync(() => {
        tables.nonces = tables.nonces.filter(({ expiresAt }) => expiresAt <= after || expiresAt > until)
      }),
    nonces: (now) =>
      Effect.sync(() => {
        tables.nonces = tables.nonces.filter(({ expiresAt }) => expiresAt > now)
        return tables.nonces
      }),
    meta: (name) => Effect.sync(() => tables.meta.get(name)),
    setMeta: (name, value) =>
      Effect.sync(() => {
        tables.meta.set(name, value)
      }),
    scrub: Effect.void,
    shortage: () => undefined,
    faults: Effect.succeed([])
  }
}

export const memoryStoreLayer: Layer.Layer<Store> = Layer.sync(Store, makeMemoryStore)
