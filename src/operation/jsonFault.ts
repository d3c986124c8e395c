/** Describes the fault of a parameter that must be a JSON array, as the end of a sentence. */
import { Result } from "effect"
import { parseStrictJson } from "../encoding/strictJson.ts"
import type { Json, JsonFault } from "../encoding/strictJson.ts"

/** Members of a record: each a string, or a list of strings. */
export type Fields = Readonly<Record<string, "string" | "strings">>

/** The most characters of a caller's name that an error repeats. */
const namedCharsMax = 64

const complaintOf = ({ path, complaint }: JsonFault): string =>
  path === "" ? complaint : `is wrong at ${path.slice(0, namedCharsMax)}, which ${complaint}`

const isKind = (json: Json | undefined, kind: "string" | "strings"): boolean =>
  kind === "string"
    ? json?.kind === "string"
    : json?.kind === "list" && json.items.every((item) => item.kind === "string")

const memberFault = (json: Json, fields: Fields): string | undefined => {
  const names = Object.keys(fields)
  if (json.kind !== "object") return `must be an object with ${names.join(" and ")}`
  const stranger = [...json.members.keys()].find((name) => !names.includes(name))
  if (stranger !== undefined) {
    return `has the member ${stranger.slice(0, namedCharsMax)}; its members are ${names.join(" and ")}`
  }
  const wrong = Object.entries(fields).find(([name, kind]) => !isKind(json.members.get(name), kind))
  if (wrong === undefined) return undefined
  const [name, kind] = wrong
  if (!json.members.has(name)) return `has no ${name}`
  return `must have ${kind === "string" ? "a string" : "an array of strings"} as ${name}`
}

/** The items of a JSON array, or the fault of the text. */
const itemsOf = (text: string, depthMax: number): Result.Result<ReadonlyArray<Json>, string> => {
  const read = parseStrictJson(text, { is: "this parameter", depthMax })
  if (Result.isFailure(read)) return Result.fail(complaintOf(read.failure))
  return read.success.kind === "list" ? Result.succeed(read.success.items) : Result.fail("must be a JSON array")
}

const itemFault = (items: ReadonlyArray<Json>, faultOf: (item: Json) => string | undefined): string | undefined => {
  for (const [at, item] of items.entries()) {
    const fault = faultOf(item)
    if (fault !== undefined) return `item ${at + 1} ${fault}`
  }
  return undefined
}

/** Undefined if the text is a JSON array of records with these members. */
export const recordsFault = (text: string, fields: Fields): string | undefined => {
  const items = itemsOf(text, 3)
  return Result.isFailure(items) ? items.failure : itemFault(items.success, (item) => memberFault(item, fields))
}

/** Undefined if the text is a JSON array of strings that are not empty. */
export const stringsFault = (text: string): string | undefined => {
  const items = itemsOf(text, 1)
  if (Result.isFailure(items)) return items.failure
  return itemFault(items.success, (item) => {
    if (item.kind !== "string") return "must be a string"
    return item.text === "" ? "is empty" : undefined
  })
}
