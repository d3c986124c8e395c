/** The machine's answer to each operation in each state: the sequential specification for histories. */
import { create, lifecycleOf } from "../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import { decide, refusalOf } from "../../machines/permits.ts"
import type { LifecycleState } from "../../machines/vocabulary.ts"

export type KeySort = "own" | "external"

/** The answer of a key, and its next state. */
interface Outcome {
  readonly code: string
  readonly next: LifecycleState
}

const day = 86_400_000

const eventOf = {
  EnableKey: { type: "EnableKey", at: day },
  DisableKey: { type: "DisableKey", at: day },
  ScheduleKeyDeletion: { type: "ScheduleKeyDeletion", at: day, dueAt: 8 * day },
  CancelKeyDeletion: { type: "CancelKeyDeletion", at: day },
  ImportKeyMaterial: { type: "ImportKeyMaterial", at: day, fingerprint: "f", expiresAt: null },
  DeleteKeyMaterial: { type: "DeleteKeyMaterial", at: day },
  TagResource: { type: "TagResource", at: day },
  UpdateRotationPolicy: { type: "UpdateRotationPolicy", at: day, intervalMillis: null }
} as const satisfies Readonly<Record<string, CmkEvent>>

export type ChangeName = keyof typeof eventOf
export type UseName = "Encrypt" | "Decrypt" | "GenerateDataKey" | "DescribeKey"

const uses: ReadonlyArray<UseName> = ["Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey"]
export const changeNames = Object.keys(eventOf) as ReadonlyArray<ChangeName>

const newKey = (sort: KeySort): CmkSnapshot =>
  create({
    origin: sort === "external" ? "EXTERNAL" : "Aliyun_KMS",
    kind: "symmetric",
    spec: "Aliyun_AES_256",
    usage: "ENCRYPT/DECRYPT",
    protection: "SOFTWARE",
    serviceKey: false,
    newestVersionId: "v",
    newestVersionAt: 0,
    rotationIntervalMillis: null
  }).next

const after = (snapshot: CmkSnapshot, event: CmkEvent): CmkSnapshot => {
  const verdict = decide(snapshot, event)
  return verdict._tag === "Decision" ? verdict.next : snapshot
}

const snapshotsOf = (sort: KeySort): ReadonlyMap<LifecycleState, CmkSnapshot> => {
  const fresh = newKey(sort)
  const enabled = sort === "external" ? after(fresh, eventOf.ImportKeyMaterial) : fresh
  const pending = after(enabled, eventOf.ScheduleKeyDeletion)
  const deleted = after(pending, { type: "DeletionDue", at: 8 * day, dueAt: 8 * day, epoch: pending.context.epoch })
  const found = [fresh, enabled, after(enabled, eventOf.DisableKey), pending, deleted]
  return new Map(found.map((snapshot) => [lifecycleOf(snapshot), snapshot]))
}

type Table = ReadonlyMap<string, ReadonlyMap<LifecycleState, Outcome>>

const outcomeOf = (name: ChangeName | UseName, snapshot: CmkSnapshot): Outcome => {
  const state = lifecycleOf(snapshot)
  const refusal = refusalOf(name, snapshot)
  if (refusal !== undefined) return { code: refusal.code, next: state }
  const event = Object.entries(eventOf).find(([operation]) => operation === name)?.[1]
  return { code: "Success", next: event === undefined ? state : lifecycleOf(after(snapshot, event)) }
}

const tableOf = (sort: KeySort): Table => {
  const snapshots = [...snapshotsOf(sort)]
  const rowOf = (name: ChangeName | UseName) =>
    new Map(snapshots.map(([state, snapshot]) => [state, outcomeOf(name, snapshot)]))
  return new Map([...changeNames, ...uses].map((name) => [name, rowOf(name)]))
}

const tables: Readonly<Record<KeySort, Table>> = { own: tableOf("own"), external: tableOf("external") }

export const firstStateOf = (sort: KeySort): LifecycleState => lifecycleOf(newKey(sort))

const outcomesOf = (sort: KeySort, name: string) => [...(tables[sort].get(name) ?? [])]

const outcomeIn = (sort: KeySort, name: string, state: string): Outcome | undefined =>
  outcomesOf(sort, name).find(([known]) => known === state)?.[1]

/** Whether the machine ever answers an operation with this code. Other codes say nothing about the state. */
export const isOfState = (sort: KeySort, name: string, code: string): boolean =>
  outcomesOf(sort, name).some(([, outcome]) => outcome.code === code)

export const answers =
  (sort: KeySort, name: string, code: string) =>
  (state: string): boolean =>
    outcomeIn(sort, name, state)?.code === code

/** The state after the operation; the same state if the operation is refused. */
export const carriedOut =
  (sort: KeySort, name: string) =>
  (state: string): string =>
    outcomeIn(sort, name, state)?.next ?? state
