/** The quotas of an account in a region, and its request quotas. An operator may set both. */
import { versionsPerKeyMax } from "./limits.ts"
import { suggestion } from "./nearest.ts"

/** The quotas of an account in a region. */
export interface Quotas {
  /** Keys that users created, without Deleted ones. */
  readonly keys: number
  readonly aliases: number
  /** Versions of each asymmetric key. */
  readonly versions: number
}

/** The largest quota that may be set. The machine allows no more versions than documented. */
const quotasMax: Quotas = { keys: 10_000_000, aliases: 10_000_000, versions: versionsPerKeyMax }

/** API, quotas (2026): calls in a second, of one account in one region. */
export const documentedRates = {
  /** CreateKey. */
  create: 10,
  /** Operations that read keys, versions, aliases and the service. */
  read: 50,
  /** Operations that change keys, aliases, tags and material. */
  write: 30,
  /** ListResourceTags and ListTagResources. */
  tags: 300,
  /** Encrypt, Decrypt and data keys. */
  symmetric: 1000,
  /** ReEncrypt. */
  reencrypt: 750,
  /** Operations with asymmetric keys. */
  asymmetric: 200,
  /** OpenKmsService. */
  open: 1
} as const

export type RequestClass = keyof typeof documentedRates
export type RequestRates = Readonly<Partial<Record<RequestClass, number>>>

const rateMax = 1_000_000

const isNumberUpTo = (value: unknown, maximum: number): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maximum

type Bounds = Readonly<Record<string, number>>

/** The fault of one of the numbers, in a sentence; undefined if all are valid. */
const faultIn = (given: object, bounds: Bounds): string | undefined => {
  for (const [name, value] of Object.entries(given)) {
    const maximum = bounds[name]
    if (maximum === undefined) return `"${name}" is not a quota. ${suggestion(name, Object.keys(bounds))}`
    if (!isNumberUpTo(value, maximum))
      return `${name} must be a whole number from 1 to ${maximum}, not ${String(value)}.`
  }
  return undefined
}

export const quotaFault = (given: object): string | undefined => faultIn(given, { ...quotasMax })

const rateBounds: Bounds = Object.fromEntries(Object.keys(documentedRates).map((name) => [name, rateMax]))

export const rateFault = (given: object): string | undefined => faultIn(given, rateBounds)

/** Parses `keys=5000` as `{ keys: 5000 }`. Text without a number is passed on, and the check refuses it. */
export const numbersIn = (texts: ReadonlyArray<string>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    texts.map((text) => {
      const [name = "", value = ""] = text.split("=", 2)
      return [name.trim(), /^[0-9]{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN]
    })
  )
