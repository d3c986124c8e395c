/** What the model expects of imports. */
import { importFailuresMax } from "../../../machines/importSession.ts"
import type { CmkEvent } from "../../../machines/cmk.ts"
import type { LawId } from "../lawbook/laws.ts"
import { stateOf, wasSeen } from "../model/model.ts"
import type { Model, ModelKey, Token } from "../model/model.ts"
import { isWrappingKey } from "../steps/receiver.ts"
import { instantOf, textOf } from "../steps/reply.ts"
import { datesTold } from "./metadata.ts"
import { changed } from "./lifecycle.ts"
import { alwaysRefused, broken, gated, gateOf, instant, near, test } from "./prediction.ts"
import type { Accepted, PredictedCall, Predict, Prediction } from "./prediction.ts"
import { onKey } from "./references.ts"

const day = 86_400_000

const GetParametersForImport: Predict = (asked) =>
  onKey(asked, (key) =>
    gated("GetParametersForImport", key, asked.dialect, {
      law: "KMS-IMP-021",
      check: (reply) => {
        const publicKey = textOf(reply, "PublicKey")
        if (publicKey === undefined || textOf(reply, "ImportToken") === undefined) {
          return [broken("KMS-LC-023", "The reply has no PublicKey or no ImportToken.")]
        }
        const told = instantOf(reply, "TokenExpireTime")
        return [
          ...datesTold(asked, reply, ["TokenExpireTime"]),
          test("KMS-IMP-023", isWrappingKey(publicKey), () => "PublicKey is not Base64 of a DER RSA key of 2048 bits."),
          ...(told === undefined
            ? []
            : [
                test(
                  "KMS-IMP-025",
                  near(told, asked.model.now + day, asked),
                  () => `TokenExpireTime is ${instant(told)} at ${instant(asked.model.now)}.`
                )
              ])
        ]
      },
      apply: (model, reply, names) => {
        const { algorithm, makes } = asked.step
        const token = textOf(reply, "ImportToken")
        const publicKey = textOf(reply, "PublicKey")
        if (makes === undefined || token === undefined || publicKey === undefined) return
        names.bind(makes, token)
        names.bind(`${makes}.key`, publicKey)
        const limits = { expiresAt: model.now + day, failures: 0 }
        model.tokens.set(makes, { key: key.label, ...limits, ...(algorithm === undefined ? {} : { algorithm }) })
      }
    })
  )

const usual = "RSAES_OAEP_SHA_256"

const counted =
  (label: string) =>
  (model: Model): void => {
    const token = model.tokens.get(label)
    if (token !== undefined) model.tokens.set(label, { ...token, failures: token.failures + 1 })
  }

/** The token that a step names, if it was created. */
interface Named {
  readonly label: string
  readonly token: Token
}

const tokenIn = ({ model, names, step }: PredictedCall): Named | undefined => {
  const token = model.tokens.get(step.of ?? "")
  return token === undefined || step.of === undefined || names.of(step.of) === undefined
    ? undefined
    : { label: step.of, token }
}

/** The law by which an import is refused before the material is unwrapped. */
const lawOfToken = ({ model, step }: PredictedCall, key: ModelKey, token: Token): LawId | undefined => {
  if (step.twist === "tampered") return "KMS-IMP-020"
  if (token.key !== key.label) return "KMS-IMP-009"
  if (model.now >= token.expiresAt) return "KMS-IMP-010"
  return step.twist === "pastExpiry" ? "KMS-IMP-019" : undefined
}

const materialIn = ({ step }: PredictedCall): "first" | "other" => (step.twist === "otherMaterial" ? "other" : "first")

/** The law by which the material itself is refused. */
const lawOfMaterial = (asked: PredictedCall, key: ModelKey, token: Token): LawId | undefined => {
  const { twist, algorithm = usual } = asked.step
  if (twist === "garbage" || algorithm !== (token.algorithm ?? usual)) return "KMS-IMP-011"
  if (twist === "wrongLength") return "KMS-IMP-012"
  const { fingerprint } = key.snapshot.context
  return fingerprint !== null && fingerprint !== materialIn(asked) ? "KMS-IMP-005" : undefined
}

/** The law that a refusal of valid material breaks. */
const lawOfImport = ({ names, model }: PredictedCall, key: ModelKey, label: string): LawId => {
  if (stateOf(key) !== "PendingImport") return "KMS-IMP-016"
  const isNewest = [...model.tokens].findLast(([, token]) => token.key === key.label)?.[0] === label
  return names.of(`used ${label}`) === undefined && isNewest ? "KMS-IMP-004" : "KMS-IMP-017"
}

const acceptedImport = (asked: PredictedCall, key: ModelKey, { label, token }: Named): Prediction => {
  const { model, step } = asked
  const expiresAt = step.days === undefined ? null : Math.floor(model.now / 1000) * 1000 + step.days * day
  const event: CmkEvent = {
    type: "ImportKeyMaterial",
    at: model.now,
    fingerprint: materialIn(asked),
    expiresAt
  }
  const because = stateOf(key) === "PendingImport" ? "KMS-IMP-004" : "KMS-IMP-016"
  const isTired = token.failures >= importFailuresMax
  const accept: Accepted = {
    ...(isTired ? {} : { law: lawOfImport(asked, key, label) }),
    apply: (after, _reply, bound) => {
      bound.bind(`used ${label}`, label)
      if (key.snapshot.context.fingerprint !== null) bound.bind(`imported again ${key.label}`, key.label)
      changed(asked, key, event, because)(after)
    }
  }
  return { key: key.label, accept, ...(isTired ? { refuse: { codes: [] } } : {}), changes: true }
}

const ImportKeyMaterial: Predict = (asked) =>
  onKey(asked, (key) => {
    const named = tokenIn(asked)
    if (named === undefined) return undefined
    const { refused } = gateOf("ImportKeyMaterial", key, asked.dialect)
    if (refused !== undefined) return { key: key.label, refuse: refused, changes: true }
    const refuse = (law: LawId): Prediction => ({ ...alwaysRefused(key, law), changes: true })
    const early = lawOfToken(asked, key, named.token)
    if (early !== undefined) return refuse(early)
    const wrong = lawOfMaterial(asked, key, named.token)
    // A token may expire after several wrong uses; the number is the service's choice.
    return wrong === undefined ? acceptedImport(asked, key, named) : { ...refuse(wrong), miss: counted(named.label) }
  })

const DeleteKeyMaterial: Predict = (asked) =>
  onKey(asked, (key) => {
    const waiting = stateOf(key) === "PendingDeletion"
    const event: CmkEvent = { type: "DeleteKeyMaterial", at: asked.model.now }
    // A state or date that no answer has shown may be the fault of the call that scheduled the deletion.
    const waitingLaw = wasSeen(key) ? "KMS-IMP-008" : key.because
    const because = waiting ? waitingLaw : "KMS-IMP-007"
    return {
      ...gated("DeleteKeyMaterial", key, asked.dialect, {
        law: "KMS-IMP-022",
        apply: changed(asked, key, event, because)
      }),
      changes: true
    }
  })

export const materialPredictions = {
  GetParametersForImport,
  ImportKeyMaterial,
  DeleteKeyMaterial
} as const
