/** Writes one change inside the transaction of its group. It looks first, so that a conflict leaves nothing to undo. */
import { Exit } from "effect"
import { canonicalJson, chainText, entryText, genesis } from "../../records/hashChain.ts"
import type { HashText } from "../../records/hashChain.ts"
import { assertCoherent, assertMayTakeMaterial, comesTooLate } from "../coherence.ts"
import { CommitConflict } from "../store.ts"
import type { AliasMove, Change, VersionRow } from "../../records/rows.ts"
import { textOf } from "./columns.ts"
import type { Position, Positions } from "./positions.ts"
import type { Statements } from "./statements.ts"

export const applyChange = (
  statements: Statements,
  positions: Positions,
  hash: HashText,
  change: Change
): Exit.Exit<string, CommitConflict> => {
  assertCoherent(change)
  const { keyId, entry } = change
  const stored = positions.of(keyId)
  if (comesTooLate(change, stored?.epoch)) return Exit.fail(new CommitConflict({ keyId, on: "epoch" }))
  if (!aliasesAreAsFound(statements, change)) return Exit.fail(new CommitConflict({ keyId, on: "alias" }))
  const previous = stored?.head ?? genesis
  const payload = canonicalJson(entry.payload)
  const head = chainText(previous, entryText(entry, payload), hash)
  const key = stored === undefined ? addKey(statements, change, head) : setKey(statements, change, head, stored)
  const { seq, at, principal, requestId } = entry
  statements("addEvent").run(key, seq, at, principal, requestId, payload, previous, head)
  if (stored?.hasDeadlines === true) statements("dropDeadlines").run(key)
  for (const { kind, dueAt, epoch } of change.deadlines) statements("addDeadline").run(key, kind, dueAt, epoch)
  if (change.eraseMaterial) statements("eraseVersions").run(key)
  for (const version of change.newVersions) putVersion(statements, change, key, version)
  for (const command of change.owed) statements("addCommand").run(key, seq, canonicalJson(command))
  if (change.dropAliases) statements("dropAliases").run(key)
  for (const move of change.aliases ?? []) moveAlias(statements, change, key, move)
  const { context, value } = change.snapshot
  const hasDeadlines = change.deadlines.length > 0
  positions.moved(keyId, { ordinal: key, epoch: context.epoch, state: value.lifecycle, head, hasDeadlines })
  return Exit.succeed(head)
}

const addKey = (statements: Statements, { keyId, realm, metadata, snapshot }: Change, head: string): number => {
  const { epoch, serviceKey } = snapshot.context
  const { lastInsertRowid } = statements("addKey").run(
    keyId,
    realm.account,
    realm.region,
    serviceKey ? 1 : 0,
    JSON.stringify(metadata),
    JSON.stringify(snapshot),
    epoch,
    snapshot.value.lifecycle,
    head
  )
  return Number(lastInsertRowid)
}

/** A state that stays is not written: that would rewrite every index it stands in. */
const setKey = (statements: Statements, change: Change, head: string, { ordinal, state }: Position): number => {
  const { lifecycle } = change.snapshot.value
  const kept = [JSON.stringify(change.metadata), JSON.stringify(change.snapshot), change.snapshot.context.epoch, head]
  if (state === lifecycle) statements("setKey").run(...kept, ordinal)
  else statements("setKeyAndState").run(...kept, lifecycle, ordinal)
  return ordinal
}

const putVersion = (statements: Statements, change: Change, key: number, version: VersionRow): void => {
  const { keyVersionId, createdAt, stored } = version
  const material = [stored?.sealed ?? null, stored?.publicKey ?? null]
  if (statements("hasVersion").get(key, keyVersionId) === undefined) {
    statements("addVersion").run(key, keyVersionId, createdAt, ...material)
    return
  }
  assertMayTakeMaterial(change)
  statements("fillVersion").run(...material, key, keyVersionId)
}

const aliasesAreAsFound = (statements: Statements, { realm, aliases }: Change): boolean =>
  (aliases ?? []).every(({ aliasName, from }) => {
    const bound = statements("alias").get(realm.account, realm.region, aliasName)
    return (bound === undefined ? null : textOf(bound, "id")) === from
  })

const moveAlias = (statements: Statements, { realm }: Change, key: number, { aliasName, to }: AliasMove): void => {
  if (to === null) statements("dropAlias").run(realm.account, realm.region, aliasName)
  else statements("bindAlias").run(realm.account, realm.region, aliasName, key)
}
