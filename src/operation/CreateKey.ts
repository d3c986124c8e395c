/** Creates a CMK with its first version. */
import { Effect } from "effect"
import type { CmkInput } from "../../machines/cmk.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { KeyId } from "../domain/ids.ts"
import { capabilityOf, KeySpec, KeyUsage, Origin, ProtectionLevel } from "../domain/keySpec.ts"
import { descriptionCharsMax, keysPerRealmMax } from "../domain/limits.ts"
import { keyMetadata } from "./keyMetadata.ts"
import { operation } from "./operation.ts"
import type { World } from "./operation.ts"
import { boolean, defaulted, invalid, missing, oneOf, optional, text } from "./parameters.ts"
import type { Request as RequestOf } from "./parameters.ts"
import { parseRotationInterval } from "./rotationInterval.ts"

const Request = {
  Description: defaulted(text({ charsMax: descriptionCharsMax }), "", "What the key is for."),
  KeySpec: defaulted(oneOf(KeySpec.literals), "Aliyun_AES_256", "The kind of key."),
  KeyUsage: optional(oneOf(KeyUsage.literals), "What the key may be used for."),
  Origin: defaulted(oneOf(Origin.literals), "Aliyun_KMS", "Where the key material comes from."),
  ProtectionLevel: defaulted(oneOf(ProtectionLevel.literals), "SOFTWARE", "What guards the key material."),
  EnableAutomaticRotation: defaulted(boolean, false, "Whether a new primary version is made at intervals."),
  RotationInterval: optional(
    { ...text({ charsMax: 32 }), form: "number and unit, 7 to 730 days: `365d`, `8760h`" },
    "How often to rotate; needed when rotation is enabled, ignored otherwise."
  )
} as const

type CreateRequest = RequestOf<typeof Request>

/** The rotation interval asked for; null when rotation is off. */
const rotationOf = (request: CreateRequest): Effect.Effect<number | null, AnyKmsError> => {
  if (!request.EnableAutomaticRotation) return Effect.succeed(null)
  if (capabilityOf(request.KeySpec).kind === "asymmetric" || request.Origin === "EXTERNAL") {
    return Effect.fail(invalid("EnableAutomaticRotation", "false for asymmetric keys and for imported material"))
  }
  if (request.RotationInterval === undefined) return Effect.fail(missing("RotationInterval"))
  const millis = parseRotationInterval(request.RotationInterval)
  return millis === undefined
    ? Effect.fail(invalid("RotationInterval", Request.RotationInterval.form))
    : Effect.succeed(millis)
}

/** Faults in how the parameters fit together, in the order of the table. */
const conflictOf = (request: CreateRequest): AnyKmsError | undefined => {
  const capability = capabilityOf(request.KeySpec)
  if (request.KeyUsage !== undefined && !capability.usages.includes(request.KeyUsage)) {
    return invalid("KeyUsage", capability.usages.join(" or "))
  }
  if (request.Origin === "EXTERNAL" && capability.kind === "asymmetric") {
    return invalid("Origin", "Aliyun_KMS for asymmetric keys")
  }
  return capability.levels.includes(request.ProtectionLevel)
    ? undefined
    : refuse("Unsupported.ProtectionLevel", { hint: `${request.KeySpec} needs ${capability.levels.join(" or ")}.` })
}

const check = Effect.fnUntraced(function* (request: CreateRequest, providers: World["providers"]) {
  const conflict = conflictOf(request)
  if (conflict !== undefined) return yield* Effect.fail(conflict)
  const rotationIntervalMillis = yield* rotationOf(request)
  if (providers.find(request.ProtectionLevel, request.KeySpec) === undefined) {
    return yield* request.ProtectionLevel === "HSM"
      ? refuse("Unsupported.ProtectionLevel", { hint: "No HSM is connected." })
      : refuse("UnsupportedOperation", { hint: `Keys of spec ${request.KeySpec} cannot be held here.` })
  }
  return rotationIntervalMillis
})

export const CreateKey = operation({
  about: "Creates a CMK. It is Enabled, or PendingImport if its material is to be imported.",
  changes: true,
  Request,
  permission: { on: "keys" },
  handle: Effect.fnUntraced(function* (request, call) {
    const { clock, directory, providers, randomness, store } = call.world
    const rotationIntervalMillis = yield* check(request, providers)
    if ((yield* store.userKeyCount(call.realm)) >= keysPerRealmMax) {
      return yield* refuse("Rejected.LimitExceeded", { hint: `An account has at most ${keysPerRealmMax} keys.` })
    }
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
      rotationIntervalMillis
    }
    const metadata = { description: request.Description, creator: call.realm.account, createdAt: at }
    const key = yield* directory.create(
      { keyId: KeyId.make(randomness.uuid()), realm: call.realm, input, metadata },
      call
    )
    call.about(key.keyId)
    return { KeyMetadata: keyMetadata(key) }
  })
})
