/** The shapes kept as JSON inside rows, and the only way back from text to value. */
import { Result, Schema } from "effect"
import { plainRequests } from "../../machines/vocabulary.ts"
import type { CmkCommand, CmkEvent, StoredSnapshot } from "../../machines/cmk.ts"
import { AccountId, KeyId, RegionId } from "../domain/ids.ts"
import { KeyUsage, Origin, ProtectionLevel } from "../domain/keySpec.ts"
import type { JournalPayload, KeyMetadata } from "./rows.ts"

const { Literal, Literals, Null, NullOr, Number, String, Struct, Union } = Schema

const Deadline = Struct({ dueAt: Number, epoch: Number })
const Metadata = Struct({
  description: String,
  creator: String,
  createdAt: Number,
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
  newestVersionAt: Number,
  rotationIntervalMillis: NullOr(Number)
}

const Snapshot = Struct({
  value: Struct({
    lifecycle: Literals(["PendingImport", "Enabled", "Disabled", "PendingDeletion", "Deleted"]),
    rotation: Literals(["Unsupported", "Disabled", "Enabled", "Suspended"])
  }),
  context: Struct({
    ...identity,
    epoch: Number,
    materialPresent: Schema.Boolean,
    fingerprint: NullOr(String),
    deletionProtection: Schema.Boolean,
    versionCount: Number,
    primaryVersionId: NullOr(String),
    nextRotation: NullOr(Deadline),
    materialExpiry: NullOr(Deadline),
    deletion: NullOr(Deadline)
  })
})

const fact = { at: Number, dueAt: Number, epoch: Number }

const Event = Union([
  Struct({ type: Literals(plainRequests), at: Number }),
  Struct({ type: Literal("ScheduleKeyDeletion"), at: Number, dueAt: Number }),
  Struct({
    type: Literal("ImportKeyMaterial"),
    at: Number,
    fingerprint: String,
    expiresAt: Union([Number, Null])
  }),
  Struct({ type: Literal("SetDeletionProtection"), at: Number, enabled: Schema.Boolean }),
  Struct({ type: Literal("UpdateRotationPolicy"), at: Number, intervalMillis: NullOr(Number) }),
  Struct({ type: Literal("CreateKeyVersion"), at: Number, versionId: String }),
  Struct({ type: Literal("RotationDue"), versionId: String, ...fact }),
  Struct({ type: Literal("VersionExhausted"), at: Number, exhaustedVersionId: String, versionId: String }),
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
  Struct({ _tag: Literal("GenerateVersion"), versionId: String, at: Number }),
  Struct({ _tag: Literals(["EraseMaterial", "DropAliases"]) })
])

/** Text to value; text that does not decode is a defect that names the row it stands in. */
export type Decode<A> = (where: string, text: string) => A

const decoder = <A>(schema: Schema.Codec<A, unknown>): Decode<A> => {
  const decode = Schema.decodeUnknownResult(Schema.fromJsonString(schema), { onExcessProperty: "error" })
  return (where, text) => {
    const result = decode(text)
    if (Result.isSuccess(result)) return result.success
    throw new Error(`${where} does not decode: ${result.failure.message}`)
  }
}

// The annotations are the proof that machine, port and stored shape agree: a field added to one of them alone does
// not compile, or does not decode.
export const decodeSnapshot: Decode<StoredSnapshot> = decoder(Snapshot)
export const decodeMetadata: Decode<KeyMetadata> = decoder(Metadata)
export const decodePayload: Decode<JournalPayload> = decoder(Payload)
export const decodeCommand: Decode<CmkCommand> = decoder(Command)
export const decodeEvent: Decode<CmkEvent> = decoder(Event)
export const decodeLines: Decode<ReadonlyArray<string>> = decoder(Schema.Array(String))
