/** Helpers of the crypto tests: parts of the provider laws, and test files. */
import { readFileSync } from "node:fs"
import { Schema } from "effect"

export * from "../../src/conformance/provider/material.ts"

/** A decoded file of a neighbouring folder. */
export const decodedFile = <S extends Schema.ConstraintDecoder<unknown>>(path: string, schema: S): S["Type"] =>
  Schema.decodeUnknownSync(Schema.fromJsonString(schema))(readFileSync(new URL(path, import.meta.url), "utf8"))
