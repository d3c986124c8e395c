/** Builds the plan of one change of a key: row, event and hash, deadlines, versions, aliases, owed work, audit line. */
import { lineOf } from "../records/auditLine.ts"
import { canonicalJson, chainText, entryText } from "../records/hashChain.ts"
import type { HashText } from "../records/hashChain.ts"
import type { Change } from "../records/rows.ts"
import { storedKey, storedOwed, storedVersion } from "../records/storedForm.ts"
import { assertCoherent } from "./coherence.ts"
import type { Check, CountCheck, Plan, Write } from "./plan.ts"

/** A change as a store performs it, and the new head hash of the key's journal. */
export interface PlannedChange {
  readonly head: string
  readonly plan: Plan
}

const checksOf = ({ keyId, realm, expectedEpoch, previous, aliases, newVersions, snapshot, quota }: Change) => {
  const checks: Array<Check> = [{ table: "keys", id: [keyId], revision: expectedEpoch === 0 ? undefined : previous }]
  for (const { aliasName, from } of aliases ?? []) {
    checks.push({ table: "aliases", id: [realm.account, realm.region, aliasName], revision: from ?? undefined })
  }
  // Only imported material may be added to an existing version.
  if (snapshot.context.origin !== "EXTERNAL") {
    for (const { keyVersionId } of newVersions) {
      checks.push({ table: "versions", id: [keyId, keyVersionId], revision: undefined })
    }
  }
  // The quota is checked last, so that a taken name is reported first: at the quota, no other name would help.
  if (quota !== undefined) checks.push(quotaCheck(quota.of, realm, quota.maximum))
  return checks
}

const quotaCheck = (of: "keys" | "aliases", { account, region }: Change["realm"], fewer: number): CountCheck => {
  const partition = [account, region]
  return of === "keys"
    ? { fewer, of: { table: "keys", index: "users", partition } }
    : { fewer, of: { table: "aliases", index: "inRealm", partition } }
}

const aliasWrites = ({ keyId, realm: { account, region }, dropAliases, aliases }: Change): ReadonlyArray<Write> => {
  const writes: Array<Write> = []
  if (dropAliases) writes.push({ op: "clear", range: { table: "aliases", index: "ofKey", partition: [keyId] } })
  for (const { aliasName, to } of aliases ?? []) {
    writes.push(
      to === null
        ? { op: "delete", table: "aliases", id: [account, region, aliasName] }
        : { op: "put", table: "aliases", row: { account, region, aliasName, keyId: to } }
    )
  }
  return writes
}

/** The new deadlines replace all deadlines of the key. */
const deadlineWrites = ({ keyId, expectedEpoch, deadlines }: Change): ReadonlyArray<Write> => {
  const writes: Array<Write> = []
  if (expectedEpoch > 0) {
    writes.push({ op: "clear", range: { table: "deadlines", index: "ofKey", partition: [keyId] } })
  }
  for (const { kind, dueAt, epoch } of deadlines) {
    writes.push({ op: "put", table: "deadlines", row: { keyId, kind, dueAt, epoch } })
  }
  return writes
}

/** Throws if the change contradicts itself, which only a bug above the store can cause. */
export const planOf = (change: Change, hash: HashText): PlannedChange => {
  assertCoherent(change)
  const { keyId, realm, entry, snapshot, metadata, previous } = change
  const payload = canonicalJson(entry.payload)
  const head = chainText(previous, entryText(entry, payload), hash)
  const { seq, at, principal, requestId } = entry
  const writes: Array<Write> = [
    { op: "put", table: "keys", row: storedKey({ keyId, realm, metadata, snapshot, head }) },
    { op: "put", table: "events", row: { keyId, seq, at, principal, requestId, payload, previous, hash: head } },
    ...deadlineWrites(change)
  ]
  if (change.eraseMaterial) writes.push({ op: "erase", keyId })
  for (const version of change.newVersions) writes.push({ op: "put", table: "versions", row: storedVersion(version) })
  for (const command of change.owed) {
    writes.push({ op: "put", table: "owed", row: storedOwed({ keyId, seq, command }) })
  }
  writes.push(...aliasWrites(change))
  return { head, plan: { purpose: "commit", checks: checksOf(change), writes, lines: [lineOf(change.audit)] } }
}
