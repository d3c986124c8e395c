/** A policy document. A parsed document contains no element that was not understood. */
import { Result } from "effect"
import { policyCharsMax } from "../domain/limits.ts"
import { anyKey, readConditions } from "./conditions.ts"
import type { Condition } from "./conditions.ts"
import { fault } from "./fault.ts"
import type { PolicyFault, Read } from "./fault.ts"
import { readActions, readResources } from "./patterns.ts"
import type { Pattern } from "./patterns.ts"
import { parseJson } from "./policyJson.ts"
import type { Json } from "../encoding/strictJson.ts"
import { itemsOf, oneOf, oneOfTwo, recordOf } from "./shape.ts"

export interface Statement {
  readonly effect: "Allow" | "Deny"
  /** `Action` covers the operations that one of the patterns matches, `NotAction` all others. */
  readonly actionElement: "Action" | "NotAction"
  readonly actions: ReadonlyArray<Pattern>
  readonly resources: ReadonlyArray<Pattern>
  /** All conditions must hold. */
  readonly conditions: ReadonlyArray<Condition>
}

export interface Policy {
  readonly statements: ReadonlyArray<Statement>
}

const readStatement = (json: Json): Read<Statement> =>
  Result.gen(function* () {
    const record = yield* recordOf(json, ["Effect", "Action", "NotAction", "Resource", "Condition"])
    const { required, optional } = record
    const condition = optional("Condition")
    const effect = yield* oneOf(yield* required("Effect"), "Allow", "Deny")
    const action = yield* oneOfTwo(record, "Action", "NotAction")
    return {
      effect,
      actionElement: action.name,
      actions: yield* readActions(action.json),
      resources: yield* readResources(yield* required("Resource")),
      conditions: condition === undefined ? [] : yield* readConditions(condition, anyKey)
    }
  })

/** The statements of a document, each read by `read`: `{"Version": "1", "Statement": [...]}`. */
export const readStatements = <S>(json: string, read: (json: Json) => Read<S>): Read<ReadonlyArray<S>> =>
  Result.gen(function* () {
    const { required } = yield* recordOf(yield* parseJson(json), ["Version", "Statement"])
    yield* oneOf(yield* required("Version"), "1")
    const statements: Array<S> = []
    for (const item of yield* itemsOf(yield* required("Statement"))) statements.push(yield* read(item))
    return statements
  })

const tooLong = `is longer than ${policyCharsMax} characters`

/** Parses a document strictly: an unknown element is refused, because it may have been meant as a restriction. */
export const parsePolicy = (json: string): Result.Result<Policy, PolicyFault> =>
  Result.gen(function* () {
    if (json.length > policyCharsMax) return yield* fault("", tooLong)
    const policy: Policy = { statements: yield* readStatements(json, readStatement) }
    // Numbers become strings in quotes, which may make the text longer. An accepted document must stay acceptable.
    return formatPolicy(policy).length > policyCharsMax ? yield* fault("", tooLong) : policy
  })

export const oneOrList = (texts: ReadonlyArray<string>): string | ReadonlyArray<string> =>
  texts.length === 1 ? (texts[0] ?? "") : texts

export const writeConditions = (conditions: ReadonlyArray<Condition>): Record<string, Record<string, unknown>> => {
  const operators = [...new Set(conditions.map(({ operator }) => operator))]
  const blockOf = (name: string): Record<string, unknown> =>
    Object.fromEntries(
      conditions.flatMap(({ operator, key, values }) => (operator === name ? [[key, oneOrList(values)] as const] : []))
    )
  return Object.fromEntries(operators.map((name) => [name, blockOf(name)]))
}

const writeStatement = ({ effect, actionElement, actions, resources, conditions }: Statement): object => ({
  Effect: effect,
  [actionElement]: oneOrList(actions.map(({ written }) => written)),
  Resource: oneOrList(resources.map(({ written }) => written)),
  ...(conditions.length === 0 ? {} : { Condition: writeConditions(conditions) })
})

/** One statement in the canonical form of its document. */
export const formatStatement = (statement: Statement): string => JSON.stringify(writeStatement(statement))

/**
 * The document in one canonical form: no blanks, members in order, a single value without a list, every value a string.
 */
export const formatPolicy = ({ statements }: Policy): string =>
  JSON.stringify({ Version: "1", Statement: statements.map(writeStatement) })
