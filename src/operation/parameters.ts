/** Request parameters as tables: name, type, range and default in one place, for decoding, types and documentation. */
import { decodeBase64 } from "../domain/base64.ts"
import { contextFromPairs, parseContext } from "../domain/encryptionContext.ts"
import type { EncryptionContext } from "../domain/encryptionContext.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { strictJsonValue } from "../domain/strictJson.ts"
import { parseMoment } from "../domain/time.ts"

/**
 * One parameter. `In` is what a caller in this process may give; over the wire everything is text.
 * `read` answers undefined for what is not valid.
 */
export interface Parameter<In, Out> {
  readonly read: (given: unknown) => Out | undefined
  readonly required: boolean
  /** What an absent parameter means; only read when it is not required. */
  readonly fallback: Out | undefined
  /** Type and range, for the reference. */
  readonly form: string
  readonly about: string
  /** Takes `Name.key=value` parameters too. */
  readonly flattened?: true
  /** Never present; carries the type of what callers may give. */
  readonly given?: In
}

export type Parameters = Readonly<Record<string, Parameter<unknown, unknown>>>

type Required<P extends Parameters> = { [K in keyof P]: P[K] extends { readonly required: true } ? K : never }[keyof P]
type Given<P> = P extends Parameter<infer In, unknown> ? In : never
type Decoded<P> = P extends Parameter<unknown, infer Out> ? Out : never

/** What a caller writes: `{ KeyId: "…", PageSize: 20 }`. */
export type Input<P extends Parameters> = { readonly [K in Required<P>]: Given<P[K]> } & {
  readonly [K in Exclude<keyof P, Required<P>>]?: Given<P[K]> | undefined
}

/** What an operation works with. */
export type Request<P extends Parameters> = {
  readonly [K in keyof P]:
    | Decoded<P[K]>
    | (P[K] extends { readonly required: true } | { readonly defaulted: true } ? never : undefined)
}

export interface Kind<In, Out> {
  readonly read: (given: unknown) => Out | undefined
  readonly form: string
  readonly flattened?: true
  readonly given?: In
}

export const required = <In, Out>(kind: Kind<In, Out>, about: string) =>
  ({ ...kind, about, required: true, fallback: undefined }) as const satisfies Parameter<In, Out>

export const optional = <In, Out>(kind: Kind<In, Out>, about: string) =>
  ({ ...kind, about, required: false, fallback: undefined }) as const satisfies Parameter<In, Out>

export const defaulted = <In, Out>(kind: Kind<In, Out>, fallback: Out, about: string) =>
  ({ ...kind, about, required: false, defaulted: true, fallback }) as const satisfies Parameter<In, Out> & {
    readonly defaulted: true
  }

/** Text of at most so many characters, well-formed Unicode. */
export const text = (bounds: { readonly charsMax: number; readonly charsMin?: number }): Kind<string, string> => ({
  read: (given) =>
    typeof given === "string" &&
    given.length >= (bounds.charsMin ?? 0) &&
    given.length <= bounds.charsMax &&
    given.isWellFormed()
      ? given
      : undefined,
  form: `string, ${bounds.charsMin ?? 0} to ${bounds.charsMax} characters`
})

/** One of a few words, case-sensitive. */
export const oneOf = <const Word extends string>(words: ReadonlyArray<Word>): Kind<Word, Word> => ({
  read: (given) => words.find((word) => word === given),
  form: words.map((word) => `\`${word}\``).join(", ")
})

const decimal = /^(0|[1-9][0-9]{0,14})$/

/** A decimal integer within bounds. */
export const integer = (bounds: { readonly minimum: number; readonly maximum: number }): Kind<number, number> => ({
  read: (given) => {
    const value = typeof given === "string" && decimal.test(given) ? Number(given) : given
    return typeof value === "number" &&
      Number.isSafeInteger(value) &&
      value >= bounds.minimum &&
      value <= bounds.maximum
      ? value
      : undefined
  },
  form: `integer, ${bounds.minimum} to ${bounds.maximum}`
})

/** `true` or `false`, without regard to case. */
export const boolean: Kind<boolean, boolean> = {
  read: (given) => {
    if (typeof given === "boolean") return given
    const word = typeof given === "string" ? given.toLowerCase() : undefined
    return word === "true" ? true : word === "false" ? false : undefined
  },
  form: "boolean"
}

/** A day, a second or a millisecond, in UTC. */
export const moment: Kind<string, number> = {
  read: (given) => (typeof given === "string" ? parseMoment(given) : undefined),
  form: "`2026-11-24`, `2026-11-24T10:00:00Z` or `2026-11-24T10:00:00.000Z`"
}

