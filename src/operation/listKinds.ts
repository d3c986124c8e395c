/** Parameters that are lists: numbered parameters over the wire, arrays in this process, JSON arrays on the command line. */
import { strictJsonValue } from "../encoding/strictJson.ts"
import { Flattened, isPlainObject, wireBytesMaxOf } from "./kinds.ts"
import type { Kind, Pairs } from "./kinds.ts"

const place = /^[1-9][0-9]{0,2}$/

/** Values of `Name.1`, `Name.2`, … in numerical order; undefined if one suffix is not a number. */
const numbered = ({ pairs }: Flattened): ReadonlyArray<string> | undefined =>
  pairs.every(([name]) => place.test(name))
    ? [...pairs].sort(([left], [right]) => Number(left) - Number(right)).map(([, value]) => value)
    : undefined

/** Strict: two equal names in one record are refused, because one of the values would be lost. */
const jsonArrayIn = (text: string): unknown => strictJsonValue(text, { is: "a parameter", depthMax: 2 })

/** An array, or the JSON text of one. */
const arrayIn = (given: unknown): ReadonlyArray<unknown> | undefined => {
  const array = typeof given === "string" ? jsonArrayIn(given) : given
  return Array.isArray(array) ? array : undefined
}

/** The values of all items; undefined if one of them is invalid. */
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

/** The fault of the number of items, or of their numbering. */
const itemsFault = (items: ReadonlyArray<unknown> | undefined, itemsMax: number): string | undefined => {
  if (items === undefined) return "must be a list: `.1`, `.2`, …, or a JSON array"
  return items.length > itemsMax ? `has ${items.length} items; the limit is ${itemsMax}` : undefined
}

/** The fault of the first item that `read` refuses, with its position. */
const firstFault = (
  items: ReadonlyArray<unknown>,
  read: (item: unknown) => unknown,
  faultOf: (item: unknown) => string
): string | undefined => {
  const at = items.findIndex((item) => read(item) === undefined)
  return at < 0 ? undefined : `item ${at + 1} ${faultOf(items[at])}`
}

/** `Name.1`, `Name.2`, … over the wire; an array in this process, a JSON array on the command line. */
export const list = <Out>(
  item: Kind<string, Out>,
  bounds: { readonly itemsMax: number }
): Kind<ReadonlyArray<string> | string, ReadonlyArray<Out>> => {
  const itemsOf = (given: unknown) => (given instanceof Flattened ? numbered(given) : arrayIn(given))
  return {
    read: (given) => {
      const items = itemsOf(given)
      if (items === undefined || items.length > bounds.itemsMax) return undefined
      return eachRead(items, item.read)
    },
    form: `1 to ${bounds.itemsMax} items, each ${item.form}: \`.1\`, \`.2\`, …`,
    flattened: true,
    isList: true,
    withoutEmpty: (pairs) => pairs.filter(([, value]) => value !== ""),
    fault: (given) => {
      const items = itemsOf(given)
      const faultOf = (value: unknown) => item.fault?.(value) ?? `must be ${item.form}`
      return itemsFault(items, bounds.itemsMax) ?? firstFault(items ?? [], item.read, faultOf)
    },
    wireBytesMax: bounds.itemsMax * wireBytesMaxOf(item)
  }
}

type Fields = Readonly<Record<string, string>>

const fieldsOf = (given: unknown, names: ReadonlyArray<string>): Fields | undefined => {
  if (!isPlainObject(given)) return undefined
  const entries = Object.entries<unknown>({ ...given }).filter(([, value]) => value !== undefined)
  return entries.every((entry): entry is [string, string] => names.includes(entry[0]) && typeof entry[1] === "string")
    ? Object.fromEntries(entries)
    : undefined
}

/** Records of `Name.1.Field=value`, in numerical order. */
const numberedRecords = ({ pairs }: Flattened): ReadonlyArray<Fields> | undefined => {
  const records = new Map<string, Record<string, string>>()
  for (const [path, value] of pairs) {
    const [number = "", field = "", ...more] = path.split(".")
    if (!place.test(number) || more.length > 0) return undefined
    records.set(number, { ...records.get(number), [field]: value })
  }
  return [...records].sort(([left], [right]) => Number(left) - Number(right)).map(([, record]) => record)
}

const numberOf = (path: string): string => path.split(".", 1)[0] ?? ""

/** Removes records in which every field is empty. An empty field beside a full one is a value: a tag can be empty. */
const withoutEmptyRecords = (pairs: Pairs): Pairs => {
  const full = new Set(pairs.filter(([, value]) => value !== "").map(([path]) => numberOf(path)))
  return pairs.filter(([path]) => full.has(numberOf(path)))
}

const fieldsFault = (given: unknown, names: ReadonlyArray<string>): string => {
  const known = names.join(" and ")
  if (!isPlainObject(given)) return `must be an object with ${known}`
  const stranger = Object.keys(given).find((name) => !names.includes(name))
  return stranger === undefined
    ? `must have texts for ${known}`
    : `has the unknown field ${stranger.slice(0, 64)}; its fields are ${known}`
}

/** `Name.1.Key`, `Name.1.Value`, … over the wire; an array of objects in this process. */
export const records = <const Name extends string>(
  names: ReadonlyArray<Name>,
  bounds: { readonly itemsMax: number; readonly itemWireBytesMax: number }
): Kind<ReadonlyArray<{ readonly [Field in Name]?: string | undefined }> | string, ReadonlyArray<Fields>> => {
  const itemsOf = (given: unknown) => (given instanceof Flattened ? numberedRecords(given) : arrayIn(given))
  const read = (item: unknown) => fieldsOf(item, names)
  return {
    read: (given) => {
      const items = itemsOf(given)
      if (items === undefined || items.length > bounds.itemsMax) return undefined
      return eachRead(items, read)
    },
    form: `1 to ${bounds.itemsMax} records: ${names.map((name) => `\`.1.${name}\``).join(", ")}, …`,
    flattened: true,
    isList: true,
    withoutEmpty: withoutEmptyRecords,
    fault: (given) => {
      const items = itemsOf(given)
      const faultOf = (item: unknown) => fieldsFault(item, names)
      return itemsFault(items, bounds.itemsMax) ?? firstFault(items ?? [], read, faultOf)
    },
    wireBytesMax: bounds.itemsMax * bounds.itemWireBytesMax
  }
}
