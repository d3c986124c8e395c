/** A resource-based policy: the policy of a key, or the trust policy of a role. Its statements name principals. */
import { Result } from "effect"
import { keyPolicyLengthFault } from "../domain/keyPolicyLength.ts"
import { policySidCharsMax, trustPolicyCharsMax } from "../domain/limits.ts"
import type { AccountId } from "../domain/ids.ts"
import { quoted } from "../encoding/jsonPath.ts"
import type { Json } from "../encoding/strictJson.ts"
import { onlyKeys, readConditions } from "./conditions.ts"
import type { KeysOfServices } from "./conditions.ts"
import { fault } from "./fault.ts"
import type { PolicyFault, Read } from "./fault.ts"
import { readActionsOf, readThisResource } from "./patterns.ts"
import { oneOrList, readStatements, writeConditions } from "./policy.ts"
import type { Statement } from "./policy.ts"
import { ofAccount, readPrincipals, writePrincipals } from "./principal.ts"
import type { Principal, PrincipalGroup } from "./principal.ts"
import { oneOf, recordOf } from "./shape.ts"

export interface ResourceStatement extends Statement {
  readonly sid: string | undefined
  readonly principals: ReadonlyArray<Principal>
}

export interface ResourcePolicy {
  readonly statements: ReadonlyArray<ResourceStatement>
}

/** The differences between the kinds of resource-based policies. */
export interface ResourcePolicyForm {
  /** The error for a document that is too long. */
  readonly tooLong: (json: string) => string | undefined
  readonly members: ReadonlyArray<"Sid" | "Effect" | "Principal" | "Action" | "Resource" | "Condition">
  readonly principals: ReadonlyArray<PrincipalGroup>
  /** The service whose operations it allows or denies. */
  readonly service: string
  readonly keys: KeysOfServices
}

/** API, SetKeyPolicy, parameter Policy. */
export const keyPolicyForm: ResourcePolicyForm = {
  tooLong: keyPolicyLengthFault,
  members: ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"],
  principals: ["RAM"],
  service: "kms",
  keys: onlyKeys([])
}

/** RAM, "Edit the trust policy of a RAM role". A trust policy has no Resource: the role is the resource. */
export const trustPolicyForm: ResourcePolicyForm = {
  tooLong: (json) =>
    json.length > trustPolicyCharsMax ? `is longer than ${trustPolicyCharsMax} characters` : undefined,
  members: ["Effect", "Principal", "Action", "Condition"],
  principals: ["RAM", "Service", "Federated"],
  service: "sts",
  keys: onlyKeys(["sts:ExternalId", "sts:RoleSessionName", "saml:recipient", "oidc:iss", "oidc:aud", "oidc:sub"])
}

/** API, SetKeyPolicy, Sid; the vendor's own default policy has spaces in its Sid. */
const sidForm = new RegExp(`^[A-Za-z0-9_/+=.@ -]{1,${policySidCharsMax}}$`)

const readSid = (json: Json): Read<string> => {
  if (json.kind === "string" && sidForm.test(json.text)) return Result.succeed(json.text)
  const written = json.kind === "string" ? quoted(json.text) : "not a string"
  return fault(json.path, `is ${written}, but must have 1 to ${policySidCharsMax} letters, digits, spaces and _/+=.@-`)
}

const statementReader =
  (form: ResourcePolicyForm, own: AccountId | undefined) =>
  (json: Json): Read<ResourceStatement> =>
    Result.gen(function* () {
      const { required, optional } = yield* recordOf(json, form.members)
      const [sid, resource, condition] = [optional("Sid"), optional("Resource"), optional("Condition")]
      if (form.members.includes("Resource")) yield* required("Resource")
      return {
        sid: sid === undefined ? undefined : yield* readSid(sid),
        effect: yield* oneOf(yield* required("Effect"), "Allow", "Deny"),
        principals: yield* readPrincipals(
          yield* required("Principal"),
          form.principals,
          own === undefined ? undefined : ofAccount(own)
        ),
        actionElement: "Action",
        actions: yield* readActionsOf(form.service, yield* required("Action")),
        resources: resource === undefined ? [] : yield* readThisResource(resource),
        conditions: condition === undefined ? [] : yield* readConditions(condition, form.keys)
      }
    })

/**
 * Parses a document strictly: an unknown element is refused, because it may have been meant as a restriction. If `own`
 * is given, principals of other accounts are refused.
 */
export const parseResourcePolicy = (
  form: ResourcePolicyForm,
  json: string,
  own?: AccountId
): Result.Result<ResourcePolicy, PolicyFault> => {
  const tooLong = form.tooLong(json)
  return tooLong === undefined
    ? Result.map(readStatements(json, statementReader(form, own)), (statements) => ({ statements }))
    : fault("", tooLong)
}

const writeStatement = ({ sid, effect, principals, actions, resources, conditions }: ResourceStatement): object => ({
  ...(sid === undefined ? {} : { Sid: sid }),
  Effect: effect,
  Principal: writePrincipals(principals),
  Action: oneOrList(actions.map(({ written }) => written)),
  ...(resources.length === 0 ? {} : { Resource: oneOrList(resources.map(({ written }) => written)) }),
  ...(conditions.length === 0 ? {} : { Condition: writeConditions(conditions) })
})

/** One statement in the canonical form of its document. */
export const formatResourceStatement = (statement: ResourceStatement): string =>
  JSON.stringify(writeStatement(statement))

/**
 * The document in one canonical form: no blanks, members in order, a single value without a list, every value a string.
 */
export const formatResourcePolicy = ({ statements }: ResourcePolicy): string =>
  JSON.stringify({ Version: "1", Statement: statements.map(writeStatement) })
