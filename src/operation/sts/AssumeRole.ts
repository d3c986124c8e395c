/** Issues temporary credentials of a role of this account or of another one. */
import { Effect } from "effect"
import { refuse } from "../../domain/errors.ts"
import { sessionSeconds } from "../../domain/limits.ts"
import { operation } from "../operation.ts"
import { defaulted, optional, required, text } from "../parameters.ts"
import {
  asGrammar,
  credentialsShown,
  duration,
  externalId,
  roleArn,
  sessionName,
  sessionPolicy
} from "./roleSession.ts"

export const AssumeRole = operation({
  about:
    "Issues temporary credentials of a role of this account or of another one. The caller is a user or a session: a root " +
    "cannot assume roles. The caller's policies and the role's trust policy must both allow it.",
  errors: [
    "EntityNotExist.Role",
    "InvalidParameter.DurationSeconds",
    "InvalidParameter.ExternalId",
    "InvalidParameter.PolicyGrammar",
    "InvalidParameter.PolicySize",
    "InvalidParameter.RoleArn",
    "InvalidParameter.RoleSessionName",
    "MissingRoleArn",
    "MissingRoleSessionName"
  ],
  Request: {
    RoleArn: required(roleArn, "The role."),
    RoleSessionName: required(sessionName, "The name of the session, which the audit log records."),
    DurationSeconds: defaulted(
      duration,
      sessionSeconds.default,
      "The lifetime of the credentials, in seconds: up to the role's MaxSessionDuration."
    ),
    Policy: optional(
      sessionPolicy,
      "A policy document that must also allow each call; it narrows the permissions of the role."
    ),
    ExternalId: optional(externalId, "The value of `sts:ExternalId` in conditions of the trust policy."),
    SourceIdentity: optional(text({ charsMax: 64 }), "Not supported: requests with it are refused.")
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
