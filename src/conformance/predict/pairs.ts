/** What the model expects of asymmetric uses and of public keys. */
import { kindOf } from "../model/kinds.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Ciphertext, ModelKey } from "../model/model.ts"
import { pairTextOf } from "../steps/plaintext.ts"
import { verifiesOutside } from "../steps/receiver.ts"
import { textOf } from "../steps/reply.ts"
import type { Step } from "../steps/step.ts"
import { alwaysRefused, broken, gated, gateOf, test, withoutCodeLaw } from "./prediction.ts"
import type { PredictedCall, Predict, Prediction } from "./prediction.ts"
import { onKey } from "./references.ts"

/** The version that a step names, once its id is known. Symmetric keys are called too, and must refuse. */
const versionOf = (asked: PredictedCall, key: ModelKey): string | undefined => {
  const label = asked.step.version ?? `${key.label}.v1`
  return asked.names.of(label) === undefined || !key.versions.some((version) => version.label === label)
    ? undefined
    : label
}

/** The refusal by the key's kind or state, for all parameters; undefined if the parameters decide. */
const refusedAnyhow = (
  operation: "AsymmetricEncrypt" | "AsymmetricDecrypt" | "AsymmetricSign" | "AsymmetricVerify",
  asked: PredictedCall,
  key: ModelKey
): Prediction | undefined => {
  const { refused, open } = gateOf(operation, key, asked.dialect)
  return refused === undefined || open === true ? undefined : { key: key.label, refuse: refused }
}

const AsymmetricEncrypt: Predict = (asked) =>
  onKey(asked, (key) => {
    const refused = refusedAnyhow("AsymmetricEncrypt", asked, key)
    if (refused !== undefined) return refused
    const version = versionOf(asked, key)
    const algorithm = kindOf(key.kind).encrypts
    if (version === undefined || algorithm === undefined) return undefined
    if (asked.step.twist === "otherAlgorithm") return alwaysRefused(key, "KMS-ASY-011")
    return gated("AsymmetricEncrypt", key, asked.dialect, {
      law: "KMS-ASY-014",
      check: (reply) => [
        test("KMS-LC-023", textOf(reply, "CiphertextBlob") !== undefined, () => "The reply has no CiphertextBlob.")
      ],
      apply: (model, reply, names) => {
        const blob = textOf(reply, "CiphertextBlob")
        if (blob === undefined || asked.step.makes === undefined) return
        names.bind(asked.step.makes, blob)
        model.ciphertexts.set(asked.step.makes, {
          key: key.label,
          version,
          text: pairTextOf(asked.step, key.kind),
          context: {},
          algorithm: asked.step.algorithm ?? algorithm
        })
      }
    })
  })

const versionNamed = ({ step }: PredictedCall, key: ModelKey): string => step.version ?? `${key.label}.v1`

/** A ciphertext that was made outside the service with the public key. */
const decryptsOutside = (asked: PredictedCall, key: ModelKey): Prediction | undefined => {
  const { names, step, dialect } = asked
  const isKnown = names.of(`${versionNamed(asked, key)}.pem`) !== undefined
  if (!isKnown || kindOf(key.kind).encrypts === "SM2PKE") return undefined
  return gated("AsymmetricDecrypt", key, dialect, {
    law: "KMS-ASY-009",
    check: (reply) => [
      test(
        "KMS-ASY-009",
        textOf(reply, "Plaintext") === step.text,
        () => "The plaintext is not what was encrypted outside."
      )
    ]
  })
}

const decryptsAltered = (key: ModelKey, c: Ciphertext): Prediction => ({
  key: key.label,
  accept: {
    check: (reply) => [
      test(
        "KMS-ASY-010",
        textOf(reply, "Plaintext") !== c.text,
        () => "Ciphertext that was altered, or of another algorithm, was decrypted."
      )
    ]
  },
  refuse: { law: "KMS-ASY-010", codes: [] }
})

const isOlder = (key: ModelKey, version: string | undefined): boolean =>
  key.versions.length > 1 && version !== key.versions.at(-1)?.label

/** The law for a use of an older version, or for any use. */
const lawOfVersion = (key: ModelKey, version: string | undefined): LawId =>
  isOlder(key, version) ? "KMS-VER-007" : "KMS-ASY-014"

const decryptsOwn = (asked: PredictedCall, key: ModelKey): Prediction | undefined => {
  const { model, step, dialect } = asked
  const c = model.ciphertexts.get(step.of ?? "")
  if (c?.algorithm === undefined || c.key !== key.label || c.version !== versionNamed(asked, key)) return undefined
  if (step.twist === "tampered" || (step.algorithm ?? kindOf(key.kind).encrypts) !== c.algorithm)
    return decryptsAltered(key, c)
  return gated("AsymmetricDecrypt", key, dialect, {
    law: lawOfVersion(key, c.version),
    check: (reply) => [
      test("KMS-ASY-004", textOf(reply, "Plaintext") === c.text, () => "The plaintext is not what was encrypted.")
    ]
  })
}

