/** What a draw becomes: for each operation, a step that makes sense where the model stands. */
import type { OperationName, Profile } from "../adapter.ts"
import type { Dialect } from "../dialect.ts"
import { kindOf } from "../kinds.ts"
import type { Model } from "../model.ts"
import type { Names } from "../names.ts"
import type { Label, Step, Twist } from "../step.ts"

/** One draw: which operation, and four numbers that choose among what there is. */
export type Draw = readonly [number, number, number, number, number]

const day = 86_400_000

export const pick = <A>(from: ReadonlyArray<A>, by: number): A | undefined =>
  from.length === 0 ? undefined : from[by % from.length]

/** One in so many. */
const oneIn = (by: number, of: number): boolean => Math.floor(by / 7919) % of === 0

const texts = ["AA==", "aGVsbG8gd29ybGQ=", "AAECAwQFBgcICQoLDA0ODw==", "/////w=="]
const contexts: ReadonlyArray<Readonly<Record<string, string>>> = [
  {},
  { tenant: "7" },
  { tenant: "7", purpose: "orders" },
  { a: "1", b: "2", c: "3" }
]

export interface Walk {
  readonly dialect: Dialect
  readonly has: ReadonlySet<OperationName>
  readonly profiles: ReadonlyArray<Profile>
  readonly hasClock: boolean
  readonly kinds: ReadonlyArray<string>
}

/** Keys in one walk at most: more would meet each other too seldom. */
const keysMax = 4

export interface Around {
  readonly walk: Walk
  readonly model: Model
  readonly label: (letter: string) => Label
  readonly kinds: ReadonlyArray<string>
  readonly names: Names
}

const keysOf = ({ model }: Around, fits: (kind: string) => boolean = () => true): ReadonlyArray<Label> =>
  [...model.keys.values()].filter((key) => !model.lost.has(key.label) && fits(key.kind)).map((key) => key.label)

/** An operation goes to keys it is meant for, and one time in eight to any. */
const keyFor = (around: Around, by: number, fits: (kind: string) => boolean): Label | undefined => {
  const fitting = oneIn(by, 8) ? [] : keysOf(around, fits)
  return pick(fitting.length === 0 ? keysOf(around) : fitting, by)
}

const isExternal = (kind: string): boolean => kind === "external"
const isPair = (kind: string): boolean => kindOf(kind).identity.kind === "asymmetric"
const isSymmetric = (kind: string): boolean => !isPair(kind)
const withTwist = (twist: Twist | undefined): { readonly twist?: Twist } => (twist === undefined ? {} : { twist })
const withKey = (key: Label | undefined): { readonly key?: Label } => (key === undefined ? {} : { key })

/** A key by its own name or by an alias. */
const named = (around: Around, key: Label | undefined, by: number): { readonly key?: Label; readonly by?: Label } => {
  const alias = oneIn(by, 5) ? pick([...around.model.aliases.keys()], by) : undefined
  return alias === undefined ? withKey(key) : { by: alias }
}

const bad: ReadonlyArray<Twist> = ["tampered", "truncated", "otherContext", "noContext", "reorderedContext"]
const wrongImports: ReadonlyArray<Twist> = ["otherMaterial", "wrongLength", "garbage", "tampered", "pastExpiry"]

/** Spans that end a second before, at, or well past what is usual. */
const spans: ReadonlyArray<number> = [
  1000,
  3_600_000,
  day,
  3 * day,
  7 * day - 1000,
  7 * day,
  7 * day + 1000,
  30 * day,
  31 * day,
  90 * day
]

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
      ...withTwist(oneIn(c, 10) ? (c % 2 === 0 ? "tooShort" : "tooLong") : undefined)
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
      ...withTwist(oneIn(c, 12) ? (c % 2 === 0 ? "tooShort" : "tooLong") : undefined)
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
    const twist = oneIn(c, 4) ? (c % 2 === 0 ? "otherDigest" : "tampered") : undefined
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

const versionFor = ({ model }: Around, key: Label | undefined, by: number): { readonly version?: Label } => {
  const version = pick(model.keys.get(key ?? "")?.versions ?? [], by)
  return version === undefined ? {} : { version: version.label }
}

/** What a use carries, unless the version has to be looked up first. */
const using = (step: Step, more: Partial<Step>): Step => (step.op === "ListKeyVersions" ? step : { ...step, ...more })

/** A pair is asked by its version, and the version has to be looked up first. */
const pairStep = <Op extends OperationName>(op: Op, around: Around, a: number, b: number): Step => {
  const key = keyFor(around, a, isPair)
  const version = versionFor(around, key, b)
  const known = around.names.of(version.version ?? "") !== undefined
  const isOfPair = key !== undefined && isPair(around.model.keys.get(key)?.kind ?? "symmetric")
  return known || !isOfPair ? { op, ...withKey(key), ...version } : { op: "ListKeyVersions", key }
}

const dataKeys: ReadonlySet<string> = new Set([
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateAndExportDataKey"
])
const lengths = [16, 32, 24, 64]

export const stepOf = (op: OperationName | "Advance", draw: Draw, around: Around): Step => {
  const [, a, b, c] = draw
  const built = builders[op]?.(draw, around)
  if (built !== undefined) return built
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
