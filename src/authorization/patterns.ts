/** The Action and Resource elements of a policy statement. */
import { Result } from "effect"
import { quoted } from "../encoding/jsonPath.ts"
import type { Json } from "../encoding/strictJson.ts"
import { fault } from "./fault.ts"
import type { Read } from "./fault.ts"
import { compileGlob } from "./glob.ts"
import { listOrOne } from "./shape.ts"

export interface Pattern {
  readonly written: string
  readonly matches: (asked: string) => boolean
}

/**
 * Service, colon, operation. Only ASCII, so that case folding cannot make a letter of another alphabet equal to an
 * ASCII one.
 */
const actionForm = /^(?:\*|[A-Za-z0-9*?_-]+:[A-Za-z0-9*?_-]+)$/

/** The names of operations ignore case (API reference 13.1). */
const readAction = (written: string): Pattern | undefined => {
  if (!actionForm.test(written)) return undefined
  const glob = compileGlob(written.toLowerCase())
  return { written, matches: (asked) => glob(asked.toLowerCase()) }
}

/**
 * `acs:<service>:<region>:<account>:<relative>`. A resource of this service has exactly four colons. A pattern with as
 * many matches part by part: no wildcard reaches into the next part.
 */
const resourceForm = /^(?:\*|acs:[^:]+:[^:]*:[^:]*:.+)$/s

const readResource = (written: string): Pattern | undefined => {
  if (!resourceForm.test(written)) return undefined
  const glob = compileGlob(written)
  return { written, matches: (asked) => glob(asked) }
}

const readPatterns = (
  json: Json,
  read: (written: string) => Pattern | undefined,
  form: string
): Read<ReadonlyArray<Pattern>> =>
  Result.gen(function* () {
    const patterns: Array<Pattern> = []
    for (const item of yield* listOrOne(json)) {
      if (item.kind !== "string") return yield* fault(item.path, "must be a string")
      const pattern = read(item.text)
      if (pattern === undefined) return yield* fault(item.path, `is ${quoted(item.text)}, but must be ${form}`)
      patterns.push(pattern)
    }
    return patterns
  })

export const readActions = (json: Json): Read<ReadonlyArray<Pattern>> =>
  readPatterns(json, readAction, "* or <service>:<operation>")

/** Actions of one service only: `kms:Encrypt`, `kms:*`. */
export const readActionsOf = (service: string, json: Json): Read<ReadonlyArray<Pattern>> =>
  readPatterns(
    json,
    (written) => (written.toLowerCase().startsWith(`${service}:`) ? readAction(written) : undefined),
    `${service}:<operation>`
  )

export const readResources = (json: Json): Read<ReadonlyArray<Pattern>> =>
  readPatterns(json, readResource, "* or acs:<service>:<region>:<account>:<relative>")

/** The only resource that a key policy can name: its own key. */
export const readThisResource = (json: Json): Read<ReadonlyArray<Pattern>> =>
  readPatterns(json, (written) => (written === "*" ? { written, matches: () => true } : undefined), "*")
