/** The Condition element of a policy statement: parsed from JSON, and tested against a request. */
import { Result } from "effect"
import { conditionKey, knownConditionKeys, statedKey } from "./attributes.ts"
import type { Attributes, ConditionKey } from "./attributes.ts"
import { quoted } from "../encoding/jsonPath.ts"
import { fault } from "./fault.ts"
import type { Read } from "./fault.ts"
import { operators } from "./operators.ts"
import type { Operator, Test } from "./operators.ts"
import type { Json } from "../encoding/strictJson.ts"
import { listOrOne, membersOf } from "./shape.ts"

/** One key under one operator, with the values to compare. */
export interface Condition {
  readonly operator: string
  readonly key: string
  readonly values: ReadonlyArray<string>
  readonly holds: (attributes: Attributes) => boolean
}

/**
 * Values are alternatives. A positive operator holds if one value matches. A negative one holds if no value matches, so
 * also if the attribute is absent or of another type.
 */
const holding =
  ({ isNegative }: Operator, { answer }: ConditionKey, tests: ReadonlyArray<Test>): Condition["holds"] =>
  (attributes) => {
    const given = answer(attributes)
    const isMet = given !== undefined && tests.some((test) => test(given) === true)
    return isMet !== isNegative
  }

const readValue = (name: string, operator: Operator, json: Json): Read<{ text: string; test: Test }> => {
  if (json.kind !== "string" && (json.kind !== "scalar" || json.text === "null")) {
    return fault(json.path, "must be a string")
  }
  const test = operator.read(json.text)
  return test === undefined
    ? fault(json.path, `is ${quoted(json.text)}, which is not a value for ${name}`)
    : Result.succeed({ text: json.text, test })
}

/** The condition keys that a kind of policy may name, in addition to those under `acs:` and `kms:`. */
export interface KeysOfServices {
  /** Undefined if the policy may not name the key. */
  readonly find: (name: string) => ConditionKey | undefined
  /** The keys that may be named, for the error message. */
  readonly known: ReadonlyArray<string>
}

/** An identity's policy may concern several services. Their keys are not part of a request to this one. */
export const anyKey: KeysOfServices = { find: statedKey, known: [] }

/** Only the listed keys: a policy of one resource concerns only requests for that resource. */
export const onlyKeys = (known: ReadonlyArray<string>): KeysOfServices => ({
  find: (name) => (known.includes(name) ? statedKey(name) : undefined),
  known
})

interface Named {
  readonly name: string
  readonly operator: Operator
}

const readKey = ({ name, operator }: Named, key: string, json: Json, services: KeysOfServices): Read<Condition> =>
  Result.gen(function* () {
    const known = conditionKey(key) ?? services.find(key)
    if (known === undefined) {
      const names = [...knownConditionKeys, ...services.known].join(", ")
      return yield* fault(json.path, `is not a condition key that can be evaluated here; those are ${names}`)
    }
    if (known.group !== undefined && known.group !== operator.group) {
      return yield* fault(json.path, `is compared by the operators of the group ${known.group}, and ${name} is not one`)
    }
    const values: Array<{ text: string; test: Test }> = []
    for (const item of yield* listOrOne(json)) values.push(yield* readValue(name, operator, item))
    return {
      operator: name,
      key,
      values: values.map(({ text }) => text),
      holds: holding(
        operator,
        known,
        values.map(({ test }) => test)
      )
    }
  })

export const readConditions = (json: Json, services: KeysOfServices): Read<ReadonlyArray<Condition>> =>
  Result.gen(function* () {
    const conditions: Array<Condition> = []
    for (const [name, block] of yield* membersOf(json)) {
      const operator = operators.get(name)
      if (operator === undefined) {
        return yield* fault(block.path, `is not a condition operator; they are ${[...operators.keys()].join(", ")}`)
      }
      for (const [key, values] of yield* membersOf(block)) {
        conditions.push(yield* readKey({ name, operator }, key, values, services))
      }
    }
    return conditions
  })
