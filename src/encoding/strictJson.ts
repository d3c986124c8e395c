/** Parses JSON text into a tree of values with their paths. It refuses repeated names and too many levels. */
import { Result } from "effect"
import { itemPath, memberPath } from "./jsonPath.ts"
import { JsonReader } from "./jsonReader.ts"

/** A value and its path. Members are a Map, so that `__proto__` is an ordinary name. */
export type Json = { readonly path: string } & (
  | { readonly kind: "string"; readonly text: string }
  /** A number, true, false or null, as written. */
  | { readonly kind: "scalar"; readonly text: string }
  | { readonly kind: "list"; readonly items: ReadonlyArray<Json> }
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Json> }
)

/** A fault and its path; `complaint` continues a sentence that begins with the path. */
export interface JsonFault {
  readonly path: string
  readonly complaint: string
}

/** The kind of document: `a policy` allows lists and objects up to a number of levels. */
export interface Document {
  readonly is: string
  readonly depthMax: number
}

type Read = Result.Result<Json, JsonFault>

const fault = (path: string, complaint: string): Result.Result<never, JsonFault> => Result.fail({ path, complaint })

/** Used instead of JSON.parse, which accepts the last of two equal names. */
export const parseStrictJson = (text: string, document: Document): Read => {
  const reader = new JsonReader(text)
  return Result.flatMap(readValue(reader, document, "", 0), (json) =>
    reader.atEnd() ? Result.succeed(json) : malformed(reader)
  )
}

const malformed = (reader: JsonReader): Result.Result<never, JsonFault> =>
  fault("", `is not well-formed JSON near character ${Math.max(reader.at, 1)}`)

const readValue = (reader: JsonReader, document: Document, path: string, depth: number): Read => {
  if (reader.sees("{") || reader.sees("[")) {
    if (depth === document.depthMax) return fault(path, `is nested deeper than any part of ${document.is}`)
    return (reader.sees("{") ? readObject : readList)(reader, document, path, depth + 1)
  }
  const kind = reader.sees('"') ? "string" : "scalar"
  const text = kind === "string" ? reader.string() : reader.scalar()
  return text === undefined ? malformed(reader) : Result.succeed({ path, kind, text })
}

const readObject = (reader: JsonReader, document: Document, path: string, depth: number): Read =>
  Result.gen(function* () {
    const members = new Map<string, Json>()
    reader.take("{")
    if (reader.take("}")) return { path, kind: "object", members } as const
    do {
      const name = reader.string()
      if (name === undefined) return yield* malformed(reader)
      const place = memberPath(path, name)
      if (members.has(name)) return yield* fault(place, "is given twice")
      if (!reader.take(":")) return yield* malformed(reader)
      members.set(name, yield* readValue(reader, document, place, depth))
    } while (reader.take(","))
    return reader.take("}") ? ({ path, kind: "object", members } as const) : yield* malformed(reader)
  })

const readList = (reader: JsonReader, document: Document, path: string, depth: number): Read =>
  Result.gen(function* () {
    const items: Array<Json> = []
    reader.take("[")
    if (reader.take("]")) return { path, kind: "list", items } as const
    do items.push(yield* readValue(reader, document, itemPath(path, items.length), depth))
    while (reader.take(","))
    return reader.take("]") ? ({ path, kind: "list", items } as const) : yield* malformed(reader)
  })

/** The value of strictly parsed text. Undefined if it is not well-formed, has too many levels, or repeats a name. */
export const strictJsonValue = (text: string, document: Document): unknown => {
  const read = parseStrictJson(text, document)
  return Result.isSuccess(read) ? valueOf(read.success) : undefined
}

/** The plain value of a tree, as JSON.parse would return it. */
export const valueOf = (json: Json): unknown => {
  switch (json.kind) {
    case "string":
      return json.text
    case "scalar":
      return JSON.parse(json.text)
    case "list":
      return json.items.map(valueOf)
    case "object":
      return Object.fromEntries([...json.members].map(([name, member]) => [name, valueOf(member)]))
    default:
      return json satisfies never
  }
}
