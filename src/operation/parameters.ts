/** Request parameters as tables. Name, type, range and default serve decoding, types and documentation. */
import { refuse } from "../domain/errors.ts"
import type { ParameterError } from "../domain/errorGroups.ts"
import type { AnyKmsError, ErrorCode, ErrorOf } from "../domain/errors.ts"
import type { ServiceSettings } from "../domain/settings.ts"
import { boolean, Flattened } from "./kinds.ts"
import type { Kind, Pairs } from "./kinds.ts"

export {
  asBytes,
  asciiText,
  asDocument,
  asJson,
  base64,
  boolean,
  context,
  foldedBase64,
  integer,
  moment,
  oneOf,
  text,
  textFault,
  wireBytesMaxOf,
  wireBytesPerAsciiChar,
  wireBytesPerChar,
  wireBytesPerEscapedByte,
  wireBytesPerEscapedChar
} from "./kinds.ts"
export { list, records } from "./listKinds.ts"
export type { JsonDocument, Kind } from "./kinds.ts"

/** One parameter: a kind, and the meaning of its absence. */
export interface Parameter<In, Out, Code extends ErrorCode = never> extends Kind<In, Out, Code> {
  readonly required: boolean
  /** The value of an absent parameter; not used for a required one. */
  readonly fallback: Out | undefined
  readonly about: string
  /** The parameter is required if the one of this name is absent. */
  readonly neededWithout?: string
  /** Empty text is a value of this parameter, rather than absence. */
  readonly takesEmpty?: true
  /** The API has this parameter but this service does not support it: the error for a request that gives it. */
  readonly refusal?: (name: string) => ParameterError
}

/** Parameters that can be refused with these codes, in addition to those of every parameter. */
export type ParametersOf<Code extends ErrorCode> = Readonly<Record<string, Parameter<unknown, unknown, Code>>>

export type Parameters = ParametersOf<ErrorCode>
type AnyParameter = Parameters[string]

type Required<P extends Parameters> = { [K in keyof P]: P[K] extends { readonly required: true } ? K : never }[keyof P]
type Given<P> = P extends Parameter<infer In, unknown, ErrorCode> ? In : never
type Decoded<P> = P extends Parameter<unknown, infer Out, ErrorCode> ? Out : never

/** The parameters that a caller writes: `{ KeyId: "…", PageSize: 20 }`. */
export type Input<P extends Parameters> = { readonly [K in Required<P>]: Given<P[K]> } & {
  readonly [K in Exclude<keyof P, Required<P>>]?: Given<P[K]> | undefined
}

/** The parsed parameters that an operation receives. */
export type Request<P extends Parameters> = {
  readonly [K in keyof P]:
    | Decoded<P[K]>
    | (P[K] extends { readonly required: true } | { readonly defaulted: true } ? never : undefined)
}

export const required = <In, Out, Code extends ErrorCode = never>(kind: Kind<In, Out, Code>, about: string) =>
  ({ ...kind, about, required: true, fallback: undefined }) as const satisfies Parameter<In, Out, Code>

export const optional = <In, Out, Code extends ErrorCode = never>(kind: Kind<In, Out, Code>, about: string) =>
  ({ ...kind, about, required: false, fallback: undefined }) as const satisfies Parameter<In, Out, Code>

export const defaulted = <In, Out, Code extends ErrorCode = never>(
  kind: Kind<In, Out, Code>,
  fallback: Out,
  about: string
) =>
  ({ ...kind, about, required: false, defaulted: true, fallback }) as const satisfies Parameter<In, Out, Code> & {
    readonly defaulted: true
  }

/** One of two parameters, of which a request needs at least one. */
export const requiredWithout = <In, Out>(other: string, kind: Kind<In, Out>, about: string) =>
  ({ ...optional(kind, about), neededWithout: other }) as const satisfies Parameter<In, Out>

/** A required parameter that may be empty text: no description, or empty data. */
export const requiredMaybeEmpty = <In, Out, Code extends ErrorCode = never>(kind: Kind<In, Out, Code>, about: string) =>
  ({ ...required(kind, about), takesEmpty: true }) as const satisfies Parameter<In, Out, Code>

/** A parameter of the API that is refused. If it were ignored, the operation would differ from the request. */
export const unsupported = (about: string, refusal: (name: string) => ParameterError) =>
  ({
    read: (): undefined => undefined,
    required: false,
    fallback: undefined,
    form: "not supported: refused",
    about,
    refusal,
    wireBytesMax: 0
  }) as const satisfies Parameter<never, undefined>

