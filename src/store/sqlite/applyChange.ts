/** Writes one change inside the transaction of its group. It looks first, so that a conflict leaves nothing to undo. */
import { Exit } from "effect"
import { canonicalJson, chainEntry, genesis } from "../../audit/hashChain.ts"
import type { HashText } from "../../audit/hashChain.ts"
import { assertCoherent, assertMayTakeMaterial, comesTooLate } from "../coherence.ts"
import { CommitConflict } from "../store.ts"
import type { AliasMove, Change, VersionRow } from "../store.ts"
import { integerOf, textOf } from "./columns.ts"
import type { Statements } from "./statements.ts"

export const applyChange = (
  statements: Statements,
  hash: HashText,
  change: Change
): Exit.Exit<string, CommitConflict> => {
  assertCoherent(change)
  const { keyId, entry } = change
  const stored = statements("position").get(keyId)
  const isLate = comesTooLate(change, stored === undefined ? undefined : integerOf(stored, "epoch"))
  if (isLate || !aliasesAreAsFound(statements, change)) return Exit.fail(new CommitConflict({ keyId }))
  const previous = stored === undefined ? genesis : textOf(stored, "head")
  const head = chainEntry(previous, entry, hash)
  putKey(statements, change, head)
  const { seq, at, principal, requestId, payload } = entry
  statements("addEvent").run(keyId, seq, at, principal, requestId, JSON.stringify(payload), previous, head)
  if (stored !== undefined) statements("dropDeadlines").run(keyId)
  for (const { kind, dueAt, epoch } of change.deadlines) statements("addDeadline").run(keyId, kind, dueAt, epoch)
  if (change.eraseMaterial) statements("eraseVersions").run(keyId)
  for (const row of change.newVersions) putVersion(statements, change, row)
  for (const command of change.owed) statements("addCommand").run(keyId, seq, canonicalJson(command))
  if (change.dropAliases) statements("dropAliases").run(keyId)
  for (const move of change.aliases ?? []) moveAlias(statements, change, move)
  return Exit.succeed(head)
}

const putKey = (statements: Statements, change: Change, head: string): void => {
  const { keyId, realm } = change
  const metadata = JSON.stringify(change.metadata)
  const snapshot = JSON.stringify(change.snapshot)
  if (change.expectedEpoch > 0) statements("setKey").run(metadata, snapshot, head, keyId)
  else statements("addKey").run(keyId, realm.account, realm.region, metadata, snapshot, head)
}

const putVersion = (statements: Statements, change: Change, row: VersionRow): void => {
  const { keyId, keyVersionId, createdAt } = row
  const sealed = row.stored?.sealed ?? null
  const publicKey = row.stored?.publicKey ?? null
  const isThere = statements("version").get(keyId, keyVersionId) !== undefined
  if (!isThere) {
    statements("addVersion").run(keyId, keyVersionId, createdAt, sealed, publicKey)
    return
  }
  assertMayTakeMaterial(change)
  statements("fillVersion").run(sealed, publicKey, keyId, keyVersionId)
}

const aliasesAreAsFound = (statements: Statements, { realm, aliases }: Change): boolean =>
  (aliases ?? []).every(({ aliasName, from }) => {
    const bound = statements("alias").get(realm.account, realm.region, aliasName)
    return (bound === undefined ? null : textOf(bound, "key_id")) === from
  })

const moveAlias = (statements: Statements, { realm }: Change, { aliasName, to }: AliasMove): void => {
  if (to === null) statements("dropAlias").run(realm.account, realm.region, aliasName)
  else statements("bindAlias").run(realm.account, realm.region, aliasName, to)
}
