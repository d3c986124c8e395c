/** The sandbox's key: its state machine, its clock and what was done with it, as plain data. */
import { create } from "../../../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot } from "../../../../machines/cmk.ts"
import { deadlines, factOf } from "../../../../machines/deadlines.ts"
import { decide } from "../../../../machines/permits.ts"
import type { RequestType } from "../../../../machines/vocabulary.ts"
import type { Moment } from "../../../visualizer/keys/history.ts"
import { kindsOfKeys } from "../../../visualizer/keys/walk.ts"
import { day } from "../data/time.ts"
import type { Taken } from "./sandboxExport.ts"

export interface Sandbox {
  readonly kind: string
  readonly now: number
  readonly snapshot: CmkSnapshot
  readonly moments: ReadonlyArray<Moment>
  /** Calls and steps of the clock, in the order they were made. */
  readonly taken: ReadonlyArray<Taken>
}

export const kinds = Object.keys(kindsOfKeys).filter((kind) => kind !== "")

const startAt = Date.UTC(2026, 0, 1)
const origin = { principal: "sandbox", requestId: "sandbox" } as const

export const begin = (kind: string): Sandbox => {
  const input = { ...(kindsOfKeys[kind] ?? kindsOfKeys["Aliyun_AES_256"]), newestVersionAt: startAt }
  // Every entry of the table is a whole input; only the index may be unknown.
  const whole = input as NonNullable<(typeof kindsOfKeys)[string]>
  const snapshot = create(whole).next
  const entry = { seq: 1, at: startAt, ...origin, payload: { type: "CreateKey", input: whole } } as const
  return {
    kind,
    now: startAt,
    snapshot,
    moments: [{ entry, before: undefined, after: snapshot }],
    taken: [{ name: "CreateKey", refusal: undefined }]
  }
}

export const take = (sandbox: Sandbox, event: CmkEvent, name: string = event.type): Sandbox => {
  const verdict = decide(sandbox.snapshot, event)
  if (verdict._tag === "Stale") return sandbox
  if (verdict._tag === "Refusal") return { ...sandbox, taken: [...sandbox.taken, { name, refusal: verdict }] }
  const seq = sandbox.moments.length + 1
  const entry = { seq, at: event.at, ...origin, payload: { type: "Event", event } } as const
  return {
    ...sandbox,
    snapshot: verdict.next,
    moments: [...sandbox.moments, { entry, before: sandbox.snapshot, after: verdict.next }],
    taken: [...sandbox.taken, { name, refusal: undefined }]
  }
}

/** Goes from deadline to deadline, each at its own instant, like the service's virtual clock. */
export const advance = (sandbox: Sandbox, millis: number, name: string): Sandbox => {
  const end = sandbox.now + millis
  let next: Sandbox = { ...sandbox, taken: [...sandbox.taken, { name, refusal: undefined }] }
  for (;;) {
    const due = deadlines(next.snapshot).toSorted((a, b) => a.dueAt - b.dueAt)[0]
    if (due === undefined || due.dueAt > end) return { ...next, now: end }
    const epoch = next.snapshot.context.epoch
    next = take({ ...next, now: due.dueAt }, factOf(due, due.dueAt, `version ${epoch + 1}`))
    if (next.snapshot.context.epoch === epoch) return { ...next, now: end }
  }
}

/** The calls that the sandbox offers; undefined for calls that change nothing it shows. */
const offered: Readonly<Record<RequestType, ((at: number) => CmkEvent) | undefined>> = {
  EnableKey: (at) => ({ type: "EnableKey", at }),
  DisableKey: (at) => ({ type: "DisableKey", at }),
  ScheduleKeyDeletion: (at) => ({ type: "ScheduleKeyDeletion", at, dueAt: at + 7 * day }),
  CancelKeyDeletion: (at) => ({ type: "CancelKeyDeletion", at }),
  ImportKeyMaterial: (at) => ({
    type: "ImportKeyMaterial",
    at,
    fingerprint: "the material",
    expiresAt: at + 30 * day
  }),
  DeleteKeyMaterial: (at) => ({ type: "DeleteKeyMaterial", at }),
  UpdateRotationPolicy: (at) => ({ type: "UpdateRotationPolicy", at, intervalMillis: 30 * day }),
  CreateKeyVersion: (at) => ({ type: "CreateKeyVersion", at, versionId: `version at ${at}` }),
  SetDeletionProtection: (at) => ({ type: "SetDeletionProtection", at, enabled: true }),
  UpdateKeyDescription: undefined,
  SetKeyPolicy: undefined,
  TagResource: undefined,
  UntagResource: undefined,
  CreateAlias: undefined,
  UpdateAlias: undefined,
  DeleteAlias: undefined
}
export const calls = Object.entries(offered).flatMap(([name, eventAt]) =>
  eventAt === undefined ? [] : [[name, eventAt] as const]
)