/** The source of parameters: decoded parameters of the wire, or an object in this process. */
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

const flattenedUnder = (
  prefix: string,
  source: Source,
  withoutEmpty: (pairs: Pairs) => Pairs = (pairs) => pairs
): Flattened | undefined => {
  let pairs: Array<readonly [string, string]> | undefined
  for (const full of source.names()) {
    const value = full.startsWith(prefix) ? source.get(full) : undefined
    if (typeof value === "string") (pairs ??= []).push([full.slice(prefix.length), value])
  }
  const present = pairs && withoutEmpty(pairs)
  return present === undefined || present.length === 0 ? undefined : new Flattened(present)
}

/** Finds a conflict between parameters that are each valid. */
export type Conflict<P extends Parameters, Code extends ErrorCode = ErrorCode> = (
  request: Request<P>,
  settings: ServiceSettings
) => ErrorOf<Code> | ParameterError | undefined

type Decoding<P extends Parameters> =
  | { readonly ok: true; readonly request: Request<P> }
  | { readonly ok: false; readonly error: AnyKmsError }

interface Entry {
  readonly name: string
  readonly parameter: AnyParameter
  /** The prefix of the names in the flattened form, if the parameter has one. */
  readonly prefix: string | undefined
  /** Converts a structured value to text, if the parameter accepts one. */
  readonly textOf: ((given: unknown) => unknown) | undefined
}

/** Reads one parameter into `decoded`. Returns the error, if any. */
const decodeInto = (
  decoded: Record<string, unknown>,
  { name, parameter, prefix, textOf }: Entry,
  source: Source
): AnyKmsError | undefined => {
  const whole = presentIn(textOf === undefined ? source.get(name) : textOf(source.get(name)), parameter)
  const flat = prefix === undefined ? undefined : flattenedUnder(prefix, source, parameter.withoutEmpty)
  // A request with both forms is refused, because they could contradict each other.
  if (whole !== undefined && flat !== undefined) return invalid(name, "given in one form")
  const given = whole ?? flat
  if (given === undefined) {
    if (parameter.required || isNeeded(parameter, source)) return parameter.missingError?.() ?? missing(name)
    decoded[name] = parameter.fallback
    return undefined
  }
  const value = parameter.read(given)
  if (value === undefined) return faulty(name, parameter, given)
  decoded[name] = value
  return undefined
}

/**
 * Compiles a decoder from a table. It reports the first fault in the table's order, then conflicts between parameters.
 * Clients send absent optional parameters as empty texts or empty lists: both count as absent.
 */
export const decoder = <P extends Parameters>(
  parameters: P,
  conflictOf: Conflict<P> = () => undefined
): ((source: Source, settings: ServiceSettings) => Decoding<P>) => {
  const entries = Object.entries<AnyParameter>(parameters).map(([name, parameter]) => ({
    name,
    parameter,
    prefix: parameter.flattened === true ? `${name}.` : undefined,
    textOf: parameter.structured?.textOf
  }))
  const restricting = restrictions.filter(([name]) => !Object.hasOwn(parameters, name))
  const misspelling = misspellingOf(Object.keys(parameters))
  return (source, settings) => {
    const misspelt = misspelling(source)
    if (misspelt !== undefined) return { ok: false, error: misspelt }
    for (const [name, refusal] of restricting) {
      const error = refusal(name, source.get(name))
      if (error !== undefined) return { ok: false, error }
    }
    const decoded: Record<string, unknown> = {}
    for (const entry of entries) {
      const error = decodeInto(decoded, entry, source)
      if (error !== undefined) return { ok: false, error }
    }
    const request = conforming<P>(decoded)
    const conflict = conflictOf(request, settings)
    return conflict === undefined ? { ok: true, request } : { ok: false, error: conflict }
  }
}

const isNeeded = ({ neededWithout }: AnyParameter, source: Source): boolean => {
  if (neededWithout === undefined) return false
  return isEmpty(source.get(neededWithout))
}

const emptyArray = /^[ \t\r\n]*\[[ \t\r\n]*\][ \t\r\n]*$/

/** An array without items, or the JSON text of one. */
const isEmptyList = (given: unknown): boolean =>
  Array.isArray(given) ? given.length === 0 : typeof given === "string" && emptyArray.test(given)

const presentIn = (given: unknown, { isList, takesEmpty }: AnyParameter): unknown => {
  if (given === "") return takesEmpty === true ? given : undefined
  return isList === true && isEmptyList(given) ? undefined : given
}

