/** The operators of conditions (API reference 13.1): comparisons between an attribute and a value. */
import { parseInstant } from "../domain/time.ts"
import { isInBlock, parseAddress, parseBlock } from "../domain/address.ts"
import type { Answer, Group } from "./attributes.ts"
import { compileGlob } from "./glob.ts"
import type { Glob } from "./glob.ts"

/** Whether an attribute matches a value; undefined if this operator cannot compare the attribute. */
export type Test = (answer: Answer) => boolean | undefined

export interface Operator {
  readonly group: Group
  /** A negative operator holds if its opposite finds no match. */
  readonly isNegative: boolean
  /** The test for a value; undefined if the operator cannot parse the value. */
  readonly read: (value: string) => Test | undefined
}

interface Reading<Attribute, Value> {
  readonly attribute: (answer: Answer) => Attribute | undefined
  readonly value: (text: string) => Value | undefined
}

type Compare<Attribute, Value> = (attribute: Attribute, value: Value) => boolean

/** Values are parsed once, together with the policy. A request only needs the comparison. */
const reader =
  <Attribute, Value>(reading: Reading<Attribute, Value>, compare: Compare<Attribute, Value>) =>
  (text: string): Test | undefined => {
    const value = reading.value(text)
    if (value === undefined) return undefined
    return (answer) => {
      const attribute = reading.attribute(answer)
      return attribute === undefined ? undefined : compare(attribute, value)
    }
  }

const text = (answer: Answer): string | undefined => (typeof answer === "string" ? answer : undefined)

const asWritten: Reading<string, string> = { attribute: text, value: (written) => written }

const patterns: Reading<string, Glob> = { attribute: text, value: compileGlob }

const folded: Reading<string, string> = {
  attribute: (answer) => text(answer)?.toLowerCase(),
  value: (written) => written.toLowerCase()
}

const decimal = /^-?[0-9]+(?:\.[0-9]+)?$/
/** Up to 15 digits, two different decimals are two different doubles (IEEE 754, binary64). */
const decimalDigitsMax = 15

const number = (written: string): number | undefined => {
  const digits = written.replace(/[-.]/g, "").length
  return decimal.test(written) && digits <= decimalDigitsMax ? Number(written) : undefined
}

const numbers: Reading<number, number> = {
  attribute: (answer) => (typeof answer === "string" ? number(answer) : undefined),
  value: number
}

const offsetInstant = /^(.{19})([+-])([01][0-9]|2[0-3]):([0-5][0-9])$/

/** ISO 8601 with whole seconds, in UTC (`Z`) or at an offset from it (`+08:00`). */
const instant = (written: string): number | undefined => {
  const [, local, sign, hours, minutes] = offsetInstant.exec(written) ?? []
  if (local === undefined) return parseInstant(written)
  const millis = parseInstant(`${local}Z`)
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000
  return millis === undefined ? undefined : millis + (sign === "-" ? offset : -offset)
}

const instants: Reading<number, number> = {
  // A request's time is a whole second, like all times of the API. So it can equal a value, and its last second counts
  // fully.
  attribute: (answer) => (typeof answer === "number" ? Math.floor(answer / 1000) * 1000 : instant(text(answer) ?? "")),
  value: instant
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["false", false]
])
const truth = (written: string): boolean | undefined => truths.get(written.toLowerCase())

const booleans: Reading<boolean, boolean> = {
  attribute: (answer) => (typeof answer === "boolean" ? answer : truth(text(answer) ?? "")),
  value: truth
}

const addresses = { attribute: (answer: Answer) => parseAddress(text(answer) ?? ""), value: parseBlock }

const same = <A>(attribute: A, value: A): boolean => attribute === value
const like = (attribute: string, pattern: Glob): boolean => pattern(attribute)
const below = (attribute: number, value: number): boolean => attribute < value
const upTo = (attribute: number, value: number): boolean => attribute <= value
const above = (attribute: number, value: number): boolean => attribute > value
const from = (attribute: number, value: number): boolean => attribute >= value

type Entry = readonly [name: string, operator: Operator]

const is = (group: Group, name: string, read: Operator["read"]): Entry => [name, { group, isNegative: false, read }]
const isNot = (group: Group, name: string, read: Operator["read"]): Entry => [name, { group, isNegative: true, read }]

const ordered = (group: "Numeric" | "Date", reading: Reading<number, number>): ReadonlyArray<Entry> => [
  is(group, `${group}Equals`, reader(reading, same)),
  isNot(group, `${group}NotEquals`, reader(reading, same)),
  is(group, `${group}LessThan`, reader(reading, below)),
  is(group, `${group}LessThanEquals`, reader(reading, upTo)),
  is(group, `${group}GreaterThan`, reader(reading, above)),
  is(group, `${group}GreaterThanEquals`, reader(reading, from))
]

/** By the exact name in a policy. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  is("String", "StringEquals", reader(asWritten, same)),
  isNot("String", "StringNotEquals", reader(asWritten, same)),
  is("String", "StringEqualsIgnoreCase", reader(folded, same)),
  isNot("String", "StringNotEqualsIgnoreCase", reader(folded, same)),
  is("String", "StringLike", reader(patterns, like)),
  isNot("String", "StringNotLike", reader(patterns, like)),
  ...ordered("Numeric", numbers),
  ...ordered("Date", instants),
  is("Bool", "Bool", reader(booleans, same)),
  is("IpAddress", "IpAddress", reader(addresses, isInBlock)),
  isNot("IpAddress", "NotIpAddress", reader(addresses, isInBlock))
])
