/** The schemas of JSON inside rows. One schema encodes and decodes each, so that stored values can be read back. */
import { Result, Schema } from "effect"
import { lifecycleStates, plainRequests, rotationStates } from "../../machines/vocabulary.ts"
import type { CmkCommand, CmkEvent, StoredSnapshot } from "../../machines/cmk.ts"
import { AccountId, KeyId, RegionId } from "../domain/ids.ts"
import { KeyUsage, Origin, ProtectionLevel } from "../domain/keySpec.ts"
import type { Change, JournalPayload, KeyMetadata } from "./rows.ts"
import { shapeOf } from "./shape.ts"

const { Finite, Literal, Literals, NullOr, String, Struct, Union } = Schema

const Deadline = Struct({ dueAt: Finite, epoch: Finite })
const Metadata = Struct({
  description: String,
  creator: String,
  createdAt: Finite,
  policy: Schema.optionalKey(String),
  tags: Schema.optionalKey(Schema.Record(String, String)),
  deletionProtectionDescription: Schema.optionalKey(String),
  seeded: Schema.optionalKey(Literal(true))
})
const Realm = Struct({ account: AccountId, region: RegionId })

const identity = {
  origin: Origin,
  kind: Literals(["symmetric", "asymmetric"]),
  spec: String,
  usage: KeyUsage,
  protection: ProtectionLevel,
  serviceKey: Schema.Boolean,
  newestVersionId: String,
  newestVersionAt: Finite,
  rotationIntervalMillis: NullOr(Finite)
}

const Snapshot = Struct({
  value: Struct({ lifecycle: Literals(lifecycleStates), rotation: Literals(rotationStates) }),
  context: Struct({
    ...identity,
    epoch: Finite,
    materialPresent: Schema.Boolean,
    fingerprint: NullOr(String),
    deletionProtection: Schema.Boolean,
    versionCount: Finite,
    primaryVersionId: NullOr(String),
    nextRotation: NullOr(Deadline),
    materialExpiry: NullOr(Deadline),
    deletion: NullOr(Deadline)
  })
})

const fact = { at: Finite, dueAt: Finite, epoch: Finite }

const Event = Union([
  Struct({ type: Literals(plainRequests), at: Finite }),
  Struct({ type: Literal("ScheduleKeyDeletion"), at: Finite, dueAt: Finite }),
  Struct({ type: Literal("ImportKeyMaterial"), at: Finite, fingerprint: String, expiresAt: NullOr(Finite) }),
  Struct({ type: Literal("SetDeletionProtection"), at: Finite, enabled: Schema.Boolean }),
  Struct({ type: Literal("UpdateRotationPolicy"), at: Finite, intervalMillis: NullOr(Finite) }),
  Struct({ type: Literal("CreateKeyVersion"), at: Finite, versionId: String }),
  Struct({ type: Literal("RotationDue"), versionId: String, ...fact }),
  Struct({ type: Literal("VersionExhausted"), at: Finite, exhaustedVersionId: String, versionId: String }),
  Struct({ type: Literals(["MaterialExpired", "DeletionDue"]), ...fact })
])

const Payload = Union([
  Struct({ type: Literal("CreateKey"), input: Struct(identity), realm: Realm, metadata: Metadata }),
  Struct({
    type: Literal("Event"),
    event: Event,
    metadata: Schema.optionalKey(Metadata),
    aliases: Schema.optionalKey(Schema.Array(Struct({ aliasName: String, from: NullOr(KeyId), to: NullOr(KeyId) })))
  })
])

const Command = Union([
  Struct({ _tag: Literal("GenerateVersion"), versionId: String, at: Finite }),
  Struct({ _tag: Literals(["EraseMaterial", "DropAliases"]) })
])

/** Decodes text; text that does not decode is a defect that names its row. */
export type Decode<A> = (where: string, text: string) => A

/** A stored form: its decoder, and a check that a value would decode to itself. */
export interface StoredForm<A> {
  readonly decode: Decode<A>
  /** Throws unless the value, written as JSON, decodes. Called before a commit. */
  readonly assertStorable: (where: string, value: A) => void
}

const storedForm = <S extends Schema.Codec<unknown, unknown>>(schema: S): StoredForm<S["Type"]> => {
  const decode = Schema.decodeUnknownResult(Schema.fromJsonString(schema), { onExcessProperty: "error" })
  const hasShape = shapeOf(schema.ast)
  return {
    decode: (where, text) => {
      const result = decode(text)
      if (Result.isSuccess(result)) return result.success
      throw new Error(`${where} does not decode: ${result.failure.message}`)
    },
    assertStorable: (where, value) => {
      if (!hasShape(value)) throw new Error(`${where} cannot be stored: it would not decode`)
    }
  }
}

// `StoredForm` has its type as an argument and as a result, so the types on both sides of these lines are the same. A
// state, event, command or member that only the machine or only the schema has does not compile.
export const storedSnapshot: StoredForm<StoredSnapshot> = storedForm(Snapshot)
const storedMetadata: StoredForm<KeyMetadata> = storedForm(Metadata)
export const storedPayload: StoredForm<JournalPayload> = storedForm(Payload)
export const storedCommand: StoredForm<CmkCommand> = storedForm(Command)
export const storedEvent: StoredForm<CmkEvent> = storedForm(Event)

/** Throws unless everything that a change stores as JSON decodes again. */
export const assertStorable = ({ keyId, entry, snapshot, owed }: Change): void => {
  storedSnapshot.assertStorable(`the snapshot of key ${keyId}`, snapshot)
  storedPayload.assertStorable(`event ${entry.seq} of key ${keyId}`, entry.payload)
  for (const command of owed) storedCommand.assertStorable(`a command of key ${keyId}`, command)
}

export const decodeSnapshot = storedSnapshot.decode
export const decodeMetadata = storedMetadata.decode
export const decodePayload = storedPayload.decode
export const decodeCommand = storedCommand.decode
export const decodeLines: Decode<ReadonlyArray<string>> = storedForm(Schema.Array(String)).decode
