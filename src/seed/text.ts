/** A seed as text, JSON or TOML: read strictly, and no fault quotes what stands there. */
import { Result } from "effect"
import { Toml } from "effect/encoding"
import { itemPath, memberPath } from "../authorization/fault.ts"
import { JsonReader } from "../domain/jsonReader.ts"
import type { SeedFault } from "./fault.ts"

/** Two hundred keys of 3072 bits with fifty versions each have about 26 million characters in PEM; few seeds have ten. */
export const seedBytesMax = 32 * 1024 * 1024
/** A policy in an account in a list in a seed; nothing lies deeper. */
const depthMax = 12

type Read<A> = Result.Result<A, SeedFault>

const fault = (path: string, complaint: string): Read<never> => Result.fail({ path, complaint })

export const parseSeedText = (text: string, format: "json" | "toml"): Read<unknown> =>
  format === "json" ? parseJson(text) : parseToml(text)

/** The parser's own messages quote the text around a fault; the place alone is repeated. */
const parseToml = (text: string): Read<unknown> =>
  Result.mapError(Toml.parse(text), ({ message }) => ({
    path: "",
    complaint: `is not TOML${/ at line \d+, column \d+$/.exec(message)?.[0] ?? ""}`
  }))

/** Not JSON.parse, which keeps the last of two equal names. */
const parseJson = (text: string): Read<unknown> => {
  const reader = new JsonReader(text)
  return Result.flatMap(readValue(reader, "", 0), (value) =>
    reader.atEnd() ? Result.succeed(value) : malformed(reader)
  )
}

const malformed = (reader: JsonReader): Read<never> =>
  fault("", `is not well-formed JSON near character ${Math.max(reader.at, 1)}`)

const readValue = (reader: JsonReader, path: string, depth: number): Read<unknown> => {
  if (reader.sees("{") || reader.sees("[")) {
    if (depth === depthMax) return fault(path, "is nested deeper than any part of a seed")
    return reader.sees("{") ? readObject(reader, path, depth + 1) : readList(reader, path, depth + 1)
  }
  if (reader.sees('"')) {
    const read = reader.string()
    return read === undefined ? malformed(reader) : Result.succeed(read)
  }
  const scalar = reader.scalar()
  return scalar === undefined ? malformed(reader) : Result.succeed(JSON.parse(scalar))
}

const readObject = (reader: JsonReader, path: string, depth: number): Read<unknown> =>
  Result.gen(function* () {
    const members = new Map<string, unknown>()
    reader.take("{")
    if (reader.take("}")) return {}
    do {
      const name = reader.string()
      if (name === undefined) return yield* malformed(reader)
      const place = memberPath(path, name)
      if (members.has(name)) return yield* fault(place, "is given twice")
      if (!reader.take(":")) return yield* malformed(reader)
      members.set(name, yield* readValue(reader, place, depth))
    } while (reader.take(","))
    return reader.take("}") ? Object.fromEntries(members) : yield* malformed(reader)
  })

const readList = (reader: JsonReader, path: string, depth: number): Read<unknown> =>
  Result.gen(function* () {
    const items: Array<unknown> = []
    reader.take("[")
    if (reader.take("]")) return items
    do items.push(yield* readValue(reader, itemPath(path, items.length), depth))
    while (reader.take(","))
    return reader.take("]") ? items : yield* malformed(reader)
  })
