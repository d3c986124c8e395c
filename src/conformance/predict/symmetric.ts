/** What the model expects of symmetric uses: encryption, decryption, data keys, and their export. */
import type { LawId } from "../lawbook/laws.ts"
import type { Ciphertext, Model, ModelKey } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import { textOf } from "../steps/reply.ts"
import type { Reply } from "../steps/reply.ts"
import { isUnusualPlaintext, plaintextOf } from "../steps/plaintext.ts"
import type { Step, Twist } from "../steps/step.ts"
import { alwaysRefused, broken, gated, held, test } from "./prediction.ts"
import type { PredictedCall, Predict, Prediction, Tested } from "./prediction.ts"
import { onKey } from "./references.ts"
import { blobTold, keyTold, primaryUsed, remember, sealed, wasSeen } from "./sealing.ts"

const Encrypt: Predict = (asked) =>
  onKey(asked, (key) => {
    const text = plaintextOf(asked.step, asked.dialect)
    const isTooShort = Buffer.byteLength(text) < asked.dialect.plaintextBytes.minimum
    if (asked.step.twist === "tooLong" || isTooShort) return alwaysRefused(key, "KMS-CTX-009")
    return gated("Encrypt", key, asked.dialect, {
      law: lawOfSealing(asked.step, text),
      check: (reply, names) => [blobTold(reply, names), keyTold(reply, key, names), ...primaryUsed(asked, reply, key)],
      apply: sealed(asked, key, {}, () => text)
    })
  })

/** The law that a refusal of valid plaintext breaks. */
const lawOfSealing = ({ context = {}, longest }: Step, text: string): LawId => {
  if (hasUnusual(context)) return "KMS-CTX-016"
  if (longest === true) return "KMS-CTX-019"
  return isUnusualPlaintext(text) ? "KMS-CTX-017" : "KMS-LC-007"
}

const bytesOf = (base64: string): number => Buffer.from(base64, "base64").length

/** The data key that the receiver of an export gets. */
const exportedIn = ({ receiver }: PredictedCall, reply: Reply): string | undefined => {
  const wrapped = textOf(reply, "ExportedDataKey")
  return wrapped === undefined ? undefined : receiver.unwrap(wrapped)
}

/** RSAES_OAEP_SHA_256 under an RSA key of 2048 bits carries no longer data key (RFC 8017, section 7.1.1). */
const wrappedBytesMax = 190

const exportTold = (asked: PredictedCall, reply: Reply, bytes: number): ReadonlyArray<Tested> => {
  if (textOf(reply, "ExportedDataKey") === undefined) return [broken("KMS-LC-023", "The reply has no ExportedDataKey.")]
  const exported = exportedIn(asked, reply)
  if (exported === undefined) return [broken("KMS-DK-007", "The receiver cannot unwrap ExportedDataKey.")]
  const length = bytesOf(exported)
  return [test("KMS-DK-002", length === bytes, () => `The exported data key has ${length} bytes, not ${bytes}.`)]
}

