/** The verdicts of a policy document before it is saved, from the parser and the evaluator that decide calls. */
import { Clock, Effect, Result } from "effect"
import { attributesOf } from "../../authorization/access.ts"
import { resourceArn } from "../../authorization/caller.ts"
import { evaluate } from "../../authorization/evaluate.ts"
import type { Ruling } from "../../authorization/evaluate.ts"
import { parsePolicy } from "../../authorization/policy.ts"
import type { Policy } from "../../authorization/policy.ts"
import { earlierNames } from "../../operation/accessControl/earlierNames.ts"
import { catalogue, isOperationName } from "../../operation/catalogue.ts"
import type { OperationName } from "../../operation/catalogue.ts"
import type { Check } from "../../operation/operation.ts"
import { checksOf } from "../../requests/explain.ts"
import type { PolicyVerdict, Ruled, VerdictKey } from "../protocol.ts"
import type { Asker } from "./asker.ts"

/** Represents the keys and aliases that no statement names. */
const anyKey: VerdictKey = { keyId: "any-key", tags: {} }
const anyAlias = "alias/any-alias"

const operations = Object.keys(catalogue)
  .filter(isOperationName)
  .filter((name) => !Object.hasOwn(earlierNames, name))

const relativeOf = ({ of }: Check, { keyId }: VerdictKey): string => {
  switch (of) {
    case "account":
      return "*"
    case "keys":
      return "key"
    case "aliases":
      return "alias"
    case "alias":
      return anyAlias
    case "key":
    case "destination":
    case "aliased":
      return `key/${keyId}`
    default:
      return of satisfies never
  }
}

const isOfKey = ({ of }: Check): boolean => of === "key" || of === "destination" || of === "aliased"

/** An operation needs all its checks: it is refused if a Deny covers one of them, or if no statement covers one. */
const settle = (rulings: ReadonlyArray<Ruling>): Ruling | undefined =>
  rulings.find(({ effect }) => effect === "Deny") ?? rulings.find(({ effect }) => effect === "Implicit") ?? rulings[0]

const ruledBy = (policy: Policy, { caller, circumstances, realm }: Asker, key: VerdictKey, now: number) => {
  const rulingOf = (operation: OperationName, check: Check): Ruling => {
    const resourceTags = isOfKey(check) ? key.tags : {}
    return evaluate([{ name: "", policy }], {
      action: check.action ?? `kms:${operation}`,
      resource: resourceArn({ realm, relative: relativeOf(check, key) }),
      attributes: attributesOf({ caller, circumstances, resourceTags }, now)
    })
  }
  return operations.flatMap((operation): ReadonlyArray<Ruled> => {
    const checks = checksOf(operation)
    // Policies do not decide operations that only the root may call.
    if (typeof checks === "string") return []
    const ruling = settle(checks.map((check) => rulingOf(operation, check)))
    if (ruling === undefined) return []
    return [
      { operation, effect: ruling.effect, ...(ruling.effect === "Implicit" ? {} : { statement: ruling.by.statement }) }
    ]
  })
}

/** The page reads the id and the tags of the key, with the permissions of its caller. */
export const verdictOf = (document: string, asker: Asker, key: VerdictKey = anyKey): Effect.Effect<PolicyVerdict> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const parsed = parsePolicy(document)
    return Result.isFailure(parsed)
      ? { fault: parsed.failure, operations: [] }
      : { operations: ruledBy(parsed.success, asker, key, now) }
  })
