/** Key policies: the default one, the rules for a new one, and the combined ruling with the policies of the caller. */
import { Result } from "effect"
import { refuse } from "../domain/errors.ts"
import type { ErrorOf } from "../domain/errors.ts"
import type { AccountId } from "../domain/ids.ts"
import type { KeyMetadata } from "../records/rows.ts"
import { evaluateResourcePolicy } from "./evaluate.ts"
import type { Circumstances, Ruling } from "./evaluate.ts"
import { names } from "./principal.ts"
import type { Identity } from "./principal.ts"
import { formatResourcePolicy, formatResourceStatement, keyPolicyForm, parseResourcePolicy } from "./resourcePolicy.ts"
import type { ResourcePolicy } from "./resourcePolicy.ts"

/** The name of a key policy in rulings. No policy of RAM can have this name. */
export const keyPolicyName = "(key policy)"

/** The policy of a key that has no other policy (API, SetKeyPolicy, example of the parameter Policy). */
export const defaultKeyPolicy = (account: AccountId): string =>
  JSON.stringify({
    Statement: [
      {
        Action: ["kms:*"],
        Effect: "Allow",
        Principal: { RAM: [`acs:ram::${account}:*`] },
        Resource: ["*"],
        Sid: "kms default key policy"
      }
    ],
    Version: "1"
  })

/** The fault of a document as the policy of a key of this account. */
export const keyPolicyFault = (account: AccountId, document: string): ErrorOf<"InvalidParameter"> | undefined => {
  const read = parseResourcePolicy(keyPolicyForm, document, account)
  return Result.isSuccess(read)
    ? undefined
    : refuse("InvalidParameter", { parameter: "Policy", hint: read.failure.message })
}

/** Reads a policy that was accepted before, without checking the accounts of its principals again. */
const readPolicy = (policy: string): ResourcePolicy =>
  Result.getOrThrowWith(
    parseResourcePolicy(keyPolicyForm, policy),
    ({ message }) => new Error(`the policy of a key cannot be read: ${message}`)
  )

/** A policy in the one form in which seeds write it. */
export const keyPolicyWritten = (policy: string): string => formatResourcePolicy(readPolicy(policy))

/** One statement of a policy, counted from zero, in the form in which seeds write it. */
export const keyPolicyStatement = (policy: string, statement: number): string | undefined => {
  const found = readPolicy(policy).statements[statement]
  return found === undefined ? undefined : formatResourceStatement(found)
}

const nothing: Ruling = { effect: "Implicit" }

/**
 * Rules by the policy of a key. An Allow for the account as a whole lets its RAM policies decide ("Enable RAM User
 * Permissions", API, SetKeyPolicy) and so grants nothing by itself. A Deny for the account applies to each of its users
 * and roles. Each policy is parsed once, while the key has it.
 */
export const makeKeyPolicies = () => {
  const readPolicies = new WeakMap<KeyMetadata, ResourcePolicy>()
  const policyOf = (metadata: KeyMetadata): ResourcePolicy | undefined => {
    const known = readPolicies.get(metadata)
    if (known !== undefined || metadata.policy === undefined) return known
    const policy = readPolicy(metadata.policy)
    readPolicies.set(metadata, policy)
    return policy
  }
  return (metadata: KeyMetadata, who: Identity, question: Circumstances): Ruling => {
    const policy = policyOf(metadata)
    if (policy === undefined) return nothing
    return evaluateResourcePolicy(
      { name: keyPolicyName, policy },
      (principal, effect) => names(principal, who) && (effect === "Deny" || "name" in principal),
      question
    )
  }
}

/**
 * Within one account either policy may allow, and a Deny in either one overrides (user guide, "Key policy overview"). A
 * session policy narrows both.
 */
export const together = (ofCaller: Ruling, ofKey: Ruling): Ruling => {
  if (ofCaller.effect === "Deny" || ofKey.effect === "Deny") return ofCaller.effect === "Deny" ? ofCaller : ofKey
  if (ofCaller.effect === "Allow" || ofCaller.bySession === true) return ofCaller
  return ofKey.effect === "Allow" ? ofKey : ofCaller
}
