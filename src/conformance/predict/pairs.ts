/** What the model expects of asymmetric uses and of public keys. */
import { kindOf } from "../model/kinds.ts"
import type { ModelKey } from "../model/model.ts"
import { verifiesOutside } from "../steps/receiver.ts"
import { textOf } from "../steps/reply.ts"
import { alwaysRefused, broken, gated, gateOf, test, withoutCodeLaw } from "./prediction.ts"
import type { Asked, Predict, Prediction } from "./prediction.ts"
import { onKey } from "./references.ts"

/** The version a step names, once its id is known. Symmetric keys are asked as well, to be refused. */
const versionOf = (asked: Asked, key: ModelKey): string | undefined => {
  const label = asked.step.version ?? `${key.label}.v1`
  return asked.names.of(label) === undefined || !key.versions.some((version) => version.label === label)
    ? undefined
    : label
}

/** A use the key's kind or state refuses, whatever the parameters; undefined if the parameters decide. */
const refusedAnyhow = (
  operation: "AsymmetricEncrypt" | "AsymmetricDecrypt" | "AsymmetricSign" | "AsymmetricVerify",
  asked: Asked,
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
          text: asked.step.text ?? "",
          context: {},
          algorithm
        })
      }
    })
  })

const AsymmetricDecrypt: Predict = (asked) =>
  onKey(asked, (key) => {
    const { model, step, names } = asked
    const refused = refusedAnyhow("AsymmetricDecrypt", asked, key)
    // Without a ciphertext of this key that is wrong as well.
    if (refused?.refuse !== undefined && model.ciphertexts.get(step.of ?? "")?.key !== key.label) {
      return { ...refused, refuse: withoutCodeLaw(refused.refuse) }
    }
    if (refused !== undefined) return refused
    const algorithm = kindOf(key.kind).encrypts
    if (algorithm === undefined || versionOf(asked, key) === undefined) return undefined
    if (step.twist === "outside") {
      if (names.of(`${step.version ?? `${key.label}.v1`}.pem`) === undefined || algorithm === "SM2PKE") return undefined
      return gated("AsymmetricDecrypt", key, asked.dialect, {
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
    const c = step.of === undefined ? undefined : model.ciphertexts.get(step.of)
    if (c === undefined || c.algorithm === undefined || c.key !== key.label) return undefined
    if (c.version !== (step.version ?? `${key.label}.v1`)) return undefined
    if (step.twist === "tampered") {
      return {
        key: key.label,
        accept: {
          check: (reply) => [
            test(
              "KMS-ASY-010",
              textOf(reply, "Plaintext") !== c.text,
              () => "Altered ciphertext decrypted all the same."
            )
          ]
        },
        refuse: { law: "KMS-ASY-010", codes: [] }
      }
    }
    return gated("AsymmetricDecrypt", key, asked.dialect, {
      law: key.versions.length > 1 && c.version !== key.versions.at(-1)?.label ? "KMS-VER-007" : "KMS-ASY-014",
      check: (reply) => [
        test("KMS-ASY-004", textOf(reply, "Plaintext") === c.text, () => "The plaintext is not what was encrypted.")
      ]
    })
  })

const AsymmetricSign: Predict = (asked) =>
  onKey(asked, (key) => {
    const refused = refusedAnyhow("AsymmetricSign", asked, key)
    if (refused !== undefined) return refused
    const version = versionOf(asked, key)
    const algorithm = kindOf(key.kind).signs
    if (version === undefined || algorithm === undefined) return undefined
    if (asked.step.twist === "otherAlgorithm") return alwaysRefused(key, "KMS-ASY-011")
    if (asked.step.twist === "wrongLength") return alwaysRefused(key, "KMS-ASY-016")
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
    const own = s.version === version
    const wrong =
      step.twist === "otherDigest"
        ? "KMS-ASY-002"
        : step.twist === "tampered"
          ? "KMS-ASY-003"
          : own
            ? undefined
            : "KMS-ASY-012"
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
      law: key.versions.length > 1 && version !== key.versions.at(-1)?.label ? "KMS-VER-007" : "KMS-ASY-014",
      check: (reply) => [
        test("KMS-ASY-001", textOf(reply, "Value") === "true", () => `Value is ${textOf(reply, "Value")}.`)
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
            () => `It is the public key of ${owner} as well.`
          ),
          ...(before === undefined
            ? []
            : [test("KMS-ASY-015", before === pem, () => "It is another public key than before.")])
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
