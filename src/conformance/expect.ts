/** The comparisons that laws need, without a test runner: each throws an error with both values. */
import { inspect, isDeepStrictEqual } from "node:util"

const shown = (value: unknown): string => inspect(value, { depth: 4, maxArrayLength: 20, breakLength: 100 })

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))

/** Without members that are undefined: absent and undefined are the same to `toEqual`. */
const bare = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(bare)
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (!isPlain(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, bare(member)]]))
  )
}

const contains = (actual: unknown, wanted: unknown): boolean => {
  if (!isPlain(wanted)) return isDeepStrictEqual(bare(actual), bare(wanted))
  if (typeof actual !== "object" || actual === null) return false
  return Object.entries(wanted).every(([name, member]) => contains(Reflect.get(actual, name), member))
}

const lengthOf = (value: unknown): unknown =>
  typeof value === "string" || (typeof value === "object" && value !== null)
    ? Reflect.get(Object(value), "length")
    : undefined

const has = (whole: unknown, part: unknown): boolean =>
  typeof whole === "string" ? whole.includes(String(part)) : Array.isArray(whole) && whole.includes(part)

const isAsSaid = (message: string, said: string | RegExp | undefined): boolean =>
  said === undefined || (typeof said === "string" ? message.includes(said) : said.test(message))

/** The text of the error that the function throws; undefined if it returns. */
const thrownBy = (actual: unknown): string | undefined => {
  if (typeof actual !== "function") throw new Error("only what can be called can throw")
  try {
    actual()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

type Class = abstract new (...given: Array<never>) => unknown

export const expect = (actual: unknown, because = "") => {
  const judge = (wanted: boolean, isSo: boolean, says: string): void => {
    if (isSo !== wanted)
      throw new Error(`${because === "" ? "" : `${because}: `}${shown(actual)} should ${wanted ? "" : "not "}${says}`)
  }
  const matchers = (wanted: boolean) => ({
    toBe: (other: unknown) => judge(wanted, Object.is(actual, other), `be ${shown(other)}`),
    toEqual: (other: unknown) => judge(wanted, isDeepStrictEqual(bare(actual), bare(other)), `equal ${shown(other)}`),
    toStrictEqual: (other: unknown) =>
      judge(wanted, isDeepStrictEqual(actual, other), `equal ${shown(other)} strictly`),
    toMatchObject: (other: object) => judge(wanted, contains(actual, other), `have in it ${shown(other)}`),
    toBeUndefined: () => judge(wanted, actual === undefined, "be undefined"),
    toBeDefined: () => judge(wanted, actual !== undefined, "be defined"),
    toBeInstanceOf: (type: Class) => judge(wanted, actual instanceof type, `be of ${type.name}`),
    toBeLessThan: (most: number) => judge(wanted, Number(actual) < most, `be less than ${most}`),
    toBeGreaterThan: (least: number) => judge(wanted, Number(actual) > least, `be greater than ${least}`),
    toHaveLength: (length: number) => judge(wanted, lengthOf(actual) === length, `have the length ${length}`),
    toContain: (part: unknown) => judge(wanted, has(actual, part), `contain ${shown(part)}`),
    toMatch: (form: RegExp) => judge(wanted, typeof actual === "string" && form.test(actual), `match ${form}`),
    toThrow: (said?: string | RegExp) => {
      const thrown = thrownBy(actual)
      const isSo = thrown !== undefined && isAsSaid(thrown, said)
      judge(
        wanted,
        isSo,
        `throw ${said === undefined ? "" : shown(said)}, and ${thrown === undefined ? "returned" : `threw ${shown(thrown)}`}`
      )
    }
  })
  return { ...matchers(true), not: matchers(false) }
}
