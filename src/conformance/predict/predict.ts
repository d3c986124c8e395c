/** The oracle: the answers that the model allows for any step. */
import type { OperationName } from "../adapters/adapter.ts"
import { isSent } from "../dialects/dialect.ts"
import { asPrincipal, userOf } from "./access.ts"
import { paged } from "./listed.ts"
import { lifecyclePredictions } from "./lifecycle.ts"
import { materialPredictions } from "./material.ts"
import { versionPredictions } from "./versions.ts"
import { namingPredictions } from "./naming.ts"
import { pairPredictions } from "./pairs.ts"
import { inPlace } from "./places.ts"
import { isDeed } from "../steps/step.ts"
import type { Predict, Prediction } from "./prediction.ts"
import { onWire } from "./wire.ts"
import { ReEncrypt } from "./reEncrypt.ts"
import { symmetricPredictions } from "./symmetric.ts"

const predictions: Readonly<Record<OperationName, Predict>> = {
  ...lifecyclePredictions,
  ...symmetricPredictions,
  ReEncrypt,
  ...pairPredictions,
  ...materialPredictions,
  ...versionPredictions,
  ...namingPredictions,
  ListKeys: paged(lifecyclePredictions.ListKeys),
  ListAliases: paged(namingPredictions.ListAliases),
  ListAliasesByKeyId: paged(namingPredictions.ListAliasesByKeyId),
  ListKeyVersions: paged(versionPredictions.ListKeyVersions)
}

/**
 * A call with DryRun is always refused: with its own code if the call would succeed, else with the code of the call.
 * Undefined if the documentation leaves the answer of the call open.
 */
const rehearsed = (prediction: Prediction | undefined): Prediction | undefined => {
  if (prediction === undefined) return undefined
  const { accept, refuse, key } = prediction
  const about = key === undefined ? {} : { key }
  if (accept !== undefined && refuse !== undefined) return undefined
  if (accept !== undefined)
    return { ...about, refuse: { law: "KMS-DRY-001", codeLaw: "KMS-DRY-001", codes: ["DryRunOperationError"] } }
  return refuse === undefined || refuse.codes.length === 0
    ? undefined
    : { ...about, refuse: { law: "KMS-DRY-002", codeLaw: "KMS-DRY-002", codes: refuse.codes } }
}

/** Undefined if the step cannot run because something that it needs was not created. */
export const predict: Predict = (asked) => {
  const { op } = asked.step
  if (isDeed(op) || !isSent(asked.dialect, asked.step)) return undefined
  const { alias, by } = asked.step
  if ([alias, by].some((label) => label !== undefined && asked.model.lost.has(label))) return undefined
  const called = predictions[op](asked)
  const prediction = asked.step.isDryRun === true ? rehearsed(called) : called
  if (prediction === undefined) return undefined
  const there = inPlace(asked, prediction)
  const user = userOf(asked.model, asked.step)
  if (asked.step.as !== undefined && user === undefined) return undefined
  return onWire(asked, user === undefined ? there : asPrincipal(asked, there, user))
}
