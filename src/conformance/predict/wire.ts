/** What the model expects of requests that test the wire. */
import type { WireForm } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import { changesKey } from "../steps/step.ts"
import type { PredictedCall, Prediction } from "./prediction.ts"

const refusedBy: Readonly<Record<Exclude<WireForm, "sound">, LawId>> = {
  repeated: "KMS-WIR-001",
  stale: "KMS-WIR-002",
  early: "KMS-WIR-002",
  altered: "KMS-WIR-003",
  otherSecret: "KMS-WIR-004",
  unsigned: "KMS-WIR-004",
  otherRegion: "KMS-WIR-006"
}

/** Every operation refuses a request with a fault in transport or signature. */
export const onWire = ({ step }: PredictedCall, prediction: Prediction): Prediction => {
  const { wire, op } = step
  if (wire === undefined) return prediction
  const { key, accept, refuse } = prediction
  if (wire.form === "sound") {
    return accept === undefined || refuse !== undefined
      ? prediction
      : { ...prediction, accept: { ...accept, law: "KMS-WIR-005" } }
  }
  return {
    ...(key === undefined ? {} : { key }),
    ...(changesKey(op) ? { changes: true } : {}),
    ...(accept === undefined || wire.form === "otherRegion" ? {} : { ifAccepted: accept }),
    refuse: { law: refusedBy[wire.form], codes: [] }
  }
}
