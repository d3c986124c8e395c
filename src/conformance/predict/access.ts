/** What the model expects when somebody else than the root asks. */
import type { LawId } from "../lawbook/laws.ts"
import type { Asked, Prediction } from "./prediction.ts"

const lawOfDenial = (mayNothing: boolean, mayCall: boolean): LawId => {
  if (mayNothing) return "KMS-AC-001"
  return mayCall ? "KMS-AC-004" : "KMS-AC-005"
}

/** Who may not is refused before the key's state is looked at; no page says whether he learns that it is not there. */
export const asPrincipal = ({ step }: Asked, prediction: Prediction): Prediction => {
  const { as, op } = step
  if (as === undefined) return prediction
  const about = prediction.key ?? ""
  const mayCall = as.permits.some((operation) => operation === op)
  const mayKey = as.key === "*" || as.key === about
  if (mayCall && mayKey) {
    const { accept } = prediction
    return accept === undefined || prediction.refuse !== undefined
      ? prediction
      : { ...prediction, accept: { ...accept, law: "KMS-AC-003" } }
  }
  const law = lawOfDenial(as.permits.length === 0, mayCall)
  return {
    denied: true,
    ...(prediction.key === undefined ? {} : { key: prediction.key }),
    ...(prediction.changes === undefined ? {} : { changes: prediction.changes }),
    refuse: { law, codes: ["Forbidden.NoPermission", "Forbidden.KeyNotFound"], codeLaw: law }
  }
}