const dataKey =
  (operation: "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" | "GenerateAndExportDataKey"): Predict =>
  (asked) =>
    onKey(asked, (key) => {
      const { twist, bytes = 32 } = asked.step
      if (twist === "tooLong") return alwaysRefused(key, "KMS-DK-008")
      if (twist === "unknownSpec") return alwaysRefused(key, "KMS-LC-026")
      if (operation === "GenerateAndExportDataKey" && bytes > wrappedBytesMax) return alwaysRefused(key, "KMS-DK-007")
      const shows = operation === "GenerateDataKey"
      return gated(operation, key, asked.dialect, {
        law: "KMS-DK-005",
        check: (reply, names) => {
          const plaintext = textOf(reply, "Plaintext")
          const always = [blobTold(reply, names), keyTold(reply, key, names), ...primaryUsed(asked, reply, key)]
          if (!shows)
            return [
              ...always,
              test("KMS-DK-003", plaintext === undefined || plaintext === "", () => "The reply shows the data key."),
              ...(operation === "GenerateAndExportDataKey" ? exportTold(asked, reply, bytes) : [])
            ]
          if (plaintext === undefined) return [...always, broken("KMS-LC-023", "The reply has no Plaintext.")]
          return [
            ...always,
            test(
              "KMS-DK-002",
              bytesOf(plaintext) === bytes,
              () => `The data key has ${bytesOf(plaintext)} bytes, not ${bytes}.`
            ),
            test(
              "KMS-DK-004",
              bytes < distinctBytes || !wasSeen(names, plaintext),
              () => "This data key was returned before."
            )
          ]
        },
        apply: (model, reply, names) => {
          const plaintext = shows ? textOf(reply, "Plaintext") : undefined
          const exported = exportedIn(asked, reply)
          remember(names, plaintext)
          const of = exported === undefined ? { bytes } : { bytes, isExported: true as const }
          sealed(asked, key, of, () => plaintext ?? exported)(model, reply, names)
        }
      })
    })

/** The law for this ciphertext in particular: older than a rotation, older than an import, or any other. */
const contentLaw = (c: Ciphertext, key: ModelKey, model: Model, names: Names): LawId => {
  if (
    c.version !== undefined &&
    key.snapshot.context.primaryVersionId !== null &&
    c.version !== key.snapshot.context.primaryVersionId
  )
    return "KMS-ROT-002"
  if (names.of(`imported again ${key.label}`) !== undefined) return "KMS-IMP-006"
  if ([...model.aliases.values()].length > 0 && names.of(`moved away ${key.label}`) !== undefined) return "KMS-AL-008"
  if (c.moved === true) return "KMS-CTX-010"
  if (c.bytes === undefined) return isUnusualPlaintext(c.text ?? "") ? "KMS-CTX-018" : "KMS-CTX-001"
  if (c.isExported === true) return "KMS-DK-007"
  return c.text === undefined ? "KMS-DK-006" : "KMS-DK-001"
}

const twistLaws: { readonly [twist in Twist]?: LawId } = {
  tampered: "KMS-CTX-005",
  truncated: "KMS-CTX-006",
  otherContext: "KMS-CTX-003",
  noContext: "KMS-CTX-004",
  givenContext: "KMS-CTX-015"
}

type Context = Ciphertext["context"]

const isSameContext = (one: Context, other: Context): boolean =>
  Object.keys(one).length === Object.keys(other).length &&
  Object.entries(one).every(([name, value]) => Object.hasOwn(other, name) && other[name] === value)

/** Texts that some services lose: empty ones, names that every object inherits, and anything outside plain ASCII. */
const isUnusual = (text: string): boolean => !/^[A-Za-z0-9][A-Za-z0-9 _-]*$/.test(text) || text in {}

const hasUnusual = (context: Context): boolean =>
  Object.entries(context).some(([name, value]) => isUnusual(name) || isUnusual(value))

/** The key and the law of a ciphertext to open, or a certain refusal. */
export const opened = (
  asked: PredictedCall
): { readonly c: Ciphertext; readonly key: ModelKey; readonly certain?: Prediction } | undefined => {
  const { model, step, names } = asked
  const c = step.of === undefined ? undefined : model.ciphertexts.get(step.of)
  if (c === undefined || c.algorithm !== undefined || model.lost.has(c.key)) return undefined
  const key = model.keys.get(c.key)
  if (key === undefined || (step.of !== undefined && names.of(step.of) === undefined)) return undefined
  const law = step.twist === undefined ? undefined : twistLaws[step.twist]
  if (law === undefined) return { c, key }
  if (step.twist === "noContext" && Object.keys(c.context).length === 0) return undefined
  if (step.twist === "givenContext" && isSameContext(step.context ?? {}, c.context)) return { c, key }
  return { c, key, certain: alwaysRefused(key, law) }
}

