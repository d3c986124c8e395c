/** Which key a step is about, by its own name or by an alias. */
import { refusalByState } from "../../../machines/permits.ts"
import { livingStates } from "../../../machines/vocabulary.ts"
import { stateOf } from "../model/model.ts"
import type { ModelKey } from "../model/model.ts"
import type { Accepted, Asked, Prediction, Refused } from "./prediction.ts"

export type Subject =
  | { readonly key: ModelKey }
  /** The alias stands for nothing. */
  | { readonly nothing: Prediction }
  /** The step cannot be run: what it needs was not made. */
  | undefined

const noSuchKey: Prediction = {
  refuse: { law: "KMS-LC-019", codeLaw: "KMS-LC-019", codes: ["Forbidden.KeyNotFound"] }
}

const subjectOf = ({ model, step, names }: Asked): Subject => {
  if (step.twist === "unknownKey") return { nothing: noSuchKey }
  if (step.by !== undefined) {
    const bound = model.aliases.get(step.by)
    if (bound === undefined) {
      const codes = ["Forbidden.AliasNotFound", "Forbidden.KeyNotFound"] as const
      return {
        nothing: {
          refuse: { law: names.of(step.by) === undefined ? "KMS-AL-011" : "KMS-AL-004", codeLaw: "KMS-AL-011", codes }
        }
      }
    }
    const key = model.keys.get(bound)
    return key === undefined || model.lost.has(bound) ? undefined : { key }
  }
  const key = step.key === undefined ? undefined : model.keys.get(step.key)
  return key === undefined || model.lost.has(key.label) || names.of(key.label) === undefined ? undefined : { key }
}

/** Runs a predictor with the key a step is about. */
export const onKey = (asked: Asked, predict: (key: ModelKey) => Prediction | undefined): Prediction | undefined => {
  const subject = subjectOf(asked)
  if (subject === undefined) return undefined
  if ("nothing" in subject) return subject.nothing
  const prediction = predict(subject.key)
  if (prediction === undefined || asked.step.by === undefined) return prediction
  return throughAlias(prediction, subject.key)
}

const stateCodes: ReadonlySet<string> = new Set(
  livingStates.filter((state) => state !== "Enabled").map((state) => refusalByState[state])
)
const isForState = ({ codes }: Refused): boolean => codes.some((code) => stateCodes.has(code))

/** Who asks by an alias tests the laws of aliases; what a key that is gone answers then is not said. */
const throughAlias = (prediction: Prediction, key: ModelKey): Prediction => {
  const { accept, refuse } = prediction
  if (stateOf(key) === "Deleted") return { key: key.label, refuse: { law: "KMS-DEL-010", codes: [] } }
  const byAlias = (accepted: Accepted): Accepted =>
    accepted.law === undefined ? accepted : { ...accepted, law: "KMS-AL-001" }
  return {
    ...prediction,
    ...(accept === undefined ? {} : { accept: byAlias(accept) }),
    ...(refuse === undefined || accept !== undefined || !isForState(refuse)
      ? {}
      : { refuse: { ...refuse, law: "KMS-AL-012" } })
  }
}
