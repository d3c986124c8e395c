/** What the model allows as the answer to a step, and which law each answer would break. */
import { lifecycleOf } from "../../../machines/cmk.ts"
import { kindOf as machineKindOf, refusalOf, rules } from "../../../machines/permits.ts"
import type { KeyOperation, Rule } from "../../../machines/permits.ts"
import type { LifecycleState, RefusalCode, LivingState } from "../../../machines/vocabulary.ts"
import type { Quotas } from "../adapters/adapter.ts"
import type { Dialect, ModelCode } from "../dialects/dialect.ts"
import type { LawId } from "../lawbook/laws.ts"
import { stateOf } from "../model/model.ts"
import type { Model, ModelKey } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import type { Receiver } from "../steps/receiver.ts"
import type { Reply } from "../steps/reply.ts"
import type { Label, Step } from "../steps/step.ts"

/** A law that an answer put to the test, and what was wrong with it, if anything was. */
export interface Tested {
  readonly law: LawId
  readonly fault?: string
  /** The service's state is not the model's: nothing more can be said of the key. */
  readonly apart?: true
}

export interface Accepted {
  /** Broken by a refusal. */
  readonly law?: LawId
  readonly check?: (reply: Reply, names: Names) => ReadonlyArray<Tested>
  readonly apply?: (model: Model, reply: Reply, names: Names) => void
}

export interface Refused {
  /** Broken by acceptance. */
  readonly law?: LawId
  /** The law that another code than these breaks. */
  readonly codeLaw?: LawId
  readonly codes: ReadonlyArray<ModelCode>
}

/** Accepting, refusing, or either if both are here. */
export interface Prediction {
  readonly key?: Label
  readonly accept?: Accepted
  readonly refuse?: Refused
  /** What an acceptance does where a refusal is expected: the key stays in play. */
  readonly ifAccepted?: Accepted
  /** Whether acceptance changes the key's state: then a wrong answer ends what can be said of it. */
  readonly changes?: true
  /** Refused for who asked. */
  readonly denied?: true
  /** Refused for where it was asked: the same call about a key that does not exist is refused with the same words. */
  readonly foreign?: true
  /** The effect of a refusal on the model. */
  readonly miss?: (model: Model) => void
}

export interface PredictedCall {
  readonly model: Model
  readonly step: Step
  readonly dialect: Dialect
  readonly names: Names
  readonly clock: "virtual" | "none"
  /** The protection level of keys that are asked for without one. */
  readonly level: "SOFTWARE" | "HSM"
  /** The quotas that are tested; none without the profile `quotas`. */
  readonly quotas: Quotas
  /** Whom data keys are exported to. */
  readonly receiver: Receiver
}

export type Predict = (asked: PredictedCall) => Prediction | undefined

export const held = (law: LawId): Tested => ({ law })
export const broken = (law: LawId, fault: string): Tested => ({ law, fault })
export const test = (law: LawId, holds: boolean, fault: () => string): Tested =>
  holds ? held(law) : broken(law, fault())

type ByState = { readonly [state in LifecycleState]?: LawId }

/** A law for each state in which a key is not used. */
type Unused = Readonly<Record<Exclude<LivingState, "Enabled">, LawId>>

const uses = (disabled: LawId, pendingDeletion: LawId, pendingImport: LawId = "KMS-IMP-001"): Unused => ({
  Disabled: disabled,
  PendingDeletion: pendingDeletion,
  PendingImport: pendingImport
})
const encrypts = uses("KMS-LC-004", "KMS-DEL-004")
const decrypts = uses("KMS-LC-003", "KMS-DEL-003", "KMS-IMP-002")
const dataKeys = uses("KMS-LC-005", "KMS-DEL-005", "KMS-IMP-003")
const pairs = uses("KMS-LC-006", "KMS-DEL-006")
const edits: ByState = { PendingDeletion: "KMS-DEL-015" }
const switches: ByState = { PendingDeletion: "KMS-LC-012", PendingImport: "KMS-LC-013" }
const cancels: ByState = { Enabled: "KMS-DEL-008", Disabled: "KMS-DEL-008", PendingImport: "KMS-DEL-008" }
const whileNot = (law: LawId): Unused => ({ Disabled: law, PendingDeletion: law, PendingImport: law })

/** Which law says that a state refuses an operation. */
const refusedBy: { readonly [operation in KeyOperation]?: ByState } = {
  Encrypt: encrypts,
  Decrypt: decrypts,
  GenerateDataKey: dataKeys,
  GenerateDataKeyWithoutPlaintext: dataKeys,
  ExportDataKey: dataKeys,
  GenerateAndExportDataKey: dataKeys,
  "ReEncrypt(source)": whileNot("KMS-CTX-011"),
  "ReEncrypt(destination)": whileNot("KMS-CTX-012"),
  AsymmetricEncrypt: pairs,
  AsymmetricDecrypt: pairs,
  AsymmetricSign: pairs,
  AsymmetricVerify: pairs,
  GetPublicKey: pairs,
  EnableKey: switches,
  DisableKey: switches,
  ScheduleKeyDeletion: { PendingDeletion: "KMS-DEL-009" },
  CancelKeyDeletion: cancels,
  UpdateKeyDescription: edits,
  SetDeletionProtection: edits,
  TagResource: edits,
  UntagResource: edits,
  SetKeyPolicy: { PendingDeletion: "KMS-AC-016" },
  CreateAlias: { PendingDeletion: "KMS-AL-005" },
  UpdateAlias: { PendingDeletion: "KMS-AL-006" },
  CreateKeyVersion: whileNot("KMS-VER-012"),
  UpdateRotationPolicy: whileNot("KMS-ROT-007"),
  ImportKeyMaterial: { PendingDeletion: "KMS-IMP-018" }
}

