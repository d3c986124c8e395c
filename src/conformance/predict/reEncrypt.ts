/** What the model expects of ReEncrypt. */
import type { Ciphertext, ModelKey } from "../model/model.ts"
import { textOf } from "../steps/reply.ts"
import { gateOf } from "./prediction.ts"
import type { Accepted, Gate, Predict, PredictedCall, Prediction } from "./prediction.ts"
import { blobTold, remember } from "./sealing.ts"
import { opened } from "./symmetric.ts"

/** The destination key of a ReEncrypt, if it was created and the model knows it. */
const destinationOf = ({ model, names, step }: PredictedCall): ModelKey | undefined => {
  const label = step.by === undefined ? step.to : model.aliases.get(step.by)
  const key = label === undefined ? undefined : model.keys.get(label)
  return key === undefined || model.lost.has(key.label) || names.of(key.label) === undefined ? undefined : key
}

/** A source that cannot be opened is refused with every destination. */
const unopened = ({ step }: PredictedCall, certain: Prediction): Prediction => {
  const ofContext = step.twist === "otherContext" || step.twist === "noContext"
  return { ...certain, refuse: { law: ofContext ? "KMS-CTX-013" : (certain.refuse?.law ?? "KMS-CTX-005"), codes: [] } }
}

/** Both keys may refuse, and the documentation does not order the two refusals. */
const refusedByEither = (source: ModelKey, from: Gate, to: Gate): Prediction | undefined => {
  if (from.refused === undefined && to.refused === undefined) return undefined
  const codes = [...(from.refused?.codes ?? []), ...(to.refused?.codes ?? [])]
  const law = to.refused?.law ?? from.refused?.law ?? (to.refused === undefined ? "KMS-CTX-011" : "KMS-CTX-012")
  return { key: source.label, refuse: { law, codes } }
}

const encryptedAgain = ({ step }: PredictedCall, c: Ciphertext, destination: ModelKey): Accepted => ({
  law: step.by === undefined ? "KMS-CTX-014" : "KMS-AL-001",
  check: (reply, seen) => [blobTold(reply, seen)],
  apply: (after, reply, bound) => {
    const blob = textOf(reply, "CiphertextBlob")
    if (blob === undefined || step.makes === undefined) return
    remember(bound, blob)
    bound.bind(step.makes, blob)
    after.ciphertexts.set(step.makes, {
      key: destination.label,
      version: destination.snapshot.context.primaryVersionId ?? undefined,
      text: c.text,
      moved: true,
      context: step.context ?? {},
      ...(c.bytes === undefined ? {} : { bytes: c.bytes })
    })
  }
})

/** The ciphertext of a pair, if the step names its version. */
const openedPair = ({ model, names, step }: PredictedCall): ReturnType<typeof opened> => {
  const c = step.of === undefined ? undefined : model.ciphertexts.get(step.of)
  const key = c === undefined ? undefined : model.keys.get(c.key)
  const isNamed = c?.algorithm !== undefined && c.key === step.key && c.version === step.version
  if (!isNamed || key === undefined || model.lost.has(c.key) || names.of(step.of ?? "") === undefined) return undefined
  return { c, key }
}

export const ReEncrypt: Predict = (asked) => {
  const found = asked.step.version === undefined ? opened(asked) : openedPair(asked)
  const destination = destinationOf(asked)
  if (found === undefined || destination === undefined) return undefined
  const { c, key: source, certain } = found
  if (certain !== undefined) return unopened(asked, certain)
  const from = gateOf("ReEncrypt(source)", source, asked.dialect)
  const to = gateOf("ReEncrypt(destination)", destination, asked.dialect)
  const refused = refusedByEither(source, from, to)
  if (refused !== undefined) return refused
  const accept = encryptedAgain(asked, c, destination)
  const isOpen = from.open === true || to.open === true
  return { key: source.label, accept, ...(isOpen ? { refuse: { codes: [] } } : {}) }
}
