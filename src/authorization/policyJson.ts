/** The JSON of policy documents. */
import { Result } from "effect"
import { policyDepthMax } from "../domain/limits.ts"
import { parseStrictJson } from "../encoding/strictJson.ts"
import type { Json } from "../encoding/strictJson.ts"
import { sentenceOf } from "./fault.ts"
import type { Read } from "./fault.ts"

export const parseJson = (text: string): Read<Json> =>
  Result.mapError(parseStrictJson(text, { is: "a policy", depthMax: policyDepthMax }), ({ path, complaint }) =>
    sentenceOf(path, complaint)
  )
