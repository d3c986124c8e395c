/** The options of the library. Unknown options and wrong values are refused; otherwise a typo would be ignored. */
import { suggestion } from "./domain/nearest.ts"
import { quotaFault, rateFault } from "./domain/quotas.ts"
import type { EngineOptions } from "./main.ts"

/** Options of a start; all have a default. */
export type KmsOptions = Partial<Omit<EngineOptions, "realm" | "store" | "clock">> & {
  readonly account?: string
  readonly region?: string
  readonly clock?: "real" | "virtual"
  /** The start of a new virtual clock, in milliseconds. It stands still until it is moved. */
  readonly startAt?: number
}

/** Every option. Some functions also read `store`, `directory` and `create`. */
const known: Readonly<Record<keyof KmsOptions | "store" | "directory" | "create", true>> = {
  account: true,
  region: true,
  store: true,
  directory: true,
  create: true,
  clock: true,
  startAt: true,
  stsClock: true,
  crypto: true,
  hsm: true,
  audit: true,
  rootKey: true,
  accessKey: true,
  seed: true,
  fixtures: true,
  deletionWindowMax: true,
  quotas: true,
  requestQuotas: true,
  failpoints: true,
  inspect: true,
  logger: true,
  uptime: true,
  node: true,
  host: true,
  randomness: true
}

/** Options whose values are words. Some also accept objects and functions. */
const words: Readonly<Record<string, ReadonlyArray<string>>> = {
  store: ["memory"],
  clock: ["real", "virtual"],
  stsClock: ["real", "lifecycle"],
  crypto: ["native", "portable"],
  hsm: ["none", "simulator"],
  requestQuotas: ["documented"],
  audit: ["batched", "strict"]
}

const takesOnlyWords: ReadonlySet<string> = new Set(["clock", "stsClock", "audit"])

const inOption = (name: string, fault: string | undefined): string | undefined =>
  fault === undefined ? undefined : `${name}: ${fault}`

const faultOf = (name: string, value: unknown, further: ReadonlyArray<string>): string | undefined => {
  if (!Object.hasOwn(known, name)) {
    return `"${name}" is not an option. ${suggestion(name, [...Object.keys(known), ...further])}`
  }
  if (name === "quotas" && value !== undefined) return inOption(name, quotaFault(Object(value)))
  const taken = words[name]
  if (taken === undefined || value === undefined) return undefined
  if (typeof value !== "string") {
    if (name === "requestQuotas" && typeof value === "object" && value !== null) return inOption(name, rateFault(value))
    return takesOnlyWords.has(name) ? `The option ${name} must be ${taken.join(" or ")}.` : undefined
  }
  return taken.includes(value) ? undefined : `"${value}" is not a value of ${name}. ${suggestion(value, taken)}`
}

/** Throws a TypeError for the first unknown option or wrong value. `further` names options that the caller checks. */
export const assertOptions = (options: object, further: ReadonlyArray<string> = []): void => {
  for (const [name, value] of Object.entries(options)) {
    const fault = further.includes(name) ? undefined : faultOf(name, value, further)
    if (fault !== undefined) throw new TypeError(fault)
  }
}
