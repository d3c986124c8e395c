/** The key of a step, named directly or by an alias. */
import { refusalByState } from "../../../machines/permits.ts"
import { livingStates } from "../../../machines/vocabulary.ts"
import type { LawId } from "../lawbook/laws.ts"
import { referenceOf } from "../steps/reference.ts"
import { changesKey } from "../steps/step.ts"
import type { Reference, Step } from "../steps/step.ts"
import { stateOf } from "../model/model.ts"
import type { ModelKey } from "../model/model.ts"
import type { Accepted, PredictedCall, Prediction, Refused } from "./prediction.ts"

export type Subject =
  | { readonly key: ModelKey }
  /** The alias is not bound. */
  | { readonly nothing: Prediction }
  /** The step cannot run, because something that it needs was not created. */
  | undefined

const noSuchKey: Prediction = {
  refuse: { law: "KMS-LC-019", codeLaw: "KMS-LC-019", codes: ["Forbidden.KeyNotFound"] }
}

const subjectOf = ({ model, step, names }: PredictedCall): Subject => {
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

/** The law by which a reference does not name a key. An ARN names one. */
const namesNone: Readonly<Record<Exclude<Reference, "arn">, LawId>> = {
  arnOfAnotherAccount: "KMS-REF-002",
  arnOfAnotherRegion: "KMS-REF-003",
  upperCase: "KMS-REF-004",
  cutShort: "KMS-REF-004",
  withBlank: "KMS-REF-004"
}

/** The code for a reference that names no key is the service's choice. */
const refusedReference = ({ step }: PredictedCall, key: ModelKey): Prediction | undefined => {
  const { reference, op, by } = step
  if (reference === undefined || reference === "arn") return undefined
  // A name that resembles an alias is the name of an alias that does not exist.
  const isOfAlias = by !== undefined && namesNone[reference] === "KMS-REF-004"
  const law = isOfAlias ? "KMS-AL-011" : namesNone[reference]
  return { key: key.label, refuse: { law, codes: [] }, ...changing(op) }
}

const changing = (op: Step["op"]): { readonly changes?: true } => (changesKey(op) ? { changes: true } : {})

/** An alias in a place where only an id or an ARN is accepted. */
const refusedAlias = ({ step, dialect }: PredictedCall, key: ModelKey): Prediction | undefined =>
  step.by !== undefined && dialect.idOnly.some((operation) => operation === step.op)
    ? { key: key.label, refuse: { law: "KMS-REF-006", codes: ["Unsupported.Alias"] }, ...changing(step.op) }
    : undefined

/** Runs a predictor with the key of the step. */
export const onKey = (
  asked: PredictedCall,
  predict: (key: ModelKey) => Prediction | undefined
): Prediction | undefined => {
  const subject = subjectOf(asked)
  if (subject === undefined) return undefined
  if ("nothing" in subject) return subject.nothing
  const { key } = subject
  const { step, names } = asked
  // The service did not return the ARN that the reference needs.
  if (step.reference !== undefined && referenceOf(step, names) === undefined) return undefined
  const refused = refusedReference(asked, key) ?? refusedAlias(asked, key)
  const prediction = predict(key)
  if (refused !== undefined) {
    return prediction?.accept === undefined ? refused : { ...refused, ifAccepted: prediction.accept }
  }
  if (prediction === undefined) return undefined
  const named = step.by === undefined ? prediction : throughAlias(prediction, key)
  return step.reference === undefined ? named : byArn(named, step.by)
}

const stateCodes: ReadonlySet<string> = new Set(
  livingStates.filter((state) => state !== "Enabled").map((state) => refusalByState[state])
)
const isForState = ({ codes }: Refused): boolean => codes.some((code) => stateCodes.has(code))

/** A call by an alias tests the laws of aliases. The answer for a deleted key is not defined. */
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

/** The law of ARNs accepts a key that is named by its ARN. */
const byArn = (prediction: Prediction, alias: string | undefined): Prediction => {
  const { accept } = prediction
  if (accept?.law === undefined || prediction.refuse !== undefined) return prediction
  return { ...prediction, accept: { ...accept, law: alias === undefined ? "KMS-REF-001" : "KMS-REF-005" } }
}
