/** Keys that the next sequence uses again: slow kinds, and all kinds if quotas are small. */
import { revive, rotationOf, lifecycleOf } from "../../../machines/cmk.ts"
import type { CmkSnapshot } from "../../../machines/cmk.ts"
import type { LifecycleState } from "../../../machines/vocabulary.ts"
import type { OperationName } from "../adapters/adapter.ts"
import type { Life, Origin } from "../steps/life.ts"
import { kindOf } from "../model/kinds.ts"
import { stateOf, wasSeen } from "../model/model.ts"
import type { ModelKey, Token } from "../model/model.ts"
import { bindLasting, lastingOf } from "../predict/metadata.ts"
import { ask } from "./asking.ts"
import type { Session } from "./testTarget.ts"
import type { Label, Step } from "../steps/step.ts"
import type { Dialect } from "../dialects/dialect.ts"

interface Kept {
  /** The sequence that returned the key, and its label there. */
  readonly origin: Origin
  readonly key: ModelKey
  readonly id: string
  readonly versionIds: ReadonlyArray<string | undefined>
  readonly pems: ReadonlyArray<string | undefined>
  /** The attributes that the key never changes. */
  readonly lasting: Readonly<Record<string, string>>
  readonly token:
    | { readonly origin: Origin; readonly token: Token; readonly value: string; readonly publicKey: string }
    | undefined
}

export interface Pool {
  readonly byKind: Map<string, Array<Kept>>
  /** Whether every key is kept, not only slow kinds. */
  keepsAll: boolean
}

export const makePool = (keepsAll: boolean): Pool => ({ byKind: new Map(), keepsAll })

/** A key with many versions differs too much from a new one. */
const versionsMax = 8

const keeps = (pool: Pool, kind: string): boolean =>
  kind !== "service" && (pool.keepsAll || kindOf(kind).costly === true || kindOf(kind).kept === true)

const renamed = (snapshot: CmkSnapshot, from: Label, to: Label): CmkSnapshot => {
  const name = (label: string): string => (label.startsWith(`${from}.`) ? to + label.slice(from.length) : label)
  const { context } = snapshot
  return revive({
    value: { lifecycle: lifecycleOf(snapshot), rotation: rotationOf(snapshot) },
    context: {
      ...context,
      newestVersionId: name(context.newestVersionId),
      primaryVersionId: context.primaryVersionId === null ? null : name(context.primaryVersionId)
    }
  })
}

/**
 * Whether a step of a fixed sequence must create its key itself, because the creation may be what the sequence tests.
 */
export const makesItsOwn = (pool: Pool, { kind = "symmetric" }: Step): boolean =>
  !pool.keepsAll && kindOf(kind).costly !== true

/** Takes a kept key instead of creating one. Undefined if none is suitable. */
export const adopt = (pool: Pool, session: Session, step: Step): Origin | undefined => {
  const { makes, kind = "symmetric" } = step
  if (
    makes === undefined ||
    step.from !== undefined ||
    step.days !== undefined ||
    step.twist !== undefined ||
    step.as !== undefined
  )
    return undefined
  const kept = pool.byKind.get(kind)?.pop()
  if (kept === undefined) return undefined
  const { model, names } = session
  const versions = kept.key.versions.map((version, index) => ({ ...version, label: `${makes}.v${index + 1}` }))
  model.keys.set(makes, {
    ...kept.key,
    label: makes,
    snapshot: renamed(kept.key.snapshot, kept.key.label, makes),
    versions,
    because: "KMS-LC-016"
  })
  names.bind(makes, kept.id)
  bindLasting(makes, { KeyMetadata: kept.lasting }, names)
  for (const [index, { label }] of versions.entries()) {
    const id = kept.versionIds[index]
    const pem = kept.pems[index]
    if (id !== undefined) names.bind(label, id)
    if (pem !== undefined) names.bind(`${label}.pem`, pem)
  }
  if (kept.token !== undefined) {
    names.bind(`kept ${makes}`, kept.token.value)
    names.bind(`kept ${makes}.key`, kept.token.publicKey)
    model.tokens.set(`kept ${makes}`, {
      ...kept.token.token,
      key: makes,
      origin: kept.token.origin
    })
  }
  return kept.origin
}

/** Takes the token that came with a kept key, if it is still valid. */
export const adoptToken = (session: Session, step: Step): Origin | undefined => {
  const { model, names } = session
  const { makes, key } = step
  if (
    step.op !== "GetParametersForImport" ||
    makes === undefined ||
    key === undefined ||
    step.by !== undefined ||
    step.as !== undefined ||
    step.algorithm !== undefined
  )
    return undefined
  const kept = model.tokens.get(`kept ${key}`)
  const value = names.of(`kept ${key}`)
  const publicKey = names.of(`kept ${key}.key`)
  const owner = model.keys.get(key)
  if (
    kept === undefined ||
    value === undefined ||
    publicKey === undefined ||
    owner === undefined ||
    stateOf(owner) === "Deleted"
  )
    return undefined
  if (kept.failures > 0 || kept.expiresAt - model.now < 86_300_000) return undefined
  names.bind(makes, value)
  names.bind(`${makes}.key`, publicKey)
  model.tokens.set(makes, kept)
  return kept.origin
}

/** The calls that bring a key with material from a state to Enabled. */
const callsOutOf = (state: LifecycleState, { cancelReturnsTo }: Dialect): ReadonlyArray<OperationName> => {
  switch (state) {
    case "PendingDeletion":
      return cancelReturnsTo === "Disabled" ? ["CancelKeyDeletion", "EnableKey"] : ["CancelKeyDeletion"]
    case "Disabled":
      return ["EnableKey"]
    // Material is imported in another way, and a deleted key stays deleted.
    case "PendingImport":
    case "Enabled":
    case "Deleted":
      return []
    default:
      return state satisfies never
  }
}

