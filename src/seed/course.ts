/** The events that bring a seeded key to its requested state. It is created and changed like every other key. */
import { create } from "../../machines/cmk.ts"
import type { CmkEvent, CmkInput, CmkSnapshot } from "../../machines/cmk.ts"
import { factOf } from "../../machines/deadlines.ts"
import { decide } from "../../machines/permits.ts"
import type { LivingState } from "../../machines/vocabulary.ts"
import { dayMillis } from "../domain/limits.ts"
import type { RequestedKey, RequestedVersion } from "./requestedKey.ts"
import { refusal } from "./fault.ts"
import type { SeedFault } from "./fault.ts"

/**
 * The time between older versions: the minimum of CreateKeyVersion and rotation policies. The machine accepts no
 * version without a history, so a seeded key gets the shortest possible one.
 */
const spacingMillis = 7 * dayMillis

export interface Step {
  /** Computed from the configuration at the key's turn, because a rotation answers exactly the armed deadline. */
  readonly eventOf: (snapshot: CmkSnapshot) => CmkEvent
  /** The version whose material comes with the event. */
  readonly version?: RequestedVersion
  readonly reason?: string
}

export interface Course {
  readonly bornAt: number
  readonly input: CmkInput
  /** In order; the event of step n makes epoch n + 2. */
  readonly steps: ReadonlyArray<Step>
}

/** The creation time of a key whose newest version is created now. */
export const birthOf = ({ versions }: RequestedKey, now: number): number => now - (versions.length - 1) * spacingMillis

const rotation =
  (versionId: string, at: number) =>
  (snapshot: CmkSnapshot): CmkEvent => {
    const { nextRotation } = snapshot.context
    if (nextRotation === null) throw new Error("a seeded key with several symmetric versions has a rotation policy")
    return factOf({ kind: "RotationDue", ...nextRotation }, at, versionId)
  }

const laterVersions = ({ identity, versions }: RequestedKey, bornAt: number): ReadonlyArray<Step> =>
  versions.slice(1).map((version, place) => {
    const at = bornAt + (place + 1) * spacingMillis
    const { keyVersionId } = version
    return identity.kind === "asymmetric"
      ? { version, eventOf: () => ({ type: "CreateKeyVersion", at, versionId: keyVersionId }) }
      : { version, eventOf: rotation(keyVersionId, at) }
  })

/** The last events of a key, which bring it to its state. A new key is Enabled, or PendingImport without material. */
const eventsInto = (state: LivingState, at: number, windowMillis: number): ReadonlyArray<CmkEvent> => {
  switch (state) {
    case "Enabled":
    case "PendingImport":
      return []
    case "Disabled":
      return [{ type: "DisableKey", at }]
    case "PendingDeletion":
      return [{ type: "ScheduleKeyDeletion", at, dueAt: at + windowMillis }]
    default:
      return state satisfies never
  }
}

/** `fingerprint` is that of external material; undefined without material. */
export const courseOf = (requested: RequestedKey, bornAt: number, fingerprint: string | undefined): Course => {
  const { identity, versions, rotationIntervalMillis: interval, windowMillis } = requested
  const at = bornAt + (versions.length - 1) * spacingMillis
  const rotates = identity.kind === "symmetric" && versions.length > 1
  const steps: Array<Step> = [...laterVersions(requested, bornAt)]
  const step = (event: CmkEvent, more: Omit<Step, "eventOf"> = {}) => steps.push({ ...more, eventOf: () => event })
  if (rotates && interval !== spacingMillis) step({ type: "UpdateRotationPolicy", at, intervalMillis: interval })
  if (fingerprint !== undefined) {
    step(
      { type: "ImportKeyMaterial", at, fingerprint, expiresAt: requested.materialExpiresAt },
      { version: versions[0] }
    )
  }
  if (requested.isProtected) {
    const { protectionReason: reason } = requested
    step({ type: "SetDeletionProtection", at, enabled: true }, reason === undefined ? {} : { reason })
  }
  for (const event of eventsInto(requested.state, at, windowMillis)) step(event)
  const input: CmkInput = {
    ...identity,
    newestVersionId: versions[0].keyVersionId,
    newestVersionAt: bornAt,
    rotationIntervalMillis: rotates ? spacingMillis : interval
  }
  return { bornAt, input, steps }
}

/** The machine's refusal of one of the events. It is pure. */
export const faultOfCourse = ({ path }: RequestedKey, { input, steps }: Course): SeedFault | undefined => {
  let snapshot = create(input).next
  for (const { eventOf } of steps) {
    const event = eventOf(snapshot)
    const verdict = decide(snapshot, event)
    if (verdict._tag === "Refusal") {
      return { path, complaint: `${refusal({ ...verdict, message: "" })} (${event.type})` }
    }
    if (verdict._tag === "Stale") throw new Error(`a seeded key takes ${event.type} when it is due`)
    snapshot = verdict.next
  }
  return undefined
}
