/** The deadlines of a key's configuration. They are always derived from it and never stored beside it. */
import { freeze } from "./cmk.ts"
import type { CmkEvent, CmkSnapshot, Deadline, StoredSnapshot } from "./cmk.ts"
import type { DeadlineKind } from "./vocabulary.ts"

/**
 * Whether the effect of a deadline can be undone. An irreversible effect waits while the clock is in doubt. A kind that
 * is missing here does not compile.
 */
export const reversibility = {
  DeletionDue: "irreversible",
  MaterialExpired: "irreversible",
  RotationDue: "reversible"
} as const satisfies Readonly<Record<DeadlineKind, "reversible" | "irreversible">>

/** A deadline that the snapshot of a key has, with its kind. */
export interface OwedDeadline extends Deadline {
  readonly kind: DeadlineKind
}

/** The deadlines in force. A suspended rotation has none until the key is enabled again. */
export const deadlines = (snapshot: CmkSnapshot): ReadonlyArray<OwedDeadline> => storedDeadlines(freeze(snapshot))

/** The deadlines of a stored configuration. */
export const storedDeadlines = ({ value, context }: StoredSnapshot): ReadonlyArray<OwedDeadline> => {
  const { deletion, materialExpiry, nextRotation } = context
  const owed: Array<OwedDeadline> = []
  if (value.lifecycle === "PendingDeletion" && deletion !== null) owed.push({ kind: "DeletionDue", ...deletion })
  if (materialExpiry !== null) owed.push({ kind: "MaterialExpired", ...materialExpiry })
  if (value.rotation === "Enabled" && nextRotation !== null) owed.push({ kind: "RotationDue", ...nextRotation })
  return owed
}

/** The fact that answers a deadline. `versionId` names the version that a rotation would create. */
export const factOf = (deadline: OwedDeadline, at: number, versionId: string): CmkEvent => {
  const { kind, dueAt, epoch } = deadline
  switch (kind) {
    case "RotationDue":
      return { type: kind, at, dueAt, epoch, versionId }
    case "DeletionDue":
    case "MaterialExpired":
      return { type: kind, at, dueAt, epoch }
    default:
      return kind satisfies never
  }
}

/** Whether the key's material has expired. This is true even while its erasure waits. */
export const isExpired = ({ context }: CmkSnapshot, at: number): boolean =>
  context.materialExpiry !== null && context.materialExpiry.dueAt <= at
