/** The model of a whole service: each key is a configuration of the CMK machine, with all that callers can see. */
import { create, lifecycleOf, revive, rotationOf } from "../../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot } from "../../../machines/cmk.ts"
import type { LifecycleState } from "../../../machines/vocabulary.ts"
import { deadlines, factOf } from "../../../machines/deadlines.ts"
import type { OwedDeadline } from "../../../machines/deadlines.ts"
import { decide } from "../../../machines/permits.ts"
import type { KeyStatement, Place, Quotas } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Origin } from "../steps/life.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { kindOf } from "./kinds.ts"
import type { Label, Step, Wrapping } from "../steps/step.ts"
import { planCommands } from "../../plan/commands.ts"

export type User = NonNullable<Step["as"]>

export interface ModelVersion {
  readonly label: Label
  readonly createdAt: number
}

export interface ModelKey {
  readonly label: Label
  readonly kind: string
  readonly snapshot: CmkSnapshot
  readonly createdAt: number
  /** Oldest first. */
  readonly versions: ReadonlyArray<ModelVersion>
  readonly description: string
  readonly tags: Readonly<Record<string, string>>
  /** The policies that were set, newest first. */
  readonly policies?: ReadonlyArray<ReadonlyArray<KeyStatement>>
  /** The account or region where the key was created, if not at home. */
  readonly place?: Place
  /** The law by which the key is in its state. It is broken if the key turns out to be in another state. */
  readonly because: LawId
}

export interface Ciphertext {
  readonly key: Label
  readonly version: Label | undefined
  /** The plaintext, if it is known. */
  readonly text: string | undefined
  /** The number of bytes of a data key whose plaintext was never returned. */
  readonly bytes?: number
  readonly context: Readonly<Record<string, string>>
  /** Whether it is a data key that its receiver has too. */
  readonly isExported?: true
  /** Whether ReEncrypt made it. */
  readonly moved?: true
  /** The algorithm, if it was made with a public key. */
  readonly algorithm?: string
}

export interface Token {
  /** The sequence that made it, if it came with a key that was taken over. */
  readonly origin?: Origin
  readonly key: Label
  /** The wrapping algorithm of imports, if it is not the usual one. */
  readonly algorithm?: Wrapping
  readonly expiresAt: number
  readonly failures: number
}

export interface Signature {
  readonly key: Label
  readonly version: Label
  readonly text: string
}

/** A list that is read page by page. */
export interface Listing {
  readonly size: number
  /** The entries of each page. */
  readonly pages: ReadonlyMap<number, ReadonlyArray<string>>
  /** The total number of entries that the first page reported. */
  readonly total: number
  /** The entries that existed when the first page was read. */
  readonly expected: ReadonlyArray<string>
  /** `Model.changes` when the first page was read. */
  readonly changes: number
}

export interface Model {
  /** Milliseconds since 1970; 0 until a reply contained the time. */
  now: number
  readonly keys: Map<Label, ModelKey>
  /** Maps each alias to its key. */
  readonly aliases: Map<Label, Label>
  readonly ciphertexts: Map<Label, Ciphertext>
  readonly tokens: Map<Label, Token>
  readonly signatures: Map<Label, Signature>
  readonly listings: Map<Label, Listing>
  /** The rights that were granted last, by the name of the user. */
  readonly users: Map<string, User>
  /** The number of accepted calls that changed something, and of moves of the clock. */
  changes: number
  /** Whether the model knows everything in the service, because the service was empty when the sequence began. */
  isWhole: boolean
  /** The latest event for each quota: a call was refused for lack of room, or room was made. */
  readonly roomPast: Map<keyof Quotas, "refused" | "freed">
  /** Keys and aliases about which the service and the model disagree: no further calls concern them. */
  readonly lost: Set<Label>
}

export const emptyModel = (now = 0): Model => ({
  now,
  keys: new Map(),
  aliases: new Map(),
  ciphertexts: new Map(),
  tokens: new Map(),
  signatures: new Map(),
  listings: new Map(),
  users: new Map(),
  changes: 0,
  isWhole: false,
  roomPast: new Map(),
  lost: new Set()
})

/** A copy with its own future: the values in the maps are never changed in place. */
export const branch = (model: Model): Model => ({
  now: model.now,
  keys: new Map(model.keys),
  aliases: new Map(model.aliases),
  ciphertexts: new Map(model.ciphertexts),
  tokens: new Map(model.tokens),
  signatures: new Map(model.signatures),
  listings: new Map(model.listings),
  users: new Map(model.users),
  changes: model.changes,
  isWhole: model.isWhole,
  roomPast: new Map(model.roomPast),
  lost: new Set(model.lost)
})

export const stateOf = (key: ModelKey): LifecycleState => lifecycleOf(key.snapshot)

/** The laws that an answer with the key's own state tests. */
const seen: ReadonlySet<LawId> = new Set(["KMS-LC-001", "KMS-LC-002", "KMS-LC-016"])
const unmoved: ReadonlySet<LawId> = new Set([...seen, "KMS-LC-015", "KMS-AC-002"])

/** Whether the service showed the key in its present state, and no call since then could have changed the state. */
export const wasSeen = ({ because }: ModelKey): boolean => seen.has(because)