/** The law that a refusal of a valid ciphertext breaks. */
const lawOfOpening = ({ step }: PredictedCall, c: Ciphertext, content: LawId): LawId => {
  if (hasUnusual(c.context)) return "KMS-CTX-016"
  if (step.twist === "reorderedContext" && Object.keys(c.context).length > 1) return "KMS-CTX-002"
  return content === "KMS-CTX-001" || content.startsWith("KMS-DK") ? "KMS-LC-008" : content
}

/** Shorter data keys may be equal by chance. */
const distinctBytes = 16

/** Whether this Decrypt is the first to show a data key. ReEncrypt makes other ciphertexts of the same data key. */
const isFirstShown = ({ bytes = 0, moved, text }: Ciphertext): boolean =>
  text === undefined && bytes >= distinctBytes && moved !== true

const Decrypt: Predict = (asked) => {
  const found = opened(asked)
  if (found === undefined) return undefined
  const { c, key, certain } = found
  if (certain !== undefined) return certain
  const content = contentLaw(c, key, asked.model, asked.names)
  return gated("Decrypt", key, asked.dialect, {
    law: lawOfOpening(asked, c, content),
    check: (reply, names) => {
      const plaintext = textOf(reply, "Plaintext")
      if (plaintext === undefined) return [broken("KMS-LC-023", "The reply has no Plaintext.")]
      const version = c.version === undefined ? undefined : names.of(c.version)
      const told = textOf(reply, "KeyVersionId")
      return [
        c.text === undefined
          ? test(
              content,
              bytesOf(plaintext) === c.bytes,
              () => `The data key has ${bytesOf(plaintext)} bytes, not ${c.bytes}.`
            )
          : test(content, plaintext === c.text, () => "The plaintext is not what was encrypted."),
        ...(isFirstShown(c)
          ? [test("KMS-DK-004", !wasSeen(names, plaintext), () => "This data key was returned before.")]
          : []),
        keyTold(reply, key, names),
        ...(told === undefined || version === undefined
          ? []
          : [test("KMS-VER-011", told === version, () => `The reply names version ${told}.`)])
      ]
    },
    apply: (model, reply, names) => {
      const plaintext = textOf(reply, "Plaintext")
      if (isFirstShown(c)) remember(names, plaintext)
      // From here on the plaintext of a hidden data key is known.
      if (c.text === undefined && plaintext !== undefined && asked.step.of !== undefined) {
        model.ciphertexts.set(asked.step.of, { ...c, text: plaintext })
      }
    }
  })
}

const ExportDataKey: Predict = (asked) => {
  const found = opened(asked)
  if (found === undefined) return undefined
  if (found.certain !== undefined) return found.certain
  const { key, c } = found
  // Plaintext of Encrypt need not be Base64, and only bytes can be exported.
  if (c.bytes === undefined) return undefined
  if (c.bytes > wrappedBytesMax) return alwaysRefused(key, "KMS-DK-007")
  const isOlder = contentLaw(c, key, asked.model, asked.names) === "KMS-ROT-002"
  return gated("ExportDataKey", key, asked.dialect, {
    law: isOlder ? "KMS-ROT-002" : "KMS-DK-007",
    check: (reply, names) => {
      const wrapped = textOf(reply, "ExportedDataKey")
      if (wrapped === undefined) return [broken("KMS-LC-023", "The reply has no ExportedDataKey.")]
      if (c.text === undefined) return [held("KMS-LC-023"), keyTold(reply, key, names)]
      return [
        test("KMS-DK-007", asked.receiver.unwrap(wrapped) === c.text, () => "The exported key is a different key.")
      ]
    }
  })
}

export const symmetricPredictions = {
  Encrypt,
  Decrypt,
  GenerateDataKey: dataKey("GenerateDataKey"),
  GenerateDataKeyWithoutPlaintext: dataKey("GenerateDataKeyWithoutPlaintext"),
  GenerateAndExportDataKey: dataKey("GenerateAndExportDataKey"),
  ExportDataKey
} as const