const AsymmetricDecrypt: Predict = (asked) =>
  onKey(asked, (key) => {
    const { model, step } = asked
    const refused = refusedAnyhow("AsymmetricDecrypt", asked, key)
    if (refused?.refuse !== undefined) {
      // A request without a ciphertext of this key is wrong too.
      const isOwn = model.ciphertexts.get(step.of ?? "")?.key === key.label
      return isOwn ? refused : { ...refused, refuse: withoutCodeLaw(refused.refuse) }
    }
    if (kindOf(key.kind).encrypts === undefined || versionOf(asked, key) === undefined) return undefined
    return step.twist === "outside" ? decryptsOutside(asked, key) : decryptsOwn(asked, key)
  })

const AsymmetricSign: Predict = (asked) =>
  onKey(asked, (key) => {
    const refused = refusedAnyhow("AsymmetricSign", asked, key)
    if (refused !== undefined) return refused
    const version = versionOf(asked, key)
    const algorithm = kindOf(key.kind).signs
    if (version === undefined || algorithm === undefined) return undefined
    if (asked.step.twist === "otherAlgorithm") return alwaysRefused(key, "KMS-ASY-011")
    if (asked.step.twist === "wrongLength" || asked.step.twist === "tooLong") return alwaysRefused(key, "KMS-ASY-016")
    return gated("AsymmetricSign", key, asked.dialect, {
      law: "KMS-ASY-014",
      check: (reply, names) => {
        const value = textOf(reply, "Value")
        if (value === undefined) return [broken("KMS-LC-023", "The reply has no Value.")]
        const pem = names.of(`${version}.pem`)
        const outside = pem === undefined ? undefined : verifiesOutside(pem, algorithm, asked.step.text ?? "", value)
        return outside === undefined
          ? []
          : [test("KMS-ASY-008", outside, () => "The signature does not verify under the public key.")]
      },
      apply: (model, reply, names) => {
        const value = textOf(reply, "Value")
        if (value === undefined || asked.step.makes === undefined) return
        names.bind(asked.step.makes, value)
        model.signatures.set(asked.step.makes, { key: key.label, version, text: asked.step.text ?? "" })
      }
    })
  })

/** A digest of another length is another digest. */
const isOfAnotherDigest = ({ twist }: Step): boolean =>
  twist === "otherDigest" || twist === "wrongLength" || twist === "tooLong"

/** The law by which a signature must not verify, if any. */
const lawOfWrongSignature = ({ step }: PredictedCall, isOwn: boolean): LawId | undefined => {
  if (isOfAnotherDigest(step)) return "KMS-ASY-002"
  if (step.twist === "tampered" || step.twist === "lengthened") return "KMS-ASY-003"
  return isOwn ? undefined : "KMS-ASY-012"
}

const AsymmetricVerify: Predict = (asked) =>
  onKey(asked, (key) => {
    const { model, step } = asked
    const refused = refusedAnyhow("AsymmetricVerify", asked, key)
    if (refused !== undefined) return refused
    const s = step.of === undefined ? undefined : model.signatures.get(step.of)
    const version = versionOf(asked, key)
    if (
      s === undefined ||
      version === undefined ||
      kindOf(key.kind).signs !== kindOf(model.keys.get(s.key)?.kind ?? key.kind).signs
    )
      return undefined
    const wrong = lawOfWrongSignature(asked, s.version === version)
    if (wrong !== undefined) {
      return {
        key: key.label,
        accept: {
          check: (reply) => [
            test(wrong, textOf(reply, "Value") === "false", () => "The signature verifies although it should not.")
          ]
        },
        refuse: { law: wrong, codes: [] }
      }
    }
    return gated("AsymmetricVerify", key, asked.dialect, {
      law: lawOfVersion(key, version),
      check: (reply) => [
        test(
          isOlder(key, version) ? "KMS-VER-007" : "KMS-ASY-001",
          textOf(reply, "Value") === "true",
          () => `Value is ${textOf(reply, "Value")}.`
        )
      ]
    })
  })

const GetPublicKey: Predict = (asked) =>
  onKey(asked, (key) => {
    const { refused } = gateOf("GetPublicKey", key, asked.dialect)
    if (refused !== undefined) return { key: key.label, refuse: refused }
    const version = versionOf(asked, key)
    if (version === undefined) return undefined
    return gated("GetPublicKey", key, asked.dialect, {
      law: "KMS-ASY-014",
      check: (reply, names) => {
        const pem = textOf(reply, "PublicKey")
        if (pem === undefined) return [broken("KMS-LC-023", "The reply has no PublicKey.")]
        const before = names.of(`${version}.pem`)
        const owner = names.labelOf(pem)
        return [
          test(
            "KMS-ASY-013",
            owner === undefined || owner === `${version}.pem`,
            () => `It is also the public key of ${owner}.`
          ),
          ...(before === undefined ? [] : [test("KMS-ASY-015", before === pem, () => "The public key has changed.")])
        ]
      },
      apply: (_model, reply, names) => {
        const pem = textOf(reply, "PublicKey")
        if (pem !== undefined) names.bind(`${version}.pem`, pem)
      }
    })
  })

export const pairPredictions = {
  AsymmetricEncrypt,
  AsymmetricDecrypt,
  AsymmetricSign,
  AsymmetricVerify,
  GetPublicKey
} as const
