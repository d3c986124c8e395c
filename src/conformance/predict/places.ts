/** What the model expects if the call comes from another account or region than its key's. */
import type { Answer, Place } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Model, ModelKey } from "../model/model.ts"
import { stateOf } from "../model/model.ts"
import { changesKey } from "../steps/step.ts"
import type { Label, Step } from "../steps/step.ts"
import { arnLabel } from "../steps/reference.ts"
import { test } from "./prediction.ts"
import type { PredictedCall, Prediction, Tested } from "./prediction.ts"

const opens: ReadonlySet<Step["op"]> = new Set(["Decrypt", "ReEncrypt", "ExportDataKey"])

const byPlace: Readonly<Record<Place, LawId>> = { otherAccount: "KMS-PLC-001", otherRegion: "KMS-PLC-002" }

const isElsewhere = ({ step }: PredictedCall, key: ModelKey | undefined): key is ModelKey =>
  key !== undefined && key.place !== step.from

/** The key that a step cannot reach from its account or region: the key of the call, or the key to encrypt under. */
const foreignKey = (asked: PredictedCall, prediction: Prediction): ModelKey | undefined => {
  const { model, step } = asked
  if (step.op === "CreateKey") return undefined
  return [prediction.key, step.to]
    .map((label) => (label === undefined ? undefined : model.keys.get(label)))
    .find((key) => isElsewhere(asked, key))
}

const lawOf = ({ step, model }: PredictedCall, { place }: ModelKey): LawId => {
  const source = model.ciphertexts.get(step.of ?? "")?.key
  if (opens.has(step.op) && source !== undefined && model.keys.get(source)?.place !== step.from) return "KMS-PLC-003"
  return byPlace[step.from ?? place ?? "otherAccount"]
}

/** The refusal for a key of another account or region equals the refusal for a key that does not exist. */
export const inPlace = (asked: PredictedCall, prediction: Prediction): Prediction => {
  const key = foreignKey(asked, prediction)
  if (key === undefined) return prediction
  return {
    ...(prediction.key === undefined ? {} : { key: prediction.key }),
    ...(changesKey(asked.step.op) ? { changes: true } : {}),
    ...(prediction.accept === undefined ? {} : { ifAccepted: prediction.accept }),
    foreign: true,
    refuse: { law: lawOf(asked, key), codes: [] }
  }
}

/** Whether another account or region has an alias with the same name. */
export const isTakenElsewhere = ({ model, names, step }: PredictedCall, alias: string): boolean =>
  [...model.aliases].some(
    ([other, key]) => names.alias(other) === names.alias(alias) && model.keys.get(key)?.place !== step.from
  )

/** The names of the aliases of each key. */
const aliasesByKey = ({ model, names }: PredictedCall): ReadonlyMap<Label, ReadonlyArray<string>> => {
  const found = new Map<Label, Array<string>>()
  for (const [alias, key] of model.aliases) {
    const there = found.get(key)
    if (there === undefined) found.set(key, [names.alias(alias)])
    else there.push(names.alias(alias))
  }
  return found
}

/** Texts that belong to one key and may appear only in its account and region. */
const secretsOf = ({ names }: PredictedCall, key: ModelKey, aliases: ReadonlyMap<Label, ReadonlyArray<string>>) => [
  ...[names.of(key.label), names.of(arnLabel(key.label))].filter((text) => text !== undefined),
  ...(aliases.get(key.label) ?? []),
  ...(key.description.length > 3 ? [key.description] : []),
  ...Object.values(key.tags).filter((value) => value.length > 3)
]

/** Values that the caller sent may appear in the answer. */
const sentBy = ({ step, names }: PredictedCall): ReadonlyArray<string> =>
  [
    step.twist === "unknownKey" ? undefined : names.of(step.key ?? ""),
    names.of(step.to ?? ""),
    ...[step.by, step.alias].map((alias) => (alias === undefined ? undefined : names.alias(alias))),
    step.text,
    ...Object.values(step.tags ?? {})
  ].filter((text) => text !== undefined)

const lists: ReadonlySet<Step["op"]> = new Set(["ListKeys", "ListAliases", "ListAliasesByKeyId", "ListKeyVersions"])

const hasPlaces = ({ keys }: Model): boolean => [...keys.values()].some(({ place }) => place !== undefined)

/** Whether an answer contains something of another account or region. */
export const leaksTold = (asked: PredictedCall, answer: Answer): ReadonlyArray<Tested> => {
  const { model, step } = asked
  if (step.from === undefined && !hasPlaces(model)) return []
  const told = JSON.stringify(answer)
  const aliases = aliasesByKey(asked)
  const own = [...model.keys.values()].filter((key) => key.place === step.from)
  const known = new Set([...own.flatMap((key) => secretsOf(asked, key, aliases)), ...sentBy(asked)])
  const leak = [...model.keys.values()]
    .filter((key) => key.place !== step.from && stateOf(key) !== "Deleted")
    .flatMap((key) => secretsOf(asked, key, aliases))
    .find((text) => !known.has(text) && told.includes(text))
  const law = lists.has(step.op) ? "KMS-PLC-004" : "KMS-PLC-006"
  return [test(law, leak === undefined, () => `The answer shows ${leak}, which belongs to another account or region.`)]
}

/** A refusal without the request's ids. */
const masked = (answer: Answer, ids: ReadonlyArray<string>): string => {
  if (answer.ok) return "accepted"
  let text = `${answer.httpStatus} ${answer.code} ${answer.message ?? ""} ${answer.hint ?? ""}`.trim()
  for (const id of ids) text = text.replaceAll(id, "(id)")
  return text
}

/** Compares the refusal for a key that is elsewhere with the refusal for a key that does not exist. */
export const comparedToNone = (answer: Answer, ofNone: Answer, ids: ReadonlyArray<string>): Tested => {
  const [there, nowhere] = [masked(answer, ids), masked(ofNone, ids)]
  return test(
    "KMS-PLC-005",
    there === nowhere,
    () => `The refusal is "${there}". For a key that does not exist it is "${nowhere}".`
  )
}
