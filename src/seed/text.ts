/** Parses a seed from text, JSON or TOML, strictly. No fault quotes its content. */
import { Result } from "effect"
import { Toml } from "effect/encoding"
import { parseStrictJson, valueOf } from "../encoding/strictJson.ts"
import type { SeedFault } from "./fault.ts"

/**
 * Two hundred keys of 3072 bits with fifty versions each have about 26 million characters in PEM; few seeds have ten.
 */
export const seedBytesMax = 32 * 1024 * 1024
/** The deepest level of the format: a policy in an account in a list in a seed. */
const depthMax = 12

type Read<A> = Result.Result<A, SeedFault>

export const parseSeedText = (text: string, format: "json" | "toml"): Read<unknown> =>
  format === "json" ? Result.map(parseStrictJson(text, { is: "a seed", depthMax }), valueOf) : parseToml(text)

/** The parser's own messages quote the text around a fault; only the position is repeated here. */
const parseToml = (text: string): Read<unknown> =>
  Result.mapError(Toml.parse(text), ({ message }) => ({
    path: "",
    complaint: `is not TOML${/ at line \d+, column \d+$/.exec(message)?.[0] ?? ""}`
  }))
