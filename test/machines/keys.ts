/** Keys for the tests of the machine: their kinds, and functions that send them events. */
import { create } from "../../machines/cmk.ts"
import type { CmkEvent, CmkInput, CmkSnapshot, Decision } from "../../machines/cmk.ts"
import { deadlines, factOf } from "../../machines/deadlines.ts"
import { decide } from "../../machines/permits.ts"
import type { DeadlineKind, RefusalCode } from "../../machines/vocabulary.ts"

export const day = 86_400_000
/** The creation instant of the keys. */
export const birth = 1_000 * day

export const symmetric: CmkInput = {
  origin: "Aliyun_KMS",
  kind: "symmetric",
  spec: "Aliyun_AES_256",
  usage: "ENCRYPT/DECRYPT",
  protection: "SOFTWARE",
  serviceKey: false,
  newestVersionId: "version-1",
  newestVersionAt: birth,
  rotationIntervalMillis: null
}
export const rotating: CmkInput = { ...symmetric, rotationIntervalMillis: 30 * day }
export const external: CmkInput = { ...symmetric, origin: "EXTERNAL" }
export const encryptionPair: CmkInput = { ...symmetric, kind: "asymmetric", spec: "RSA_2048" }
export const signingPair: CmkInput = { ...symmetric, kind: "asymmetric", spec: "EC_P256", usage: "SIGN/VERIFY" }

/** The decision on an event that must be legal. */
export const decided = (snapshot: CmkSnapshot, event: CmkEvent): Decision => {
  const verdict = decide(snapshot, event)
  if (verdict._tag !== "Decision") {
    throw new Error(`${event.type} in ${JSON.stringify(snapshot.value)} is ${JSON.stringify(verdict)}`)
  }
  return verdict
}

/** A key after these events, all of them legal. */
export const grown = (input: CmkInput, ...events: ReadonlyArray<CmkEvent>): CmkSnapshot =>
  led(create(input).next, ...events)

export const led = (snapshot: CmkSnapshot, ...events: ReadonlyArray<CmkEvent>): CmkSnapshot =>
  events.reduce((current, event) => decided(current, event).next, snapshot)

/** The fact for the key's deadline, at its own instant or a later one. */
export const due = (snapshot: CmkSnapshot, kind: DeadlineKind, at = 0): CmkEvent => {
  const owed = deadlines(snapshot).find((deadline) => deadline.kind === kind)
  if (owed === undefined) throw new Error(`the key owes no ${kind}`)
  return factOf(owed, Math.max(at, owed.dueAt), `version-of-${owed.dueAt}`)
}

/** The code of the refusal, `Stale`, or `Success`. */
export const answer = (snapshot: CmkSnapshot, event: CmkEvent): RefusalCode | "Stale" | "Success" => {
  const verdict = decide(snapshot, event)
  return verdict._tag === "Refusal" ? verdict.code : verdict._tag === "Stale" ? "Stale" : "Success"
}

export const disable = (at: number): CmkEvent => ({ type: "DisableKey", at })
export const enable = (at: number): CmkEvent => ({ type: "EnableKey", at })
export const cancel = (at: number): CmkEvent => ({ type: "CancelKeyDeletion", at })
export const eraseMaterial = (at: number): CmkEvent => ({ type: "DeleteKeyMaterial", at })
export const schedule = (at: number, windowDays = 7): CmkEvent => ({
  type: "ScheduleKeyDeletion",
  at,
  dueAt: at + windowDays * day
})
export const protect = (at: number, enabled: boolean): CmkEvent => ({ type: "SetDeletionProtection", at, enabled })
export const addVersion = (at: number): CmkEvent => ({ type: "CreateKeyVersion", at, versionId: `version-at-${at}` })
export const setRotation = (at: number, intervalDays: number | null): CmkEvent => ({
  type: "UpdateRotationPolicy",
  at,
  intervalMillis: intervalDays === null ? null : intervalDays * day
})

interface Material {
  readonly fingerprint?: string
  readonly expiresAt?: number | null
}
export const importMaterial = (at: number, { fingerprint = "first", expiresAt = null }: Material = {}): CmkEvent => ({
  type: "ImportKeyMaterial",
  at,
  fingerprint,
  expiresAt
})

/** Material that expires after three days. */
export const expiring = importMaterial(birth, { expiresAt: birth + 3 * day })
