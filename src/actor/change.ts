/** The change that a decision makes in the store: one value, committed as a whole or not at all. */
import { create, freeze } from "../../machines/cmk.ts"
import type { CmkEvent, CmkInput, Decision } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { planCommands } from "../plan/commands.ts"
import { editedBy } from "../plan/metadataEdit.ts"
import type { MetadataEdit } from "../plan/metadataEdit.ts"
import { genesis } from "../records/hashChain.ts"
import type { StoredMaterial } from "../records/rows.ts"
import type { KeyId, Realm } from "../domain/ids.ts"
import { assertStorable } from "../records/schemas.ts"
import type { AliasMove, AuditRecord, Change, KeyMetadata, KeyRow, RealmQuota, VersionRow } from "../records/rows.ts"

/** The call that caused an event. It is data only: `Permissions` holds what the call may still do. */
export interface Cause {
  readonly principal: string
  readonly requestId: string
  /** The operation as the audit log names it. */
  readonly operation: string
}

/**
 * Changes that are stored with an event although the machine does not decide them. All commit with the decision, or
 * none.
 */
export interface ExtraChanges {
  /** Applied to the metadata that the key has when the message's turn comes. */
  readonly edit?: MetadataEdit
  readonly aliases?: ReadonlyArray<AliasMove>
  /**
   * Versions whose material was unwrapped or supplied before the turn. No material is generated for a version listed
   * here.
   */
  readonly versions?: ReadonlyArray<VersionRow>
  /** The quota that must have room for the additions. */
  readonly quota?: RealmQuota
}

/** An event for a key. It is data, so it can be logged, sent and replayed. */
export interface Message {
  readonly event: CmkEvent
  readonly cause: Cause
  readonly extra: ExtraChanges
}

export interface NewKey {
  readonly keyId: KeyId
  readonly realm: Realm
  readonly input: CmkInput
  readonly metadata: KeyMetadata
  /** Aliases to create with the key. They must be free. */
  readonly aliases?: ReadonlyArray<string>
  /** The material of its first version, if it is supplied rather than generated. */
  readonly stored?: StoredMaterial
  /** The quota that must have room for the key. */
  readonly quota?: RealmQuota
}

/** Stops a change that could not be read back after a restart. */
const storable = (change: Change): Change => {
  assertStorable(change)
  return change
}

/** The change that an accepted event makes in the store. */
export const changeOf = (
  row: KeyRow,
  decision: Decision,
  { event, cause, extra }: Message,
  newVersions: ReadonlyArray<VersionRow>
): Change => {
  const snapshot = freeze(decision.next)
  const metadata = extra.edit === undefined ? undefined : editedBy(extra.edit, row.metadata)
  const { aliases, quota } = extra
  const { eraseMaterial, dropAliases, owed } = planCommands(decision.commands)
  const audit: AuditRecord = {
    at: event.at,
    requestId: cause.requestId,
    principal: cause.principal,
    operation: cause.operation,
    keyId: row.keyId,
    outcome: "Success",
    before: row.snapshot.value.lifecycle,
    after: snapshot.value.lifecycle
  }
  return storable({
    keyId: row.keyId,
    realm: row.realm,
    expectedEpoch: row.snapshot.context.epoch,
    previous: row.head,
    entry: {
      keyId: row.keyId,
      seq: snapshot.context.epoch,
      at: event.at,
      principal: cause.principal,
      requestId: cause.requestId,
      payload: {
        type: "Event",
        event,
        ...(metadata === undefined ? {} : { metadata }),
        ...(aliases === undefined ? {} : { aliases })
      }
    },
    snapshot,
    metadata: metadata ?? row.metadata,
    deadlines: deadlines(decision.next),
    newVersions,
    eraseMaterial,
    dropAliases,
    ...(aliases === undefined ? {} : { aliases }),
    ...(quota === undefined ? {} : { quota }),
    owed,
    audit
  })
}

/** The change that creates a key in the store. */
export const creationOf = (key: NewKey, cause: Cause, version: VersionRow): Change => {
  const { next } = create(key.input)
  const snapshot = freeze(next)
  const at = key.input.newestVersionAt
  return storable({
    keyId: key.keyId,
    realm: key.realm,
    expectedEpoch: 0,
    previous: genesis,
    entry: {
      keyId: key.keyId,
      seq: snapshot.context.epoch,
      at,
      principal: cause.principal,
      requestId: cause.requestId,
      payload: { type: "CreateKey", input: key.input, realm: key.realm, metadata: key.metadata }
    },
    snapshot,
    metadata: key.metadata,
    deadlines: deadlines(next),
    newVersions: [version],
    eraseMaterial: false,
    dropAliases: false,
    aliases: (key.aliases ?? []).map((aliasName) => ({ aliasName, from: null, to: key.keyId })),
    ...(key.quota === undefined ? {} : { quota: key.quota }),
    owed: [],
    audit: {
      at,
      requestId: cause.requestId,
      principal: cause.principal,
      operation: cause.operation,
      keyId: key.keyId,
      outcome: "Success",
      before: null,
      after: snapshot.value.lifecycle
    }
  })
}
