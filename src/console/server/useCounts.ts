/** Counts of the uses of each key, divided among a fixed number of shards, so that they can be stored in parts. */
import { catalogue, isOperationName } from "../../operation/catalogue.ts"
import { logLinesOf } from "../../records/auditLine.ts"
import type { AuditEntry } from "../../records/auditLine.ts"
import type { Segment } from "../../records/rows.ts"
import type { UseCount } from "../protocol.ts"

/** The counts of one key, by principal. */
export interface KeyCounts {
  readonly uses: Map<string, UseCount>
  /** Refused uses since the key was last scheduled for deletion. */
  attempts: Map<string, UseCount>
}

/** The counts of some keys, complete up to a segment of the log. */
export interface Shard {
  readonly keys: Map<string, KeyCounts>
  /** Lines up to this segment are counted already. It is ahead of the reading if another server stored the shard. */
  counted: number
  /** Whether it has counts that are not stored. */
  isChanged: boolean
}

export const shardCount = 64

export const emptyShards = (): ReadonlyArray<Shard> =>
  Array.from({ length: shardCount }, () => ({ keys: new Map(), counted: 0, isChanged: false }))

/** The shard of a key, by the first digits of its id, which are random. */
export const shardOf = (shards: ReadonlyArray<Shard>, keyId: string): Shard | undefined =>
  shards[Number.parseInt(keyId.slice(0, 2), 16) % shardCount] ?? shards[0]

/** The sessions of a role count as the role: callers choose their names, and their number has no limit. */
const principalOf = (principal: string): string =>
  principal.replace(/^(acs:ram::[0-9]+):assumed-role\/([^/]+)\/.*$/, "$1:role/$2")

const addTo = (counts: Map<string, UseCount>, entry: AuditEntry, at: number): void => {
  const principal = principalOf(entry.principal)
  const known = counts.get(principal)
  counts.set(principal, {
    principal,
    count: (known?.count ?? 0) + 1,
    lastAt: Math.max(known?.lastAt ?? at, at),
    lastOperation: known !== undefined && known.lastAt > at ? known.lastOperation : entry.operation
  })
}

const isUse = (operation: string): boolean => isOperationName(operation) && catalogue[operation].uses

const learn = (shards: ReadonlyArray<Shard>, seq: number, entry: AuditEntry, at: number): void => {
  const { alarm, keyId, operation, outcome } = entry
  if (keyId === null) return
  const isOrdered = operation === "ScheduleKeyDeletion" && outcome === "Success"
  const isSuccess = outcome === "Success" && isUse(operation)
  if (!isOrdered && !isSuccess && alarm === undefined) return
  const shard = shardOf(shards, keyId)
  if (shard === undefined || seq <= shard.counted) return
  const of = shard.keys.get(keyId) ?? { uses: new Map(), attempts: new Map() }
  shard.keys.set(keyId, of)
  shard.isChanged = true
  if (isOrdered) of.attempts = new Map()
  else addTo(isSuccess ? of.uses : of.attempts, entry, at)
}

/** Counts the lines of a segment. Throws DamagedLine, and then nothing of the segment is counted. */
export const learnSegment = (shards: ReadonlyArray<Shard>, segment: Segment): void => {
  for (const { at, full } of Array.from(logLinesOf(segment))) learn(shards, segment.seq, full, at)
}
