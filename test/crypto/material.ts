/** What the crypto tests share: what the laws of providers share, and files to read. */
import { readFileSync } from "node:fs"
import { Schema } from "effect"

export * from "../../src/conformance/provider/material.ts"

/** A file of this folder's neighbours, decoded. */
export const decodedFile = <S extends Schema.ConstraintDecoder<unknown>>(path: string, schema: S): S["Type"] =>
  Schema.decodeUnknownSync(Schema.fromJsonString(schema))(readFileSync(new URL(path, import.meta.url), "utf8"))
