/** Evaluates policies: a pure function from policies and a question to a ruling, defined for every question. */
import type { Attributes } from "./attributes.ts"
import type { Policy, Statement } from "./policy.ts"
import type { Principal } from "./principal.ts"
import type { ResourcePolicy } from "./resourcePolicy.ts"

export interface Question {
  /** `kms:Encrypt` */
  readonly action: string
  /** An ARN, or `*` for the account as a whole. */
  readonly resource: string
  readonly attributes: Attributes
}

export interface NamedPolicy {
  readonly name: string
  readonly policy: Policy
}

/** The statement that decided, counted from zero. */
export interface StatementRef {
  readonly policy: string
  readonly statement: number
}

export type Ruling =
  | { readonly effect: "Allow"; readonly by: StatementRef }
  | { readonly effect: "Deny"; readonly by: StatementRef }
  /** No statement covers the request, which is also a refusal: by the identity's policies, or by the session's own. */
  | { readonly effect: "Implicit"; readonly bySession?: true }

/** The name of a session policy in rulings. No policy can have this name. */
export const sessionPolicyName = "(session)"

export type Circumstances = Omit<Question, "resource">

/** Whether a statement covers the operation, under these circumstances. */
const coversAction = (
  { actionElement, actions, conditions }: Statement,
  { action, attributes }: Circumstances
): boolean =>
  actions.some((pattern) => pattern.matches(action)) === (actionElement === "Action") &&
  conditions.every((condition) => condition.holds(attributes))

const coversResource = ({ resources }: Statement, resource: string): boolean =>
  resources.some((pattern) => pattern.matches(resource))

interface Stated<S> {
  readonly name: string
  readonly policy: { readonly statements: ReadonlyArray<S> }
}

/**
 * A Deny overrides every Allow, in any order (API reference 13.2). The ruling names the first statement that decides.
 */
const settle = <S extends Statement>(policies: ReadonlyArray<Stated<S>>, covers: (statement: S) => boolean): Ruling => {
  let allowedBy: StatementRef | undefined
  for (const { name, policy } of policies) {
    for (const [statement, each] of policy.statements.entries()) {
      if ((each.effect === "Allow" && allowedBy !== undefined) || !covers(each)) continue
      const by = { policy: name, statement }
      if (each.effect === "Deny") return { effect: "Deny", by }
      allowedBy = by
    }
  }
  return allowedBy === undefined ? { effect: "Implicit" } : { effect: "Allow", by: allowedBy }
}

export const evaluate = (policies: ReadonlyArray<NamedPolicy>, question: Question): Ruling =>
  settle(policies, (each) => coversAction(each, question) && coversResource(each, question.resource))

export interface NamedResourcePolicy {
  readonly name: string
  readonly policy: ResourcePolicy
}

/** The ruling of a resource-based policy on a request. `includes` finds the identity among a statement's principals. */
export const evaluateResourcePolicy = (
  policy: NamedResourcePolicy,
  includes: (principal: Principal, effect: Statement["effect"]) => boolean,
  question: Circumstances
): Ruling =>
  settle(
    [policy],
    (each) => each.principals.some((principal) => includes(principal, each.effect)) && coversAction(each, question)
  )

/**
 * A session policy is checked first and must itself allow; its refusal is final (API reference 13.2). So it only
 * narrows what the identity may do.
 */
export const evaluateWithSession = (
  policies: ReadonlyArray<NamedPolicy>,
  session: NamedPolicy | undefined,
  question: Question
): Ruling => {
  const narrowed: Ruling | undefined = session === undefined ? undefined : evaluate([session], question)
  if (narrowed === undefined || narrowed.effect === "Allow") return evaluate(policies, question)
  return narrowed.effect === "Implicit" ? { ...narrowed, bySession: true } : narrowed
}