/** The calls that remove the attributes that a key was given. */
const unmarked = ({ label, policies, tags }: ModelKey): ReadonlyArray<Step> => [
  ...((policies?.[0] ?? []).length > 0 ? [{ op: "SetKeyPolicy", key: label, policy: [] } as const] : []),
  ...(Object.keys(tags).length > 0 ? [{ op: "UntagResource", key: label, tags } as const] : [])
]

/** The calls that bring a key back to its initial configuration. */
const back = (session: Session, key: ModelKey): ReadonlyArray<Step> => {
  const state = stateOf(key)
  const { context } = key.snapshot
  const steps: Array<Step> = []
  for (const [alias, bound] of session.model.aliases) if (bound === key.label) steps.push({ op: "DeleteAlias", alias })
  for (const op of callsOutOf(state, session.testTarget.dialect)) {
    if (op !== "EnableKey" || context.materialPresent) steps.push({ op, key: key.label })
  }
  if (context.deletionProtection) steps.push({ op: "SetDeletionProtection", key: key.label, on: false })
  if (context.rotationIntervalMillis !== null) steps.push({ op: "UpdateRotationPolicy", key: key.label, on: false })
  steps.push(...unmarked(key))
  if (context.origin === "EXTERNAL" && context.materialPresent) steps.push({ op: "DeleteKeyMaterial", key: key.label })
  // Describes the key now, so that a fault of this sequence does not appear in the next one.
  return steps.length === 0 && wasSeen(key) ? [] : [...steps, { op: "DescribeKey", key: key.label }]
}

/** The most keys kept of each kind. A service may allow no more than 200 keys, and there are a dozen kinds. */
const keptMax = 8

/** A useless key is deleted, which makes room after the waiting period. */
const discard = async (session: Session, label: Label): Promise<void> => {
  const { names, testTarget } = session
  const KeyId = names.of(label)
  if (KeyId === undefined || !testTarget.has.has("ScheduleKeyDeletion")) return
  const place = session.model.keys.get(label)?.place
  await ask(
    session,
    { op: "ScheduleKeyDeletion", key: label, ...(place === undefined ? {} : { from: place }) },
    { KeyId, PendingWindowInDays: testTarget.dialect.window.minimum }
  )
}

type CarryOut = (step: Step) => Promise<boolean>

/** The newest ordinary token of a key, with the values that a later sequence needs to use it. */
const tokenOf = ({ model, names }: Session, label: Label, life: Life): Kept["token"] => {
  const found = [...model.tokens].findLast(
    ([name, { key: owner, algorithm }]) => owner === label && algorithm === undefined && names.of(name) !== undefined
  )
  if (found === undefined) return undefined
  const [name, token] = found
  const value = names.of(name)
  const publicKey = names.of(`${name}.key`)
  return value === undefined || publicKey === undefined
    ? undefined
    : { origin: token.origin ?? { life, label: name }, token, value, publicKey }
}

const keptOf = (session: Session, known: ModelKey, life: Life): Kept => {
  const { names } = session
  // The next sequence has other users, whom no policy of this key names.
  const { policies: _policies, ...key } = known
  return {
    origin: { life, label: key.label },
    key,
    id: names.of(key.label) ?? "",
    versionIds: key.versions.map(({ label }) => names.of(label)),
    pems: key.versions.map(({ label }) => names.of(`${label}.pem`)),
    lasting: lastingOf(key.label, names),
    token: tokenOf(session, key.label, life)
  }
}

/** Brings a key back to its initial configuration. Undefined if that fails. */
const rested = async (session: Session, key: ModelKey, carryOut: CarryOut): Promise<ModelKey | undefined> => {
  for (const step of back(session, key)) if (!(await carryOut(step))) return undefined
  const now = session.model.keys.get(key.label)
  return now === undefined || now.versions.length > versionsMax ? undefined : now
}

/** Returns the keys of a session to the pool. `carryOut` runs a step and reports whether everything was as expected. */
export const retire = async (pool: Pool, session: Session, life: Life, carryOut: CarryOut): Promise<void> => {
  const { model } = session
  for (const label of model.keys.keys()) {
    const key = model.keys.get(label)
    if (key === undefined || !keeps(pool, key.kind) || stateOf(key) === "Deleted") continue
    const there = pool.byKind.get(key.kind) ?? []
    const isKept = !model.lost.has(label) && there.length < keptMax && key.place === undefined
    const now = isKept ? await rested(session, key, carryOut) : undefined
    if (now === undefined) {
      await discard(session, label)
      continue
    }
    there.push(keptOf(session, now, life))
    pool.byKind.set(now.kind, there)
  }
}

/** Schedules every key of a session for deletion, if keys remain after the run. */
export const discardAll = async (session: Session): Promise<void> => {
  if (session.testTarget.adapter.capabilities.reset !== "namespace") return
  for (const key of session.model.keys.values()) if (stateOf(key) !== "Deleted") await discard(session, key.label)
}

/** Schedules the remaining keys of the suite for deletion. */
export const leave = async (pool: Pool, session: Session, has: ReadonlySet<OperationName>): Promise<void> => {
  if (!has.has("ScheduleKeyDeletion")) return
  for (const kept of [...pool.byKind.values()].flat()) {
    const { minimum } = session.testTarget.dialect.window
    await ask(session, { op: "ScheduleKeyDeletion", key: "k" }, { KeyId: kept.id, PendingWindowInDays: minimum })
  }
  pool.byKind.clear()
}