/** Which law says that a kind of key never may. */
const neverFor = (operation: KeyOperation, key: ModelKey): LawId => {
  if (operation === "CreateKeyVersion") return "KMS-VER-005"
  if (operation === "UpdateRotationPolicy") return "KMS-ROT-006"
  if (key.snapshot.context.kind === "symmetric") return "KMS-ASY-007"
  return operation.startsWith("Asymmetric") || operation === "ReEncrypt(source)" ? "KMS-ASY-005" : "KMS-ASY-006"
}

/** Which law says that a code is the right one; undefined where no law is about the code alone. */
const codeLaws: Readonly<Record<RefusalCode, LawId | undefined>> = {
  "Rejected.Disabled": "KMS-LC-018",
  "Rejected.PendingDeletion": "KMS-LC-018",
  "Rejected.PendingImport": "KMS-LC-018",
  "Rejected.StateModifiedFailed": "KMS-LC-017",
  "Forbidden.KeyNotFound": "KMS-LC-019",
  "Unsupported.Origin": undefined,
  UnsupportedOperation: undefined,
  "Rejected.UnsupportedOperation": undefined,
  InvalidKeyMaterial: undefined,
  "Rejected.LimitExceeded": undefined
}

/** What a kind that never may is told: allowed beside the state's own refusal, because no page orders the two. */
const kindCode = (operation: KeyOperation, key: ModelKey): RefusalCode | undefined => {
  const rule: Rule = rules[operation]
  const { context } = key.snapshot
  if (rule.usage !== undefined && context.kind === "asymmetric" && context.usage !== rule.usage.of)
    return rule.usage.otherwise
  return rule.kinds?.[machineKindOf(key.snapshot)]
}

const lawOfRefusal = (operation: KeyOperation, key: ModelKey, code: RefusalCode): LawId => {
  if (code === "Forbidden.KeyNotFound") return operation === "CancelKeyDeletion" ? "KMS-DEL-012" : "KMS-DEL-010"
  if (key.snapshot.context.serviceKey) return "KMS-SVC-001"
  if (code === "Rejected.LimitExceeded") return "KMS-QUO-010"
  if (code === "Unsupported.Origin") return "KMS-IMP-015"
  // A kind that never may is no example of a state in which others may not.
  if (kindCode(operation, key) !== undefined) return neverFor(operation, key)
  return refusedBy[operation]?.[stateOf(key)] ?? neverFor(operation, key)
}

const exceptionFor = (
  operation: KeyOperation,
  key: ModelKey,
  dialect: Dialect
): "accept" | "refuse" | "either" | undefined => {
  const name = operation.replace(/\(.*\)$/, "")
  const state = stateOf(key)
  const kind = machineKindOf(key.snapshot)
  return dialect.exceptions.find(
    (exception) =>
      exception.operation === name &&
      (exception.states === "any" || exception.states.some((known) => known === state)) &&
      (exception.kinds === "any" || exception.kinds.includes(kind))
  )?.answer
}

export interface Gate {
  readonly refused?: Refused
  /** The dialect leaves the answer open. */
  readonly open?: true
}

/** What the machine says of an operation on a key, exceptions of the dialect included. */
export const gateOf = (operation: KeyOperation, key: ModelKey, dialect: Dialect): Gate => {
  const refusal = refusalOf(operation, key.snapshot)
  const exception = lifecycleOf(key.snapshot) === "Deleted" ? undefined : exceptionFor(operation, key, dialect)
  if (exception === "either") return { open: true }
  if (exception === "accept" || (refusal === undefined && exception === undefined)) return {}
  if (refusal === undefined) return { refused: { codes: [] } }
  const never = kindCode(operation, key)
  // Where kind and state both refuse, no page says which is told.
  const codeLaw = never === undefined ? codeLaws[refusal.code] : undefined
  return {
    refused: {
      law: lawOfRefusal(operation, key, refusal.code),
      codes: never === undefined ? [refusal.code] : [refusal.code, never],
      ...(codeLaw === undefined ? {} : { codeLaw })
    }
  }
}

/** A prediction for an operation on a key, when nothing but the gate decides. */
export const gated = (operation: KeyOperation, key: ModelKey, dialect: Dialect, accept: Accepted): Prediction => {
  const { refused, open } = gateOf(operation, key, dialect)
  if (open === true) return { key: key.label, accept: withoutLaw(accept), refuse: { codes: [] } }
  return refused === undefined ? { key: key.label, accept } : { key: key.label, refuse: refused }
}

const withoutLaw = ({ law: _law, ...accept }: Accepted): Accepted => accept

/** What would be accepted may be refused as well, and what is refused may be so for another reason. */
export const leftOpen = ({ accept, refuse, ...prediction }: Prediction): Prediction => {
  if (accept !== undefined) return { ...prediction, accept: withoutLaw(accept), refuse: { codes: [] } }
  return refuse === undefined ? prediction : { ...prediction, refuse: withoutCodeLaw(refuse) }
}

export const withoutCodeLaw = ({ codeLaw: _codeLaw, ...refuse }: Refused): Refused => refuse

/** What is refused however the key stands; a state that refuses it too may answer with its own code. */
export const alwaysRefused = (
  key: ModelKey | undefined,
  law: LawId,
  codes: ReadonlyArray<ModelCode> = []
): Prediction => ({
  ...(key === undefined ? {} : { key: key.label }),
  refuse: { law, codes }
})

/** Whether two times agree. Replies have whole seconds, and a real clock moves on during the call. */
export const near = (told: number | undefined, expected: number, asked: PredictedCall): boolean =>
  told !== undefined && Math.abs(told - expected) < (asked.clock === "virtual" ? 1000 : 120_000)

export const instant = (millis: number): string => new Date(millis).toISOString()
