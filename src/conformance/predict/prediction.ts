/** The answers that the model allows for a step, and the law that each other answer breaks. */
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

/** A law that an answer tests, with the fault if it breaks the law. */
export interface Tested {
  readonly law: LawId
  readonly fault?: string
  /** The state of the service differs from the model's; no further statements about the key are possible. */
  readonly apart?: true
}

export interface Accepted {
  /** Laws that a refusal breaks. */
  readonly law?: LawId
  readonly check?: (reply: Reply, names: Names) => ReadonlyArray<Tested>
  readonly apply?: (model: Model, reply: Reply, names: Names) => void
}

export interface Refused {
  /** Laws that acceptance breaks. */
  readonly law?: LawId
  /** The law that any other code breaks. */
  readonly codeLaw?: LawId
  readonly codes: ReadonlyArray<ModelCode>
}

/** The permitted outcomes: acceptance, refusal, or either one if both are present. */
export interface Prediction {
  readonly key?: Label
  readonly accept?: Accepted
  readonly refuse?: Refused
  /** The effect on the model if the service accepts although a refusal is expected: the key stays in use. */
  readonly ifAccepted?: Accepted
  /** Whether acceptance changes the key's state. If so, a wrong answer ends the statements about the key. */
  readonly changes?: true
  /** The refusal depends on the caller. */
  readonly denied?: true
  /**
   * The refusal depends on the caller's account or region: the same call with a key that does not exist is refused in
   * the same words.
   */
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
  /** The protection level of keys that are created without one. */
  readonly level: "SOFTWARE" | "HSM"
  /** The quotas that are tested; none without the profile `quotas`. */
  readonly quotas: Quotas
  /** Receivers of exported data keys. */
  readonly receiver: Receiver
}

export type Predict = (asked: PredictedCall) => Prediction | undefined

export const held = (law: LawId): Tested => ({ law })
export const broken = (law: LawId, fault: string): Tested => ({ law, fault })
export const test = (law: LawId, holds: boolean, fault: () => string): Tested =>
  holds ? held(law) : broken(law, fault())

type ByState = { readonly [state in LifecycleState]?: LawId }

/** The law for each state in which a key cannot be used. */
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

/** The law by which a state refuses an operation. */
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

/** The law by which a kind of key never supports an operation. */
const neverFor = (operation: KeyOperation, key: ModelKey): LawId => {
  if (operation === "CreateKeyVersion") return "KMS-VER-005"
  if (operation === "UpdateRotationPolicy") return "KMS-ROT-006"
  if (key.snapshot.context.kind === "symmetric") return "KMS-ASY-007"
  return operation.startsWith("Asymmetric") || operation === "ReEncrypt(source)" ? "KMS-ASY-005" : "KMS-ASY-006"
}

/** The law about a refusal code; undefined if no law concerns the code alone. */
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

/**
 * The code for a kind that never supports the operation. It is permitted in addition to the state's code, because the
 * documentation does not order the two.
 */
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
  // Such a kind does not show whether the state refuses.
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
  /** The dialect does not define the answer. */
  readonly open?: true
}

/** The machine's decision on an operation on a key, with the exceptions of the dialect. */
export const gateOf = (operation: KeyOperation, key: ModelKey, dialect: Dialect): Gate => {
  const refusal = refusalOf(operation, key.snapshot)
  const exception = lifecycleOf(key.snapshot) === "Deleted" ? undefined : exceptionFor(operation, key, dialect)
  if (exception === "either") return { open: true }
  if (exception === "accept" || (refusal === undefined && exception === undefined)) return {}
  if (refusal === undefined) return { refused: { codes: [] } }
  const never = kindCode(operation, key)
  // If both kind and state refuse, the documentation does not say which code is returned.
  const codeLaw = never === undefined ? codeLaws[refusal.code] : undefined
  return {
    refused: {
      law: lawOfRefusal(operation, key, refusal.code),
      codes: never === undefined ? [refusal.code] : [refusal.code, never],
      ...(codeLaw === undefined ? {} : { codeLaw })
    }
  }
}

/** A prediction for an operation on a key that depends only on the gate. */
export const gated = (operation: KeyOperation, key: ModelKey, dialect: Dialect, accept: Accepted): Prediction => {
  const { refused, open } = gateOf(operation, key, dialect)
  if (open === true) return { key: key.label, accept: withoutLaw(accept), refuse: { codes: [] } }
  return refused === undefined ? { key: key.label, accept } : { key: key.label, refuse: refused }
}

const withoutLaw = ({ law: _law, ...accept }: Accepted): Accepted => accept

/** The expected acceptance may also be a refusal, and the expected refusal may have another reason. */
export const leftOpen = ({ accept, refuse, ...prediction }: Prediction): Prediction => {
  if (accept !== undefined) return { ...prediction, accept: withoutLaw(accept), refuse: { codes: [] } }
  return refuse === undefined ? prediction : { ...prediction, refuse: withoutCodeLaw(refuse) }
}

export const withoutCodeLaw = ({ codeLaw: _codeLaw, ...refuse }: Refused): Refused => refuse

/** A request that every state refuses; the state's own code is permitted as well. */
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