/** Canonical Base64 of at most so many bytes. */
export const base64 = (bounds: { readonly charsMax: number }): Kind<string, Uint8Array> => ({
  read: (given) =>
    typeof given === "string" && given.length > 0 && given.length <= bounds.charsMax ? decodeBase64(given) : undefined,
  form: `Base64, up to ${bounds.charsMax} characters`
})

/**
 * Base64 of at most so many characters, in lines or in one: what command-line tools print is pasted as it is. Line
 * breaks aside, one text for each byte string.
 */
export const foldedBase64 = (bounds: { readonly charsMax: number }): Kind<string, Uint8Array> => ({
  read: (given) => {
    if (typeof given !== "string" || given.length > bounds.charsMax) return undefined
    const unfolded = given.replaceAll(/\r?\n/g, "")
    return unfolded === "" ? undefined : decodeBase64(unfolded)
  },
  form: `Base64, up to ${bounds.charsMax} characters`
})

/** A JSON object of strings, or the flattened `EncryptionContext.<key>` form. */
export const context: Kind<string | Readonly<Record<string, string>>, EncryptionContext> = {
  read: (given) => {
    if (typeof given === "string") return parseContext(given)
    if (given instanceof Flattened) return contextFromPairs(given.pairs)
    return isPlainObject(given) ? contextFromObject(given) : undefined
  },
  form: "JSON object of strings, up to 8192 characters",
  flattened: true
}

const isPlainObject = (given: unknown): given is object =>
  typeof given === "object" && given !== null && !Array.isArray(given)

const contextFromObject = (given: object): EncryptionContext | undefined => {
  const pairs: Array<readonly [string, string]> = []
  for (const [name, value] of Object.entries<unknown>(Object.fromEntries(Object.entries(given)))) {
    if (typeof value !== "string") return undefined
    pairs.push([name, value])
  }
  return contextFromPairs(pairs)
}

/** `Name.key=value` parameters gathered under their name. */
class Flattened {
  readonly pairs: ReadonlyArray<readonly [string, string]>
  constructor(pairs: ReadonlyArray<readonly [string, string]>) {
    this.pairs = pairs
  }
}

const place = /^[1-9][0-9]{0,2}$/

/** Values of `Name.1`, `Name.2`, …, in order of their numbers; undefined if one is no number. */
const numbered = ({ pairs }: Flattened): ReadonlyArray<string> | undefined =>
  pairs.every(([name]) => place.test(name))
    ? [...pairs].sort(([left], [right]) => Number(left) - Number(right)).map(([, value]) => value)
    : undefined

/** Read strictly: of two equal names in one record only one would be heard. */
const jsonArrayIn = (text: string): unknown => strictJsonValue(text, { is: "a parameter", depthMax: 2 })

/** An array, or the JSON text of one. */
const arrayIn = (given: unknown): ReadonlyArray<unknown> | undefined => {
  const array = typeof given === "string" ? jsonArrayIn(given) : given
  return Array.isArray(array) ? array : undefined
}

/** All items read, or undefined if one of them is not valid. */
const eachRead = <Out>(
  items: ReadonlyArray<unknown>,
  read: (item: unknown) => Out | undefined
): ReadonlyArray<Out> | undefined => {
  const results: Array<Out> = []
  for (const item of items) {
    const result = read(item)
    if (result === undefined) return undefined
    results.push(result)
  }
  return results
}

/** `Name.1`, `Name.2`, … over the wire; an array in this process, a JSON array on the command line. */
export const list = <Out>(
  item: Kind<string, Out>,
  bounds: { readonly itemsMax: number }
): Kind<ReadonlyArray<string> | string, ReadonlyArray<Out>> => ({
  read: (given) => {
    const items = given instanceof Flattened ? numbered(given) : arrayIn(given)
    if (items === undefined || items.length === 0 || items.length > bounds.itemsMax) return undefined
    return eachRead(items, item.read)
  },
  form: `1 to ${bounds.itemsMax} items: \`.1\`, \`.2\`, …`,
  flattened: true
})

type Fields = Readonly<Record<string, string>>

const fieldsOf = (given: unknown, names: ReadonlyArray<string>): Fields | undefined => {
  if (!isPlainObject(given)) return undefined
  const entries = Object.entries<unknown>({ ...given })
  return entries.every((entry): entry is [string, string] => names.includes(entry[0]) && typeof entry[1] === "string")
    ? Object.fromEntries(entries)
    : undefined
}

