/** Random sequences: fast-check draws numbers, and each becomes a step that makes sense where the model stands. */
import fc from "fast-check"
import { operations } from "../adapter.ts"
import type { OperationName, Profile } from "../adapter.ts"
import type { Dialect } from "../dialect.ts"
import { kindOf } from "../kinds.ts"
import type { Model } from "../model.ts"
import type { Session } from "../session.ts"
import type { Label, Step, Twist } from "../step.ts"

const day = 86_400_000

/** One draw: which operation, and four numbers that choose among what there is. */
export type Draw = readonly [number, number, number, number, number]

/** How often each operation is drawn, of about two hundred. */
const weights: Readonly<Record<OperationName | "Advance", number>> = {
  CreateKey: 10,
  DescribeKey: 22,
  ListKeys: 2,
  EnableKey: 14,
  DisableKey: 12,
  ScheduleKeyDeletion: 8,
  CancelKeyDeletion: 9,
  SetDeletionProtection: 3,
  UpdateKeyDescription: 3,
  CreateAlias: 5,
  UpdateAlias: 4,
  DeleteAlias: 3,
  ListAliases: 1,
  ListAliasesByKeyId: 3,
  GetParametersForImport: 4,
  ImportKeyMaterial: 10,
  DeleteKeyMaterial: 5,
  Encrypt: 16,
  Decrypt: 20,
  ReEncrypt: 6,
  GenerateDataKey: 6,
  GenerateDataKeyWithoutPlaintext: 4,
  ExportDataKey: 1,
  GenerateAndExportDataKey: 1,
  CreateKeyVersion: 4,
  DescribeKeyVersion: 2,
  ListKeyVersions: 6,
  UpdateRotationPolicy: 8,
  GetPublicKey: 3,
  AsymmetricEncrypt: 4,
  AsymmetricDecrypt: 5,
  AsymmetricSign: 5,
  AsymmetricVerify: 6,
  TagResource: 3,
  UntagResource: 2,
  ListResourceTags: 3,
  Advance: 16
}

const number = fc.nat({ max: 0x7fffffff })

/** Sequences of draws, all of them following from one seed. */
export const drawsOf = (seed: number, runs: number, maxLength: number): ReadonlyArray<ReadonlyArray<Draw>> =>
  fc.sample(fc.array(fc.tuple(number, number, number, number, number), { minLength: 2, maxLength, size: "max" }), {
    seed,
    numRuns: runs
  })

const pick = <A>(from: ReadonlyArray<A>, by: number): A | undefined =>
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

const wheelOf = ({ has, hasClock }: Walk): ReadonlyArray<OperationName | "Advance"> => [
  ...operations
    .filter((operation) => has.has(operation))
    .flatMap((operation) => Array<OperationName>(weights[operation]).fill(operation)),
  ...(hasClock ? Array<"Advance">(weights.Advance).fill("Advance") : [])
]

/** Turns draws into steps, one at a time. */
export const walker = (
  walk: Walk
): ((draws: ReadonlyArray<Draw>) => (session: Session, taken: number) => Step | undefined) => {
  const wheel = wheelOf(walk)
  // Keys that are slow to make are made seldom.
  const kinds = walk.kinds.flatMap((kind) =>
    Array<string>(kind === "symmetric" ? 12 : kind === "external" ? 4 : kindOf(kind).costly === true ? 1 : 2).fill(kind)
  )
  return (draws) => {
    let made = 0
    const label = (letter: string): Label => `${letter}${++made}`
    return (session, taken) => {
      if (taken === 0)
        return { op: "CreateKey", makes: label("k"), kind: pick(kinds, draws[0]?.[1] ?? 0) ?? "symmetric" }
      const draw = draws[taken]
      if (draw === undefined) return undefined
      const op = pick(wheel, draw[0]) ?? "DescribeKey"
      return stepOf(op, draw, { walk, model: session.model, label, kinds })
    }
  }
}

interface Around {
  readonly walk: Walk
  readonly model: Model
  readonly label: (letter: string) => Label
  readonly kinds: ReadonlyArray<string>
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
  AsymmetricEncrypt: ([, a, b, c, d], around) => ({
    ...pairStep("AsymmetricEncrypt", around, a, b),
    text: pick(texts, c) ?? "AA==",
    makes: around.label("c"),
    ...withTwist(oneIn(d, 10) ? "otherAlgorithm" : undefined)
  }),
  AsymmetricSign: ([, a, b, c, d], around) => ({
    ...pairStep("AsymmetricSign", around, a, b),
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
    return { ...other, of: of[0], ...withTwist(twist), bytes: b % 101 }
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

const pairStep = <Op extends OperationName>(
  op: Op,
  around: Around,
  a: number,
  b: number
): Step & { readonly op: Op } => {
  const key = keyFor(around, a, isPair)
  return { op, ...withKey(key), ...versionFor(around, key, b) }
}

const dataKeys: ReadonlySet<string> = new Set([
  "GenerateDataKey",
  "GenerateDataKeyWithoutPlaintext",
  "GenerateAndExportDataKey"
])
const lengths = [16, 32, 24, 64]

const stepOf = (op: OperationName | "Advance", draw: Draw, around: Around): Step => {
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