/** The laws to blame if a key is in another state after a refused call; calls that may have changed it come first. */
export const afterRefusal = (key: ModelKey, wasDenied: boolean): LawId => {
  if (!unmoved.has(key.because)) return key.because
  return wasDenied ? "KMS-AC-002" : "KMS-LC-015"
}

const versionLabel = (label: Label, number: number): Label => `${label}.v${number}`

export const born = (
  model: Model,
  label: Label,
  made: {
    readonly kind: string
    readonly description: string
    readonly rotationMillis: number | null
    readonly because: LawId
    readonly place?: Place | undefined
    readonly tags?: Readonly<Record<string, string>> | undefined
  }
): ModelKey => {
  const first = versionLabel(label, 1)
  const { next } = create({
    ...kindOf(made.kind).identity,
    newestVersionId: first,
    newestVersionAt: model.now,
    rotationIntervalMillis: made.rotationMillis
  })
  return {
    label,
    kind: made.kind,
    snapshot: next,
    createdAt: model.now,
    versions: [{ label: first, createdAt: model.now }],
    description: made.description,
    tags: made.tags ?? {},
    because: made.because,
    ...(made.place === undefined ? {} : { place: made.place })
  }
}

/** The state after a cancelled deletion in this dialect. */
const cancelled = (snapshot: CmkSnapshot, dialect: Dialect): CmkSnapshot => {
  if (dialect.cancelReturnsTo === "Enabled" || lifecycleOf(snapshot) !== "Enabled") return snapshot
  const rotation = rotationOf(snapshot)
  return revive({
    value: { lifecycle: "Disabled", rotation: rotation === "Enabled" ? "Suspended" : rotation },
    context: snapshot.context
  })
}

/** Takes an event that the machine accepts. */
export const moved = (key: ModelKey, event: CmkEvent, because: LawId, dialect: Dialect): ModelKey => {
  const verdict = decide(key.snapshot, event)
  if (verdict._tag !== "Decision") return key
  const snapshot = event.type === "CancelKeyDeletion" ? cancelled(verdict.next, dialect) : verdict.next
  const made = planCommands(verdict.commands).versions.map(({ versionId, at }) => ({ label: versionId, createdAt: at }))
  return {
    ...key,
    snapshot,
    because,
    versions: made.length === 0 ? key.versions : [...key.versions, ...made]
  }
}

export const nextVersion = (key: ModelKey): Label => versionLabel(key.label, key.versions.length + 1)

/** Facts that are due by the given time, earliest first. */
const owed = (model: Model, until: number): { readonly key: ModelKey; readonly deadline: OwedDeadline } | undefined => {
  let first: { readonly key: ModelKey; readonly deadline: OwedDeadline } | undefined
  for (const key of model.keys.values()) {
    for (const deadline of deadlines(key.snapshot)) {
      if (deadline.dueAt <= until && (first === undefined || deadline.dueAt < first.deadline.dueAt)) {
        first = { key, deadline }
      }
    }
  }
  return first
}

const becauseOf = {
  DeletionDue: "KMS-DEL-010",
  MaterialExpired: "KMS-IMP-013",
  RotationDue: "KMS-ROT-001"
} as const satisfies Readonly<Record<OwedDeadline["kind"], LawId>>

const notYet = {
  DeletionDue: "KMS-DEL-011",
  MaterialExpired: "KMS-IMP-014",
  RotationDue: "KMS-ROT-003"
} as const satisfies Readonly<Record<OwedDeadline["kind"], LawId>>

/** The law that a key breaks if it did not wait. */
const waiting = (key: ModelKey): LawId => {
  const [next] = [...deadlines(key.snapshot)].sort((a, b) => a.dueAt - b.dueAt)
  return next === undefined ? key.because : notYet[next.kind]
}

/** Whether something is already due, such as a rotation that was suspended past its date. */
export const isOverdue = (model: Model): boolean => owed(model, model.now) !== undefined

/** Moves time forward. Every deadline on the way is performed at its own time; an overdue one is performed now. */
export const advance = (model: Model, millis: number, dialect: Dialect): ReadonlyArray<Label> => {
  const target = model.now + millis
  model.changes++
  const touched: Array<Label> = []
  for (;;) {
    const next = owed(model, target)
    if (next === undefined) break
    const { key, deadline } = next
    model.now = Math.max(model.now, deadline.dueAt)
    const because = touched.length > 0 && deadline.kind === "RotationDue" ? "KMS-TM-002" : becauseOf[deadline.kind]
    const after = moved(key, factOf(deadline, model.now, nextVersion(key)), because, dialect)
    model.keys.set(key.label, after)
    touched.push(key.label)
    if (stateOf(after) === "Deleted") dropAliases(model, key.label)
  }
  model.now = target
  for (const key of model.keys.values()) {
    if (!touched.includes(key.label) && deadlines(key.snapshot).length > 0) {
      model.keys.set(key.label, { ...key, because: waiting(key) })
    }
  }
  return touched
}

const dropAliases = (model: Model, label: Label): void => {
  for (const [alias, key] of model.aliases) if (key === label) model.aliases.delete(alias)
}
