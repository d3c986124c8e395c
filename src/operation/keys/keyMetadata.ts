/** A key as CreateKey and DescribeKey show it (API reference 2.1). */
import { lifecycleOf, rotationOf } from "../../../machines/cmk.ts"
import type { CmkSnapshot } from "../../../machines/cmk.ts"
import type { RotationState } from "../../../machines/vocabulary.ts"
import type { KeyActor } from "../../actor/keyActor.ts"
import { keyArn } from "../../domain/ids.ts"
import { formatInstant } from "../../domain/time.ts"

export interface KeyMetadataReply {
  readonly KeyId: string
  readonly Arn: string
  readonly KeyState: string
  readonly KeyUsage: string
  readonly KeySpec: string
  readonly Origin: string
  readonly ProtectionLevel: string
  readonly Creator: string
  readonly CreationDate: string
  readonly Description: string
  /** When the key will be deleted; empty unless it is PendingDeletion. */
  readonly DeleteDate: string
  /** When imported material expires; empty if it never does. */
  readonly MaterialExpireTime: string
  readonly LastRotationDate: string
  /** Symmetric keys only. */
  readonly PrimaryKeyVersion?: string
  readonly AutomaticRotation?: string
  /** Seconds with their unit, `31536000s`; only while the policy is on. */
  readonly RotationInterval?: string
  readonly NextRotationDate?: string
}

/** Keys that cannot rotate are shown as Disabled, because the API has no fourth value. */
const automaticRotation = {
  Unsupported: "Disabled",
  Disabled: "Disabled",
  Enabled: "Enabled",
  Suspended: "Suspended"
} as const satisfies Record<RotationState, string>

const instantOrEmpty = (deadline: { readonly dueAt: number } | null): string =>
  deadline === null ? "" : formatInstant(deadline.dueAt)

const symmetricPart = (snapshot: CmkSnapshot): Partial<KeyMetadataReply> => {
  const { kind, primaryVersionId, rotationIntervalMillis, nextRotation } = snapshot.context
  if (kind === "asymmetric") return {}
  return {
    ...(primaryVersionId === null ? {} : { PrimaryKeyVersion: primaryVersionId }),
    AutomaticRotation: automaticRotation[rotationOf(snapshot)],
    ...(rotationIntervalMillis === null || nextRotation === null
      ? {}
      : {
          RotationInterval: `${rotationIntervalMillis / 1000}s`,
          NextRotationDate: formatInstant(nextRotation.dueAt)
        })
  }
}

export const keyMetadata = (key: KeyActor): KeyMetadataReply => {
  const snapshot = key.snapshot()
  const { context } = snapshot
  const { creator, createdAt, description } = key.metadata()
  return {
    KeyId: key.keyId,
    Arn: keyArn(key.row().realm, key.keyId),
    KeyState: lifecycleOf(snapshot),
    KeyUsage: context.usage,
    KeySpec: context.spec,
    Origin: context.origin,
    ProtectionLevel: context.protection,
    Creator: creator,
    CreationDate: formatInstant(createdAt),
    Description: description,
    DeleteDate: instantOrEmpty(context.deletion),
    MaterialExpireTime: instantOrEmpty(context.materialExpiry),
    LastRotationDate: formatInstant(context.newestVersionAt),
    ...symmetricPart(snapshot)
  }
}
