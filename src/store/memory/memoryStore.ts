/** The store for tests, simulations and whoever needs no yesterday: the same semantics in Maps, on any runtime. */
import { Effect, Layer } from "effect"
import type { LifecycleState } from "../../../machines/cmk.ts"
import type { Realm } from "../../domain/ids.ts"
import { CommitConflict, Store } from "../store.ts"
import type { Change, KeyRow, OwedRow } from "../store.ts"
import { versionOf } from "./copies.ts"
import { aliasPlace, appendSegment, applyChange, makeTables, owedName } from "./tables.ts"
import type { Tables } from "./tables.ts"

const rowsOf = (tables: Tables): ReadonlyArray<KeyRow> => [...tables.keys.values()].map(({ row }) => row)

const liveIn = (tables: Tables, { account, region }: Realm): ReadonlyArray<KeyRow> =>
  rowsOf(tables).filter(
    ({ realm, snapshot }) =>
      realm.account === account && realm.region === region && snapshot.value.lifecycle !== "Deleted"
  )

const countStates = (tables: Tables): Record<LifecycleState, number> => {
  const counts = { PendingImport: 0, Enabled: 0, Disabled: 0, PendingDeletion: 0, Deleted: 0 }
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
  | "auditSegments"
>

const makeReads = (tables: Tables): Reads => ({
  key: (keyId) => Effect.sync(() => tables.keys.get(keyId)?.row),
  versions: (keyId) => Effect.sync(() => (tables.keys.get(keyId)?.versions ?? []).toReversed().map(versionOf)),
  version: (keyId, keyVersionId) =>
    Effect.sync(() => {
      const found = tables.keys.get(keyId)?.versions.find((row) => row.keyVersionId === keyVersionId)
      return found === undefined ? undefined : versionOf(found)
    }),
  keys: ({ realm, offset, limit, states }) =>
    Effect.sync(() => {
      const found = liveIn(tables, realm).filter(({ snapshot }) => states?.includes(snapshot.value.lifecycle) ?? true)
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
      [...tables.aliases.values()]
        .filter((alias) => alias.keyId === keyId)
        .map(({ aliasName }) => aliasName)
        .sort()
    ),
  auditSegments: ({ afterSeq, limit }) => Effect.sync(() => tables.audit.slice(afterSeq, afterSeq + limit))
})

const makeMemoryStore = (): Store["Service"] => {
  const tables = makeTables()
  const { dueList } = tables
  const commit = (change: Change) =>
    Effect.suspend(() => {
      const head = applyChange(tables, change)
      return head === undefined ? Effect.fail(new CommitConflict({ keyId: change.keyId })) : Effect.succeed(head)
    })
  return {
    ...makeReads(tables),
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
    faults: Effect.succeed([])
  }
}

export const memoryStoreLayer: Layer.Layer<Store> = Layer.sync(Store, makeMemoryStore)
