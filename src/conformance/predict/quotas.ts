/** Quotas: whether one more key, alias, tag or version is permitted. */
import { places } from "../adapters/adapter.ts"
import type { Quotas } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import { stateOf } from "../model/model.ts"
import type { Model, ModelKey } from "../model/model.ts"
import type { PredictedCall, Prediction } from "./prediction.ts"

/** Keys that count against the quota of the account and region that the step is sent to. */
const keysIn = ({ model, step }: PredictedCall): ReadonlyArray<ModelKey> =>
  [...model.keys.values()].filter(
    (key) => key.place === step.from && stateOf(key) !== "Deleted" && !key.snapshot.context.serviceKey
  )

const aliasesIn = ({ model, step }: PredictedCall): number =>
  [...model.aliases.values()].filter((label) => model.keys.get(label)?.place === step.from).length

/** The number of items under a quota; undefined if the model cannot count them. */
export const countOf = (asked: PredictedCall, of: "keys" | "aliases"): number | undefined => {
  if (!asked.model.isWhole) return undefined
  return of === "keys" ? keysIn(asked).length : aliasesIn(asked)
}

/** Whether the quota is used up. */
export const isFull = (asked: PredictedCall, of: "keys" | "aliases"): boolean => {
  const [count, maximum] = [countOf(asked, of), asked.quotas[of]]
  return count !== undefined && maximum !== undefined && count >= maximum
}

const below = { keys: "KMS-QUO-001", aliases: "KMS-QUO-006" } as const satisfies Record<string, LawId>
const at = { keys: "KMS-QUO-002", aliases: "KMS-QUO-007" } as const satisfies Record<string, LawId>
const freed = { keys: "KMS-QUO-005", aliases: "KMS-QUO-008" } as const satisfies Record<string, LawId>

const wasFreed = ({ roomPast, keys }: Model, of: "keys" | "aliases"): boolean =>
  roomPast.get(of) === "freed" || [...keys.values()].some((key) => stateOf(key) === "Deleted")

/** Whether the quota is used up in another account or region. */
const isFullElsewhere = (asked: PredictedCall, of: "keys" | "aliases"): boolean =>
  [undefined, ...places].some((from) => {
    const { from: _from, ...step } = asked.step
    return from !== asked.step.from && isFull({ ...asked, step: from === undefined ? step : { ...step, from } }, of)
  })

/** The law by which room must be available. */
const lawOfRoom = ({ model }: PredictedCall, of: "keys" | "aliases"): LawId => {
  if (wasFreed(model, of)) return freed[of]
  return model.roomPast.get(of) === "refused" ? "KMS-QUO-004" : below[of]
}

/** The law by which one more item is refused. */
const lawOfFull = (asked: PredictedCall, of: "keys" | "aliases"): LawId =>
  of === "keys" && keysIn(asked).some((key) => stateOf(key) !== "Enabled") ? "KMS-QUO-003" : at[of]

/** Records that a call that would have used room was refused. */
const refusalNoted =
  (of: keyof Quotas) =>
  (model: Model): void => {
    if (model.roomPast.get(of) !== "freed") model.roomPast.set(of, "refused")
  }

/** A prediction for one more key or alias, under the quota. */
export const withinQuota = (asked: PredictedCall, of: "keys" | "aliases", prediction: Prediction): Prediction => {
  const [count, maximum] = [countOf(asked, of), asked.quotas[of]]
  if (count === undefined || maximum === undefined) return prediction
  const { accept, ...rest } = prediction
  if (accept === undefined) return { ...prediction, miss: prediction.miss ?? refusalNoted(of) }
  if (count >= maximum) {
    const law = lawOfFull(asked, of)
    return {
      ...rest,
      refuse: { law, codeLaw: law, codes: ["Rejected.LimitExceeded"] },
      ifAccepted: accept,
      miss: refusalNoted(of)
    }
  }
  const { law: _law, ...plain } = accept
  if (isFullElsewhere(asked, of)) return { ...prediction, accept: { ...plain, law: "KMS-PLC-008" } }
  return { ...prediction, accept: { ...plain, law: lawOfRoom(asked, of) } }
}

/** A prediction for tags that are added to a key, under the quota. */
export const withinTagQuota = (asked: PredictedCall, key: ModelKey, prediction: Prediction): Prediction => {
  const { accept, ...rest } = prediction
  const maximum = asked.quotas.tags
  if (maximum === undefined || accept === undefined) return prediction
  const before = Object.keys(key.tags).length
  const after = Object.keys({ ...key.tags, ...asked.step.tags }).length
  if (after > maximum) {
    return {
      ...rest,
      refuse: { law: "KMS-QUO-009", codeLaw: "KMS-QUO-009", codes: ["Rejected.LimitExceeded"] },
      ifAccepted: accept
    }
  }
  if (after < maximum) return prediction
  return { ...prediction, accept: { ...accept, law: before === after ? "KMS-QUO-011" : "KMS-QUO-009" } }
}
