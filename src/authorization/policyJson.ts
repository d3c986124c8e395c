/** The JSON a policy is written in, read strictly: no name twice, nothing deeper than a policy goes. */
import { Result } from "effect"
import { JsonReader } from "../domain/jsonReader.ts"
import { policyDepthMax } from "../domain/limits.ts"
import { fault, itemPath, memberPath } from "./fault.ts"
import type { Read } from "./fault.ts"

/** A value and where it stands. Members are a Map, so that `__proto__` is a name like any other. */
export type Json = { readonly path: string } & (
  | { readonly kind: "string"; readonly text: string }
  /** A number, true, false or null, as it is written. */
  | { readonly kind: "scalar"; readonly text: string }
  | { readonly kind: "list"; readonly items: ReadonlyArray<Json> }
  | { readonly kind: "object"; readonly members: ReadonlyMap<string, Json> }
)

export const parseJson = (text: string): Read<Json> => {
  const reader = new JsonReader(text)
  return Result.flatMap(readValue(reader, "", 0), (json) => (reader.atEnd() ? Result.succeed(json) : malformed(reader)))
}

const malformed = (reader: JsonReader): Read<never> =>
  fault("", `is not well-formed JSON near character ${Math.max(reader.at, 1)}`)

const readValue = (reader: JsonReader, path: string, depth: number): Read<Json> => {
  if (reader.sees("{") || reader.sees("[")) {
    if (depth === policyDepthMax) return fault(path, "is nested deeper than any part of a policy")
    return reader.sees("{") ? readObject(reader, path, depth + 1) : readList(reader, path, depth + 1)
  }
  const kind = reader.sees('"') ? "string" : "scalar"
  const text = kind === "string" ? reader.string() : reader.scalar()
  return text === undefined ? malformed(reader) : Result.succeed({ path, kind, text })
}

const readObject = (reader: JsonReader, path: string, depth: number): Read<Json> =>
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
      members.set(name, yield* readValue(reader, place, depth))
    } while (reader.take(","))
    return reader.take("}") ? ({ path, kind: "object", members } as const) : yield* malformed(reader)
  })

const readList = (reader: JsonReader, path: string, depth: number): Read<Json> =>
  Result.gen(function* () {
    const items: Array<Json> = []
    reader.take("[")
    if (reader.take("]")) return { path, kind: "list", items } as const
    do items.push(yield* readValue(reader, itemPath(path, items.length), depth))
    while (reader.take(","))
    return reader.take("]") ? ({ path, kind: "list", items } as const) : yield* malformed(reader)
  })
