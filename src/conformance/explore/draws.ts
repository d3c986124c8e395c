/** Turns a draw into a step that makes sense in the present state of the model. */
import type { OperationName } from "../adapters/adapter.ts"
import { kindOf } from "../model/kinds.ts"
import type { Deed, Step } from "../steps/step.ts"
import {
  bad,
  contexts,
  isExternal,
  isPair,
  isSymmetric,
  keyFor,
  keysMax,
  keysOf,
  named,
  oneIn,
  pairStep,
  pick,
  spans,
  texts,
  using,
  versionFor,
  withKey,
  withTwist,
  wrongImports
} from "./choosing.ts"
import type { Around, Draw } from "./choosing.ts"

const day = 86_400_000

const wrongVerifies = ["otherDigest", "tampered"] as const

/** A value below or above a range, with a chance of one in `n`. */
const outside = (by: number, of: number): "tooShort" | "tooLong" | undefined =>
  oneIn(by, of) ? pick(["tooShort", "tooLong"] as const, by) : undefined

const builders: { readonly [op in Step["op"]]?: (draw: Draw, around: Around) => Step | undefined } = {
  CreateKey: ([, a, b, c], around) => {
    if (around.model.keys.size >= keysMax) return { op: "DescribeKey", ...withKey(pick(keysOf(around), a)) }
    const kind = pick(around.kinds, a) ?? "symmetric"
    const { minimum } = around.walk.dialect.rotationDays
    return {
      op: "CreateKey",
      makes: around.label("k"),
      kind,
      ...(oneIn(b, 3) ? { text: `number ${c % 10}` } : {}),
      ...(kind === "symmetric" && oneIn(c, 4) && around.walk.profiles.includes("rotation")
        ? { days: minimum + (b % 40) }
        : {})
    }
  },
  Advance: ([, a, b], around) => ({
    op: "Advance",
    ...withKey(pick(keysOf(around), b)),
    millis: pick(spans, a) ?? day
  }),
  ScheduleKeyDeletion: ([, a, b, c], around) => {
    const { minimum, maximum } = around.walk.dialect.window
    return {
      op: "ScheduleKeyDeletion",
      ...withKey(pick(keysOf(around), a)),
      ...(oneIn(b, 6) ? {} : { days: minimum + (b % (maximum - minimum + 1)) }),
      ...withTwist(outside(c, 10))
    }
  },
  SetDeletionProtection: ([, a, b], around) => ({
    op: "SetDeletionProtection",
    ...withKey(pick(keysOf(around), a)),
    on: b % 2 === 0
  }),
  UpdateKeyDescription: ([, a, b], around) => ({
    op: "UpdateKeyDescription",
    ...withKey(pick(keysOf(around), a)),
    text: `note ${b % 100}`
  }),
  CreateAlias: ([, a, b, c], around) => ({
    op: "CreateAlias",
    ...withKey(pick(keysOf(around), a)),
    alias: `a${1 + (b % 3)}`,
    ...withTwist(oneIn(c, 12) ? "badName" : undefined)
  }),
  UpdateAlias: ([, a, b], around) => ({
    op: "UpdateAlias",
    ...withKey(pick(keysOf(around), a)),
    alias: `a${1 + (b % 3)}`
  }),
  DeleteAlias: ([, b]) => ({ op: "DeleteAlias", alias: `a${1 + (b % 3)}` }),
  GetParametersForImport: ([, a], around) => ({
    op: "GetParametersForImport",
    ...withKey(keyFor(around, a, isExternal)),
    makes: around.label("t")
  }),
  ImportKeyMaterial: ([, a, b, c, d], around) => {
    const token = pick(
      [...around.model.tokens.keys()].filter((label) => !label.startsWith("kept")),
      b
    )
    if (token === undefined)
      return { op: "GetParametersForImport", ...withKey(keyFor(around, a, isExternal)), makes: around.label("t") }
    const own = around.model.tokens.get(token)?.key
    return {
      op: "ImportKeyMaterial",
      ...withKey(oneIn(a, 8) ? keyFor(around, a, isExternal) : own),
      of: token,
      ...(oneIn(c, 3) ? { days: 1 + (c % 10) } : {}),
      ...withTwist(oneIn(d, 4) ? pick(wrongImports, d) : undefined)
    }
  },
  DeleteKeyMaterial: ([, a], around) => ({ op: "DeleteKeyMaterial", ...withKey(keyFor(around, a, isExternal)) }),
  Encrypt: ([, a, b, c, d], around) => ({
    op: "Encrypt",
    ...named(around, keyFor(around, a, isSymmetric), b),
    text: pick(texts, c) ?? "AA==",
    context: pick(contexts, d) ?? {},
    makes: around.label("c"),
    ...withTwist(oneIn(d, 25) ? "tooLong" : undefined)
  }),
  Decrypt: ([, a, b, c], around) => {
    const of = pick([...around.model.ciphertexts.keys()], a)
    return of === undefined
      ? undefined
      : { op: "Decrypt", of, ...(oneIn(b, 3) ? { ...withTwist(pick(bad, b)), bytes: c % 101 } : {}) }
  },
  ReEncrypt: ([, a, b, c, d], around) => {
    const of = pick([...around.model.ciphertexts.keys()], a)
    const to = keyFor(around, b, isSymmetric)
    return of === undefined || to === undefined
      ? undefined
      : {
          op: "ReEncrypt",
          of,
          to,
          context: pick(contexts, c) ?? {},
          makes: around.label("c"),
          ...withTwist(oneIn(d, 5) ? pick(bad, d) : undefined)
        }
  },
  ExportDataKey: ([, a], around) => {
    const of = pick([...around.model.ciphertexts.keys()], a)
    return of === undefined ? undefined : { op: "ExportDataKey", of }
  },
  UpdateRotationPolicy: ([, a, b, c], around) => {
    const { minimum } = around.walk.dialect.rotationDays
    return {
      op: "UpdateRotationPolicy",
      ...withKey(keyFor(around, a, (kind) => kind === "symmetric")),
      on: !oneIn(b, 3),
      days: minimum + (b % 30),
      ...withTwist(outside(c, 12))
    }
  },
  CreateKeyVersion: ([, a], around) => ({
    op: "CreateKeyVersion",
    ...withKey(keyFor(around, a, (kind) => isPair(kind) && kindOf(kind).costly !== true))
  }),
  DescribeKeyVersion: ([, a, b, c], around) => {
    const key = pick(keysOf(around), a)
    const version = versionFor(around, key, b)
    return {
      op: "DescribeKeyVersion",
      ...withKey(key),
      ...version,
      ...withTwist(oneIn(c, 6) ? "unknownVersion" : undefined)
    }
  },
  GetPublicKey: ([, a, b], around) => pairStep("GetPublicKey", around, a, b),
  AsymmetricEncrypt: ([, a, b, c, d], around) =>
    using(pairStep("AsymmetricEncrypt", around, a, b), {
      text: pick(texts, c) ?? "AA==",
      makes: around.label("c"),
      ...withTwist(oneIn(d, 10) ? "otherAlgorithm" : undefined)
    }),
  AsymmetricSign: ([, a, b, c, d], around) =>
    using(pairStep("AsymmetricSign", around, a, b), {
      text: pick(texts, c) ?? "AA==",
      makes: around.label("s"),
      ...withTwist(oneIn(d, 10) ? "otherAlgorithm" : undefined)
    }),
  AsymmetricDecrypt: ([, a, b, c], around) => {
    const of = pick(
      [...around.model.ciphertexts].filter(([, { algorithm }]) => algorithm !== undefined),
      a
    )
    if (of === undefined) return pairStep("AsymmetricDecrypt", around, a, b)
    const { key, version } = of[1]
    return {
      op: "AsymmetricDecrypt",
      key,
      of: of[0],
      ...(version === undefined ? {} : { version }),
      ...withTwist(oneIn(c, 4) ? "tampered" : undefined),
      bytes: b % 101
    }
  },
  AsymmetricVerify: ([, a, b, c, d], around) => {
    const of = pick([...around.model.signatures], a)
    if (of === undefined) return pairStep("AsymmetricVerify", around, a, b)
    const twist = oneIn(c, 4) ? pick(wrongVerifies, c) : undefined
    const other = oneIn(d, 5)
      ? pairStep("AsymmetricVerify", around, a, b)
      : { op: "AsymmetricVerify" as const, key: of[1].key, version: of[1].version }
    return using(other, { of: of[0], ...withTwist(twist), bytes: b % 101 })
  },
  TagResource: ([, a, b, c], around) => ({
    op: "TagResource",
    ...withKey(pick(keysOf(around), a)),
    tags: { [`tag${b % 3}`]: `value ${c % 5}` }
  }),
  UntagResource: ([, a, b], around) => ({
    op: "UntagResource",
    ...withKey(pick(keysOf(around), a)),
    tags: { [`tag${b % 3}`]: "" }
  })
}

const dataKeys: ReadonlySet<string> = new Set([
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateAndExportDataKey"
])
const lengths = [16, 32, 24, 64]

export const stepOf = (op: OperationName | Deed, draw: Draw, around: Around): Step => {
  const [, a, b, c] = draw
  const built = builders[op]?.(draw, around)
  if (built !== undefined) return built
  if (op === "Restart") return { op }
  if (op === "ListKeys" || op === "ListAliases") return { op }
  if (dataKeys.has(op)) {
    return {
      op,
      ...named(around, keyFor(around, a, isSymmetric), b),
      bytes: pick(lengths, c) ?? 32,
      context: pick(contexts, b) ?? {},
      makes: around.label("c")
    }
  }
  return op === "DescribeKey" && oneIn(b, 20)
    ? { op, twist: "unknownKey" }
    : { op, ...withKey(pick(keysOf(around), a)) }
}
