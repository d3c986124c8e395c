/** How a draw selects: suitable keys, names, versions, and deliberate faults. */
import type { OperationName, Profile } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { kindOf } from "../model/kinds.ts"
import type { Model } from "../model/model.ts"
import type { Names } from "../steps/names.ts"
import type { Label, Step, Twist } from "../steps/step.ts"

/** One draw: an operation, and four numbers that select its parts. */
export type Draw = readonly [number, number, number, number, number]

const day = 86_400_000

export const pick = <A>(from: ReadonlyArray<A>, by: number): A | undefined =>
  from.length === 0 ? undefined : from[by % from.length]

/** True with a chance of one in `n`. */
export const oneIn = (by: number, of: number): boolean => Math.floor(by / 7919) % of === 0

export const texts = ["AA==", "aGVsbG8gd29ybGQ=", "AAECAwQFBgcICQoLDA0ODw==", "/////w=="]
export const contexts: ReadonlyArray<Readonly<Record<string, string>>> = [
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

/** The most keys in one walk: with more, their calls would interact too rarely. */
export const keysMax = 4

export interface Around {
  readonly walk: Walk
  readonly model: Model
  readonly label: (letter: string) => Label
  readonly kinds: ReadonlyArray<string>
  readonly names: Names
}

export const keysOf = ({ model }: Around, fits: (kind: string) => boolean = () => true): ReadonlyArray<Label> =>
  [...model.keys.values()].filter((key) => !model.lost.has(key.label) && fits(key.kind)).map((key) => key.label)

/** Selects a key that suits the operation, and one time in eight any key. */
export const keyFor = (around: Around, by: number, fits: (kind: string) => boolean): Label | undefined => {
  const fitting = oneIn(by, 8) ? [] : keysOf(around, fits)
  return pick(fitting.length === 0 ? keysOf(around) : fitting, by)
}

export const isExternal = (kind: string): boolean => kind === "external"
export const isPair = (kind: string): boolean => kindOf(kind).identity.kind === "asymmetric"
export const isSymmetric = (kind: string): boolean => !isPair(kind)
export const withTwist = (twist: Twist | undefined): { readonly twist?: Twist } =>
  twist === undefined ? {} : { twist }
export const withKey = (key: Label | undefined): { readonly key?: Label } => (key === undefined ? {} : { key })

/** A key by its own name or by an alias. */
export const named = (
  around: Around,
  key: Label | undefined,
  by: number
): { readonly key?: Label; readonly by?: Label } => {
  const alias = oneIn(by, 5) ? pick([...around.model.aliases.keys()], by) : undefined
  return alias === undefined ? withKey(key) : { by: alias }
}

export const bad: ReadonlyArray<Twist> = ["tampered", "truncated", "otherContext", "noContext", "reorderedContext"]
export const wrongImports: ReadonlyArray<Twist> = ["otherMaterial", "wrongLength", "garbage", "tampered", "pastExpiry"]

/** Waits that end a second before, at, or well after the usual times. */
export const spans: ReadonlyArray<number> = [
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

export const versionFor = ({ model }: Around, key: Label | undefined, by: number): { readonly version?: Label } => {
  const version = pick(model.keys.get(key ?? "")?.versions ?? [], by)
  return version === undefined ? {} : { version: version.label }
}

/** The context and algorithm of a use, unless its version must be looked up first. */
export const using = (step: Step, more: Partial<Step>): Step =>
  step.op === "ListKeyVersions" ? step : { ...step, ...more }

/** A use of an asymmetric key names its version, which must be looked up first. */
export const pairStep = <Op extends OperationName>(op: Op, around: Around, a: number, b: number): Step => {
  const key = keyFor(around, a, isPair)
  const version = versionFor(around, key, b)
  const known = around.names.of(version.version ?? "") !== undefined
  const isOfPair = key !== undefined && isPair(around.model.keys.get(key)?.kind ?? "symmetric")
  return known || !isOfPair ? { op, ...withKey(key), ...version } : { op: "ListKeyVersions", key }
}
