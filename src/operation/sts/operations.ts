/** STS: sessions of roles, and who calls. */
import { Effect, Redacted } from "effect"
import { refuse } from "../../domain/errors.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import { AccountId, isAccountId } from "../../domain/ids.ts"
import { externalIdChars, sessionNameChars, sessionPolicyCharsMax, sessionSeconds } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import type { Identity, SessionCredentials } from "../../authorization/accessControl.ts"
import { operation } from "../operation.ts"
import { defaulted, integer, optional, required, text } from "../parameters.ts"
import type { Kind } from "../parameters.ts"
import { roleName } from "../accessControl/ramParameters.ts"

export interface RoleAddress {
  readonly account: AccountId
  readonly role: string
  readonly arn: string
}

const roleArn: Kind<string, RoleAddress> = {
  read: (given) => {
    const [, account, name] = /^acs:ram::([0-9]{1,16}):role\/(.+)$/.exec(String(given)) ?? []
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

export const sessionName: Kind<string, string> = {
  read: (given) => (typeof given === "string" && sessionPattern.test(given) ? given : undefined),
  form: sessionForm,
  invalidError: () => {
    const hint = `RoleSessionName must be ${sessionForm}.`
    return refuse("InvalidParameter.RoleSessionName", { parameter: "RoleSessionName", hint })
  },
  missingError: () => refuse("MissingRoleSessionName", { parameter: "RoleSessionName" })
}

const duration: Kind<number, number> = {
  ...integer(sessionSeconds),
  invalidError: () =>
    refuse("InvalidParameter.DurationSeconds", {
      parameter: "DurationSeconds",
      detail: "MaxSessionDuration",
      hint: `DurationSeconds lies between ${sessionSeconds.minimum} and the role's MaxSessionDuration.`
    })
}

const sessionPolicy: Kind<string, string> = {
  ...text({ charsMin: 1, charsMax: sessionPolicyCharsMax }),
  form: `JSON, up to ${sessionPolicyCharsMax} characters`,
  invalidError: () =>
    refuse("InvalidParameter.PolicySize", { parameter: "Policy", detail: String(sessionPolicyCharsMax) })
}

const externalId: Kind<string, string> = {
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

/** STS has a code of its own for a session policy that is not understood. */
const asGrammar = (error: AnyKmsError): AnyKmsError =>
  error.code === "MalformedPolicyDocument"
    ? refuse("InvalidParameter.PolicyGrammar", {
        parameter: "Policy",
        ...(error.hint === undefined ? {} : { hint: error.hint })
      })
    : error

const credentialsShown = ({ accessKeyId, secret, securityToken, expiresAt }: SessionCredentials) => ({
  AccessKeyId: accessKeyId,
  AccessKeySecret: Redacted.value(secret),
  SecurityToken: securityToken,
  Expiration: formatInstant(expiresAt)
})

export const AssumeRole = operation({
  about:
    "Issues temporary credentials of a role of this account or of another one. The caller is a user or a session: a root " +
    "cannot assume roles. The caller's policies must allow it, and the role's trust policy too.",
  Request: {
    RoleArn: required(roleArn, "The role."),
    RoleSessionName: required(sessionName, "Who uses the role, as the audit log names it."),
    DurationSeconds: defaulted(
      duration,
      sessionSeconds.default,
      "How long the credentials are valid, in seconds: up to the role's MaxSessionDuration."
    ),
    Policy: optional(sessionPolicy, "A policy document that must allow as well: it narrows what the role may do."),
    ExternalId: optional(externalId, "What the trust policy can demand as `sts:ExternalId`."),
    SourceIdentity: optional(text({ charsMax: 64 }), "Not supported: refused.")
  },
  conflict: ({ SourceIdentity }) =>
    SourceIdentity === undefined
      ? undefined
      : refuse("InvalidParameter", { parameter: "SourceIdentity", hint: "SourceIdentity is not supported." }),
  permission: {
    on: "found",
    says: "`sts:AssumeRole` on `acs:ram::<account>:role/<name>`, by the policies of the caller",
    checks: []
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const { account, role, arn } = request.RoleArn
    yield* call.authorizeRam("sts:AssumeRole", arn)
    const { RoleSessionName: session, DurationSeconds: seconds, Policy: policy, ExternalId } = request
    const wanted = { account, role, session, seconds, policy, externalId: ExternalId }
    const credentials = yield* Effect.mapError(call.assumeRole(wanted), asGrammar)
    return {
      AssumedRoleUser: {
        Arn: `${arn}/${session}`,
        AssumedRoleId: `${credentials.roleId}:${session}`
      },
      Credentials: credentialsShown(credentials)
    }
  })
})

const identityTypes = { root: "Account", user: "RAMUser", role: "AssumedRoleUser" } as const

const idsOf = ({ kind, account, id = "", session = "" }: Identity) => {
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

export const GetCallerIdentity = operation({
  about: "Tells who calls.",
  Request: {},
  permission: { on: "nothing" },
  handle: (_request, { identity }) =>
    Effect.succeed({
      AccountId: identity.account,
      Arn: identity.arn,
      IdentityType: identityTypes[identity.kind],
      ...idsOf(identity)
    })
})
