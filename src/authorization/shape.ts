/** The shapes of a policy's JSON. Empty values are refused: they look like restrictions but restrict nothing. */
import { Result } from "effect"
import { memberPath } from "../encoding/jsonPath.ts"
import { fault } from "./fault.ts"
import type { Read } from "./fault.ts"
import type { Json } from "../encoding/strictJson.ts"

export const membersOf = (json: Json): Read<ReadonlyMap<string, Json>> => {
  if (json.kind !== "object") return fault(json.path, "must be an object")
  return json.members.size === 0 ? fault(json.path, "must not be empty") : Result.succeed(json.members)
}

export const itemsOf = (json: Json): Read<ReadonlyArray<Json>> => {
  if (json.kind !== "list") return fault(json.path, "must be a list")
  return json.items.length === 0 ? fault(json.path, "must not be empty") : Result.succeed(json.items)
}

/** A single value may stand for a list of one. */
export const listOrOne = (json: Json): Read<ReadonlyArray<Json>> =>
  json.kind === "list" ? itemsOf(json) : Result.succeed([json])

export interface RecordReader {
  readonly path: string
  readonly required: (name: string) => Read<Json>
  readonly optional: (name: string) => Json | undefined
}

/** The members of an object; only the given names are allowed. */
export const recordOf = (json: Json, names: ReadonlyArray<string>): Read<RecordReader> =>
  Result.gen(function* () {
    const members = yield* membersOf(json)
    for (const [name, { path }] of members) {
      if (!names.includes(name)) return yield* fault(path, `is unknown; the allowed members are ${names.join(", ")}`)
    }
    const optional = (name: string): Json | undefined => members.get(name)
    const required = (name: string): Read<Json> => {
      const member = members.get(name)
      return member === undefined ? fault(memberPath(json.path, name), "is missing") : Result.succeed(member)
    }
    return { path: json.path, required, optional }
  })

/** The one of two members that is present; both or neither is a fault. */
export const oneOfTwo = <Name extends string>(
  { path, optional }: RecordReader,
  first: Name,
  second: Name
): Read<{ readonly name: Name; readonly json: Json }> => {
  const [one, other] = [optional(first), optional(second)]
  if (one !== undefined && other !== undefined) return fault(other.path, `must not be given together with ${first}`)
  if (one !== undefined) return Result.succeed({ name: first, json: one })
  if (other !== undefined) return Result.succeed({ name: second, json: other })
  return fault(memberPath(path, first), `is missing, and so is ${second}`)
}

/** The string, if it is one of the given words. */
export const oneOf = <Word extends string>(json: Json, ...words: ReadonlyArray<Word>): Read<Word> => {
  const word = json.kind === "string" ? words.find((each) => each === json.text) : undefined
  return word === undefined
    ? fault(json.path, `must be ${words.map((each) => `"${each}"`).join(" or ")}`)
    : Result.succeed(word)
}
