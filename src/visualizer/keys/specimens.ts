/** One key of each kind in each possible state, made by legal events. */
import { create, lifecycleOf } from "../../../machines/cmk.ts"
import type { CmkEvent, CmkInput, CmkSnapshot } from "../../../machines/cmk.ts"
import type { LivingState } from "../../../machines/vocabulary.ts"
import { decide } from "../../../machines/permits.ts"

const base = {
  origin: "Aliyun_KMS",
  kind: "symmetric",
  spec: "Aliyun_AES_256",
  usage: "ENCRYPT/DECRYPT",
  protection: "SOFTWARE",
  serviceKey: false,
  newestVersionId: "version 1",
  newestVersionAt: 0,
  rotationIntervalMillis: null
} as const satisfies CmkInput

/** The parameters of each kind of key. */
export const inputs = {
  symmetric: base,
  encryptionPair: { ...base, kind: "asymmetric", spec: "RSA_2048" },
  signingPair: { ...base, kind: "asymmetric", spec: "EC_P256", usage: "SIGN/VERIFY" },
  external: { ...base, origin: "EXTERNAL" },
  serviceKey: { ...base, serviceKey: true }
} as const satisfies Record<string, CmkInput>

export type SpecimenKind = keyof typeof inputs

const imported: CmkEvent = { type: "ImportKeyMaterial", at: 0, fingerprint: "first", expiresAt: null }
const scheduled: CmkEvent = { type: "ScheduleKeyDeletion", at: 0, dueAt: 1 }

/** Events that bring a new key to a state; an external key needs its material first. */
const ways = {
  PendingImport: [],
  Enabled: [imported],
  Disabled: [imported, { type: "DisableKey", at: 0 }],
  PendingDeletion: [imported, scheduled]
} as const satisfies Record<LivingState, ReadonlyArray<CmkEvent>>

const grown = (snapshot: CmkSnapshot, event: CmkEvent): CmkSnapshot => {
  if (event === imported && snapshot.context.origin !== "EXTERNAL") return snapshot
  const verdict = decide(snapshot, event)
  return verdict._tag === "Decision" ? verdict.next : snapshot
}

/** Undefined if no key of this kind can be in this state. */
export const specimenOf = (kind: SpecimenKind, state: LivingState): CmkSnapshot | undefined => {
  const way: ReadonlyArray<CmkEvent> = ways[state]
  const snapshot = way.reduce(grown, create(inputs[kind]).next)
  return lifecycleOf(snapshot) === state ? snapshot : undefined
}

/** The same key after its deletion was performed. */
export const deletedSpecimenOf = (kind: Exclude<SpecimenKind, "serviceKey">): CmkSnapshot => {
  const pending = specimenOf(kind, "PendingDeletion")
  const deletion = pending?.context.deletion ?? null
  if (pending === undefined || deletion === null) throw new Error(`a key of kind ${kind} cannot be deleted`)
  return grown(pending, { type: "DeletionDue", at: deletion.dueAt, ...deletion })
}
