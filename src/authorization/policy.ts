/** A policy document: who reads it may rely on every word of it being understood. */
import { Result } from "effect"
import { policyCharsMax } from "../domain/limits.ts"
import { readConditions } from "./conditions.ts"
import type { Condition } from "./conditions.ts"
import { quoted } from "../domain/jsonPath.ts"
import { fault } from "./fault.ts"
import type { PolicyFault, Read } from "./fault.ts"
import { compileGlob } from "./glob.ts"
import { parseJson } from "./policyJson.ts"
import type { Json } from "../domain/strictJson.ts"
import { itemsOf, listOrOne, oneOf, recordOf } from "./shape.ts"

export interface Pattern {
  readonly written: string
  readonly matches: (asked: string) => boolean
}

export interface Statement {
  readonly effect: "Allow" | "Deny"
  readonly actions: ReadonlyArray<Pattern>
  readonly resources: ReadonlyArray<Pattern>
  /** All must hold. */
  readonly conditions: ReadonlyArray<Condition>
}

export interface Policy {
  readonly statements: ReadonlyArray<Statement>
}

/** Service, colon, operation. ASCII only, so that folding case cannot make a letter of another alphabet equal to one. */
const actionForm = /^(?:\*|[A-Za-z0-9*?_-]+:[A-Za-z0-9*?_-]+)$/

/** Operations are named in any case (API reference 13.1). */
const readAction = (written: string): Pattern | undefined => {
  if (!actionForm.test(written)) return undefined
  const glob = compileGlob(written.toLowerCase())
  return { written, matches: (asked) => glob(asked.toLowerCase()) }
}

/**
 * `acs:<service>:<region>:<account>:<relative>`. A resource of this service has exactly four colons, so a pattern that
 * has as many can match it part by part only: no wildcard reaches from one part into the next.
 */
const resourceForm = /^(?:\*|acs:[^:]+:[^:]*:[^:]*:.+)$/s

const readResource = (written: string): Pattern | undefined => {
  if (!resourceForm.test(written)) return undefined
  const glob = compileGlob(written)
  return { written, matches: (asked) => glob(asked) }
}

const resourceShape = "acs:<service>:<region>:<account>:<relative>"

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
      if (pattern === undefined) return yield* fault(item.path, `is ${quoted(item.text)}, but must be * or ${form}`)
      patterns.push(pattern)
    }
    return patterns
  })

const readStatement = (json: Json): Read<Statement> =>
  Result.gen(function* () {
    const { required, optional } = yield* recordOf(json, ["Effect", "Action", "Resource", "Condition"])
    const condition = optional("Condition")
    return {
      effect: yield* oneOf(yield* required("Effect"), "Allow", "Deny"),
      actions: yield* readPatterns(yield* required("Action"), readAction, "<service>:<operation>"),
      resources: yield* readPatterns(yield* required("Resource"), readResource, resourceShape),
      conditions: condition === undefined ? [] : yield* readConditions(condition)
    }
  })

const tooLong = `is longer than ${policyCharsMax} characters`

/** Reads a document strictly: whatever is not understood is refused, for it may have been meant as a restriction. */
export const parsePolicy = (json: string): Result.Result<Policy, PolicyFault> =>
  Result.gen(function* () {
    if (json.length > policyCharsMax) return yield* fault("", tooLong)
    const { required } = yield* recordOf(yield* parseJson(json), ["Version", "Statement"])
    yield* oneOf(yield* required("Version"), "1")
    const statements: Array<Statement> = []
    for (const item of yield* itemsOf(yield* required("Statement"))) statements.push(yield* readStatement(item))
    const policy: Policy = { statements }
    // Quotes around numbers may make it longer, and what was accepted once must be accepted again.
    return formatPolicy(policy).length > policyCharsMax ? yield* fault("", tooLong) : policy
  })

const oneOrList = (texts: ReadonlyArray<string>): string | ReadonlyArray<string> =>
  texts.length === 1 ? (texts[0] ?? "") : texts

const writeConditions = (conditions: ReadonlyArray<Condition>): Record<string, Record<string, unknown>> => {
  const operators = [...new Set(conditions.map(({ operator }) => operator))]
  const blockOf = (name: string): Record<string, unknown> =>
    Object.fromEntries(
      conditions.flatMap(({ operator, key, values }) => (operator === name ? [[key, oneOrList(values)] as const] : []))
    )
  return Object.fromEntries(operators.map((name) => [name, blockOf(name)]))
}

const writeStatement = ({ effect, actions, resources, conditions }: Statement): object => ({
  Effect: effect,
  Action: oneOrList(actions.map(({ written }) => written)),
  Resource: oneOrList(resources.map(({ written }) => written)),
  ...(conditions.length === 0 ? {} : { Condition: writeConditions(conditions) })
})

/** The document in one way of many: no blanks, members in order, one value without a list, every value a string. */
export const formatPolicy = ({ statements }: Policy): string =>
  JSON.stringify({ Version: "1", Statement: statements.map(writeStatement) })
