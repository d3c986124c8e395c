/** STS: the parameters of a role session, and its credentials as replies show them. */
import { Redacted } from "effect"
import type { Identity, SessionCredentials } from "../../authorization/accessControl.ts"
import type { AssumeError } from "../../authorization/roleSessions.ts"
import { refuse } from "../../domain/errors.ts"
import type { ErrorOf } from "../../domain/errors.ts"
import { AccountId, isAccountId } from "../../domain/ids.ts"
import { externalIdChars, sessionNameChars, sessionPolicyCharsMax, sessionSeconds } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import { asDocument, integer, text } from "../parameters.ts"
import type { JsonDocument, Kind } from "../parameters.ts"
import { roleName } from "../ram/ramParameters.ts"

export interface RoleAddress {
  readonly account: AccountId
  readonly role: string
  readonly arn: string
}

export const roleArn: Kind<string, RoleAddress, "InvalidParameter.RoleArn" | "MissingRoleArn"> = {
  read: (given) => {
    if (typeof given !== "string") return undefined
    const [, account, name] = /^acs:ram::([0-9]{1,16}):role\/(.+)$/.exec(given) ?? []
    const role = roleName.read(name)
    if (role === undefined || !isAccountId(account)) return undefined
    return { account: AccountId.make(account), role, arn: `acs:ram::${account}:role/${role}` }
  },
  form: "`acs:ram::<account>:role/<name>`",
  invalidError: () => {
    const hint = "RoleArn must be acs:ram::<account>:role/<name>."
    return refuse("InvalidParameter.RoleArn", { parameter: "RoleArn", hint })
  },
  missingError: () => refuse("MissingRoleArn", { parameter: "RoleArn" })
}

const { minimum, maximum } = sessionNameChars

const sessionPattern = new RegExp(`^[A-Za-z0-9.@_-]{${minimum},${maximum}}$`)

const sessionForm = `${minimum} to ${maximum} letters, digits, \`.\`, \`@\`, \`_\` or \`-\``

export const sessionName: Kind<string, string, "InvalidParameter.RoleSessionName" | "MissingRoleSessionName"> = {
  read: (given) => (typeof given === "string" && sessionPattern.test(given) ? given : undefined),
  form: sessionForm,
  invalidError: () => {
    const hint = `RoleSessionName must be ${sessionForm}.`
    return refuse("InvalidParameter.RoleSessionName", { parameter: "RoleSessionName", hint })
  },
  missingError: () => refuse("MissingRoleSessionName", { parameter: "RoleSessionName" })
}

export const duration: Kind<number, number, "InvalidParameter.DurationSeconds"> = {
  ...integer(sessionSeconds),
  invalidError: () =>
    refuse("InvalidParameter.DurationSeconds", {
      parameter: "DurationSeconds",
      detail: "MaxSessionDuration",
      hint: `DurationSeconds must be from ${sessionSeconds.minimum} to the role's MaxSessionDuration.`
    })
}

export const sessionPolicy: Kind<JsonDocument | string, string, "InvalidParameter.PolicySize"> = {
  ...text({ charsMin: 1, charsMax: sessionPolicyCharsMax }),
  form: `JSON, up to ${sessionPolicyCharsMax} characters`,
  structured: asDocument,
  invalidError: () =>
    refuse("InvalidParameter.PolicySize", { parameter: "Policy", detail: String(sessionPolicyCharsMax) })
}

export const externalId: Kind<string, string, "InvalidParameter.ExternalId"> = {
  read: (given) =>
    typeof given === "string" &&
    given.length >= externalIdChars.minimum &&
    given.length <= externalIdChars.maximum &&
    /^[\w+=,.@:/-]+$/.test(given)
      ? given
      : undefined,
  form: `${externalIdChars.minimum} to ${externalIdChars.maximum} letters, digits and \`_+=,.@:/-\``,
  invalidError: () => refuse("InvalidParameter.ExternalId", { parameter: "ExternalId" })
}

/** STS has its own code for a session policy that violates the grammar. */
export const asGrammar = (
  error: AssumeError
): Exclude<AssumeError, ErrorOf<"MalformedPolicyDocument">> | ErrorOf<"InvalidParameter.PolicyGrammar"> =>
  error.code === "MalformedPolicyDocument"
    ? refuse("InvalidParameter.PolicyGrammar", {
        parameter: "Policy",
        ...(error.hint === undefined ? {} : { hint: error.hint })
      })
    : error

export const credentialsShown = ({ accessKeyId, secret, securityToken, expiresAt }: SessionCredentials) => ({
  AccessKeyId: accessKeyId,
  AccessKeySecret: Redacted.value(secret),
  SecurityToken: securityToken,
  Expiration: formatInstant(expiresAt)
})

export const identityTypes = { root: "Account", user: "RAMUser", role: "AssumedRoleUser" } as const

export const idsOf = ({ kind, account, id = "", session = "" }: Identity) => {
  switch (kind) {
    case "root":
      return { PrincipalId: account }
    case "user":
      return { PrincipalId: id, UserId: id }
    case "role":
      return { PrincipalId: `${id}:${session}`, RoleId: id }
    default:
      return kind satisfies never
  }
}
