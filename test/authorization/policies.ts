/** Policies and request attributes for the tests of access control. */
import { Result } from "effect"
import type { Attributes } from "../../src/authorization/attributes.ts"
import { evaluate } from "../../src/authorization/evaluate.ts"
import type { NamedPolicy, Ruling } from "../../src/authorization/evaluate.ts"
import { parsePolicy } from "../../src/authorization/policy.ts"

export const circumstances: Attributes = {
  currentTimeMillis: Date.UTC(2026, 10, 24, 10, 0, 0),
  secureTransport: true,
  sourceIp: "10.0.0.7",
  mfaPresent: undefined,
  tags: new Map()
}

export const documentOf = (...statements: ReadonlyArray<unknown>): string =>
  JSON.stringify({ Version: "1", Statement: statements })

/** The parsed policy of a document; a refused document fails the test with its sentence. */
export const policy = (json: string, name = "policy"): NamedPolicy => ({
  name,
  policy: Result.getOrThrowWith(parsePolicy(json), ({ message }) => new Error(message))
})

export const policyOf = (...statements: ReadonlyArray<unknown>): NamedPolicy => policy(documentOf(...statements))

export const ruling = (
  policies: ReadonlyArray<NamedPolicy>,
  action: string,
  resource: string,
  attributes: Partial<Attributes> = {}
): Ruling => evaluate(policies, { action, resource, attributes: { ...circumstances, ...attributes } })

/** The refusal of a document; an accepted document fails the test. */
export const refusalOf = (json: string): string => {
  const read = parsePolicy(json)
  if (Result.isSuccess(read)) throw new Error(`accepted: ${json.slice(0, 200)}`)
  return read.failure.message
}