const faulty = (name: string, parameter: AnyParameter, given: unknown): AnyKmsError => {
  if (parameter.refusal !== undefined) return parameter.refusal(name)
  if (parameter.invalidError !== undefined) return parameter.invalidError(given)
  const fault = parameter.fault?.(given)
  return fault === undefined ? invalid(name, parameter.form) : invalidBecause(name, fault)
}

type Restriction = (name: string, given: unknown) => ParameterError | undefined

const refusedUnlessEmpty =
  (refusal: (name: string) => ParameterError): Restriction =>
  (name, given) =>
    isEmpty(given) ? undefined : refusal(name)

/** API, CreateKey: the error of an instance that does not exist. This server has none. */
export const noInstance = (name: string): ParameterError =>
  refuse("Forbidden.DKMSInstanceNotFound", {
    parameter: name,
    hint: `This server has no KMS instances; leave ${name} out.`
  })

const noRecipient = (name: string): ParameterError =>
  invalidBecause(name, "is not supported: the answer would carry the plaintext unencrypted. Leave it out to get that")

/**
 * API, DryRun: the call makes every check but performs nothing. The answer is always an error that names the outcome.
 */
export const dryRun = defaulted(
  boolean,
  false,
  "Whether to only check the call. The answer is then always an error that names the outcome."
)

/** API, Recipient: the only party that may read the plaintext of the answer. */
export const recipient = unsupported("The party to encrypt the plaintext of the answer for.", noRecipient)

const noDryRun: Restriction = (name, given) =>
  isEmpty(given) || boolean.read(given) === false
    ? undefined
    : invalidBecause(name, "is not supported by this operation, which would be performed. Leave it out to perform it")

/**
 * Parameters of the API that restrict what a request does. An operation without such a parameter refuses it, because
 * ignoring it would do more than requested. Other unknown parameters are ignored.
 */
const restrictions: ReadonlyArray<readonly [string, Restriction]> = [
  ["DryRun", noDryRun],
  ["Recipient", refusedUnlessEmpty(noRecipient)],
  ["DKMSInstanceId", refusedUnlessEmpty(noInstance)],
  ["KmsInstanceId", refusedUnlessEmpty(noInstance)]
]

/** A number that is equal for names of the same length and first letter, regardless of case. */
const shapeOf = (name: string, length: number): number => length * 256 + (name.charCodeAt(0) | 0x20)

/**
 * Refuses a restriction in a different spelling: in other case, or as parts such as `Recipient.1`. No code would read
 * it, and the request would do more than requested.
 */
const misspellingOf = (names: ReadonlyArray<string>) => {
  const own = names.filter((name) => name === "Policy")
  const exact = new Map([...restrictions.map(([name]) => name), ...own].map((name) => [name.toLowerCase(), name]))
  // Nearly every name differs in length or first letter. Comparing these costs less than converting to lower case.
  const likely = new Set([...exact.keys()].map((lower) => shapeOf(lower, lower.length)))
  return (source: Source): AnyKmsError | undefined => {
    for (const full of source.names()) {
      const dot = full.indexOf(".")
      const length = dot < 0 ? full.length : dot
      if (!likely.has(shapeOf(full, length))) continue
      const name = exact.get(full.slice(0, length).toLowerCase())
      if (name === undefined || name === full || isEmpty(source.get(full))) continue
      return invalidBecause(name, `must be one parameter of exactly this name, not ${full.slice(0, 64)}`)
    }
    return undefined
  }
}

const isEmpty = (given: unknown): boolean => given === undefined || given === ""

/** The parameter of each member's name read its value, so the record has the table's type. */
const conforming = <P extends Parameters>(decoded: Record<string, unknown>): Request<P> => decoded as Request<P>

export const missing = (parameter: string): ErrorOf<"MissingParameter"> =>
  refuse("MissingParameter", { parameter, hint: `Give the parameter ${parameter}.` })

export const invalid = (parameter: string, expected?: string): ErrorOf<"InvalidParameter"> =>
  refuse("InvalidParameter", {
    parameter,
    ...(expected === undefined ? {} : { hint: `${parameter} must be ${expected}.` })
  })

/** `fault` ends a sentence that begins with the parameter's name: `has 8193 characters; the limit is 8192`. */
export const invalidBecause = (parameter: string, fault: string): ErrorOf<"InvalidParameter"> =>
  refuse("InvalidParameter", { parameter, hint: `${parameter} ${fault}.` })
