/** Creates a CMK with its first version. */
import { Effect } from "effect"
import type { CmkInput } from "../../../machines/cmk.ts"
import type { Providers } from "../../crypto/providers.ts"
import { refuse } from "../../domain/errors.ts"
import type { ParameterError } from "../../domain/errorGroups.ts"
import type { ErrorOf } from "../../domain/errors.ts"
import type { TagError } from "../tags/tags.ts"
import { KeyId } from "../../domain/ids.ts"
import type { Realm } from "../../domain/ids.ts"
import { capabilityOf, KeySpec, KeyUsage, levelsIn, Origin, ProtectionLevel } from "../../domain/keySpec.ts"
import { descriptionCharsMax, tagsPerCallMax } from "../../domain/limits.ts"
import { keyMetadata } from "./keyMetadata.ts"
import { keyPolicyFault, keyPolicyText } from "../accessControl/keyPolicy.ts"
import { causeOf } from "../changes.ts"
import { operation } from "../operation.ts"
import {
  boolean,
  defaulted,
  invalid,
  invalidBecause,
  noInstance,
  oneOf,
  optional,
  text,
  unsupported
} from "../parameters.ts"
import type { Request as RequestOf } from "../parameters.ts"
import { keyQuota, quotaIn, roomForKey } from "../quota.ts"
import { rotationConflict, rotationInterval, rotationMillis } from "../versions/rotationInterval.ts"
import { tagErrors, tagList, tagRecord, tagsConflict } from "../tags/tags.ts"

const notSupported = (hint: string) => (name: string) => invalidBecause(name, hint)

const Request = {
  DKMSInstanceId: unsupported("The KMS instance for the key. This server has none.", noInstance),
  KeyStorageMechanism: unsupported(
    "The place of the key in an instance. This server has none.",
    notSupported("is for keys of a KMS instance, which this server does not have")
  ),
  Description: defaulted(text({ charsMax: descriptionCharsMax }), "", "A description of the key."),
  KeySpec: defaulted(oneOf(KeySpec.literals), "Aliyun_AES_256", "The kind of key."),
  KeyUsage: optional(oneOf(KeyUsage.literals), "What the key may be used for."),
  Origin: defaulted(oneOf(Origin.literals), "Aliyun_KMS", "Where the key material comes from."),
  ProtectionLevel: defaulted(oneOf(ProtectionLevel.literals), "SOFTWARE", "The protection of the key material."),
  EnableAutomaticRotation: defaulted(boolean, false, "Whether new primary versions are made at intervals."),
  RotationInterval: rotationInterval,
  Tags: optional(tagList, "Up to 20 tags."),
  Policy: optional(keyPolicyText, "The key policy, a JSON document; the default policy if absent.")
} as const

type CreateRequest = RequestOf<typeof Request>

type CreateConflict = ParameterError | TagError

/** Conflicts between the parameters, in the order of the table. */
export const conflictOf = (
  request: Omit<CreateRequest, "Description" | "DKMSInstanceId" | "KeyStorageMechanism" | "Policy">
): CreateConflict | undefined => {
  const { kind, usages } = capabilityOf(request.KeySpec)
  if (request.KeyUsage !== undefined && !usages.includes(request.KeyUsage)) {
    return invalid("KeyUsage", usages.join(" or "))
  }
  if (request.Origin === "EXTERNAL" && kind === "asymmetric") {
    return invalid("Origin", "Aliyun_KMS for asymmetric keys")
  }
  return request.EnableAutomaticRotation && (kind === "asymmetric" || request.Origin === "EXTERNAL")
    ? invalid("EnableAutomaticRotation", "false for asymmetric keys and for imported material")
    : (rotationConflict(request) ?? tagsConflict(request.Tags ?? []))
}

/** The error for a key that this region or the connected providers cannot hold. */
export const unheld = (
  { ProtectionLevel: level, KeySpec: spec }: Pick<CreateRequest, "ProtectionLevel" | "KeySpec">,
  { region }: Realm,
  providers: Providers["Service"]
): ErrorOf<"Unsupported.ProtectionLevel" | "UnsupportedOperation"> | undefined => {
  if (!levelsIn(region, spec).includes(level)) {
    return refuse("Unsupported.ProtectionLevel", { hint: `${region} offers no ${spec} keys of level ${level}.` })
  }
  if (providers.find(level, spec) !== undefined) return undefined
  return level === "HSM"
    ? refuse("Unsupported.ProtectionLevel", {
        hint: providers.has(level)
          ? `The connected HSM holds no ${spec} keys; the log of the server's start says what it lacks.`
          : "No HSM is connected; start the server with --hsm."
      })
    : refuse("UnsupportedOperation", { hint: `This service cannot hold keys of spec ${spec}.` })
}

const tooManyTags = ({ Tags }: CreateRequest): ErrorOf<"Rejected.LimitExceeded"> | undefined =>
  (Tags ?? []).length > tagsPerCallMax.many
    ? refuse("Rejected.LimitExceeded", { hint: `A key has at most ${tagsPerCallMax.many} tags.` })
    : undefined

export const CreateKey = operation({
  about: "Creates a CMK. It is Enabled, or PendingImport if its material is to be imported.",
  errors: ["Rejected.LimitExceeded", "Unsupported.ProtectionLevel", "UnsupportedOperation", ...tagErrors],
  changes: true,
  Request,
  conflict: conflictOf,
  requestTags: ({ Tags }) => (Tags === undefined ? undefined : tagRecord(Tags)),
  malformed: ({ Policy }, call) => keyPolicyFault(Policy, call),
  permission: { on: "keys" },
  handle: Effect.fnUntraced(function* (request, call) {
    const { clock, directory, randomness } = call.services
    const fault = unheld(request, call.realm, call.services.providers) ?? tooManyTags(request)
    if (fault !== undefined) return yield* Effect.fail(fault)
    const at = clock.now()
    const capability = capabilityOf(request.KeySpec)
    const input: CmkInput = {
      origin: request.Origin,
      kind: capability.kind,
      spec: request.KeySpec,
      usage: request.KeyUsage ?? capability.defaultUsage,
      protection: request.ProtectionLevel,
      serviceKey: false,
      newestVersionId: randomness.uuid(),
      newestVersionAt: at,
      rotationIntervalMillis: rotationMillis(request)
    }
    const metadata = {
      description: request.Description,
      creator: call.realm.account,
      createdAt: at,
      ...(request.Policy === undefined ? {} : { policy: request.Policy }),
      ...(request.Tags === undefined ? {} : { tags: tagRecord(request.Tags) })
    }
    const quota = quotaIn(call, keyQuota)
    yield* roomForKey(call, quota)
    const key = yield* directory
      .create({ keyId: KeyId.make(randomness.uuid()), realm: call.realm, input, metadata, quota }, causeOf(call))
      .pipe(Effect.catchTag("AliasAlreadyExists", Effect.die))
    call.about(key.keyId)
    return { KeyMetadata: keyMetadata(key) }
  })
})