/** Records of `Name.1.Field=value`, in order of their numbers. */
const numberedRecords = ({ pairs }: Flattened): ReadonlyArray<Fields> | undefined => {
  const records = new Map<string, Record<string, string>>()
  for (const [path, value] of pairs) {
    const [number = "", field = "", ...more] = path.split(".")
    if (!place.test(number) || more.length > 0) return undefined
    records.set(number, { ...records.get(number), [field]: value })
  }
  return [...records].sort(([left], [right]) => Number(left) - Number(right)).map(([, record]) => record)
}

/** `Name.1.Key`, `Name.1.Value`, … over the wire; an array of objects in this process. */
export const records = (
  names: ReadonlyArray<string>,
  bounds: { readonly itemsMax: number }
): Kind<ReadonlyArray<Fields> | string, ReadonlyArray<Fields>> => ({
  read: (given) => {
    const items = given instanceof Flattened ? numberedRecords(given) : arrayIn(given)
    if (items === undefined || items.length === 0 || items.length > bounds.itemsMax) return undefined
    return eachRead(items, (item) => fieldsOf(item, names))
  },
  form: `1 to ${bounds.itemsMax} records: ${names.map((name) => `\`.1.${name}\``).join(", ")}, …`,
  flattened: true
})

/** Where parameters are looked up: the wire's decoded parameters, or an object in this process. */
export interface Source {
  readonly get: (name: string) => unknown
  readonly names: () => Iterable<string>
}

class ObjectSource implements Source {
  readonly #given: object

  constructor(given: object) {
    this.#given = given
  }
  get(name: string): unknown {
    return Object.hasOwn(this.#given, name) ? Reflect.get(this.#given, name) : undefined
  }
  names(): Iterable<string> {
    return Object.keys(this.#given)
  }
}

export const fromObject = (given: object): Source => new ObjectSource(given)

const flattenedUnder = (prefix: string, source: Source): Flattened | undefined => {
  let pairs: Array<readonly [string, string]> | undefined
  for (const full of source.names()) {
    const value = full.startsWith(prefix) ? source.get(full) : undefined
    if (typeof value === "string") (pairs ??= []).push([full.slice(prefix.length), value])
  }
  return pairs && new Flattened(pairs)
}

/** Finds what is wrong with parameters that are each right by themselves. */
export type Conflict<P extends Parameters> = (request: Request<P>) => AnyKmsError | undefined

/** A decoder compiled from a table: the first fault in the table's order answers, then how the parameters fit together. */
export const decoder = <P extends Parameters>(
  parameters: P,
  conflictOf: Conflict<P> = () => undefined
): ((
  source: Source
) => { readonly ok: true; readonly request: Request<P> } | { readonly ok: false; readonly error: AnyKmsError }) => {
  const entries = Object.entries<Parameter<unknown, unknown>>(parameters).map(([name, parameter]) => ({
    name,
    parameter,
    prefix: parameter.flattened === true ? `${name}.` : undefined
  }))
  return (source) => {
    const decoded: Record<string, unknown> = {}
    for (const { name, parameter, prefix } of entries) {
      const whole = source.get(name)
      const flat = prefix === undefined ? undefined : flattenedUnder(prefix, source)
      // Two forms could say two things, and only one of them would be heard.
      if (whole !== undefined && flat !== undefined) return { ok: false, error: invalid(name, "given in one form") }
      const given = whole ?? flat
      if (given === undefined) {
        if (parameter.required) return { ok: false, error: missing(name) }
        decoded[name] = parameter.fallback
        continue
      }
      const value = parameter.read(given)
      if (value === undefined) return { ok: false, error: invalid(name, parameter.form) }
      decoded[name] = value
    }
    const request = conforming<P>(decoded)
    const conflict = conflictOf(request)
    return conflict === undefined ? { ok: true, request } : { ok: false, error: conflict }
  }
}

/** Each member was read by the parameter of its name, so the record has the table's type. */
const conforming = <P extends Parameters>(decoded: Record<string, unknown>): Request<P> => decoded as Request<P>

export const missing = (parameter: string): AnyKmsError =>
  refuse("MissingParameter", { parameter, hint: `Give the parameter ${parameter}.` })

export const invalid = (parameter: string, expected?: string): AnyKmsError =>
  refuse("InvalidParameter", {
    parameter,
    ...(expected === undefined ? {} : { hint: `${parameter} must be ${expected}.` })
  })
