/** Issues temporary credentials of a role to the account's root. STS does not let a root assume roles. */
import { Effect } from "effect"
import { sessionPolicyCharsMax, sessionSeconds } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import { operation } from "../operation.ts"
import { asDocument, defaulted, integer, optional, required, text } from "../parameters.ts"
import type { JsonDocument, Kind } from "../parameters.ts"
import { actorOf, nameErrors, RoleName } from "../ram/ramParameters.ts"
import { sessionName } from "../sts/roleSession.ts"
import { pairShown, root } from "./accounts.ts"

/** KMS has one code for all faults of these parameters. */
const session: Kind<string, string> = { read: sessionName.read, form: sessionName.form }
const sessionPolicy: Kind<JsonDocument | string, string> = {
  ...text({ charsMin: 1, charsMax: sessionPolicyCharsMax }),
  form: `JSON, up to ${sessionPolicyCharsMax} characters`,
  structured: asDocument
}

export const AssumeRole = operation({
  about:
    "Issues temporary credentials of a role to the account's root, which cannot assume roles by STS. They expire in " +
    "real time; the lifecycle clock does not affect them.",
  errors: [
    "EntityNotExist.Role",
    "MalformedPolicyDocument",
    ...nameErrors("RoleName"),
    "InvalidParameter.RoleSessionName",
    "MissingRoleSessionName"
  ],
  Request: {
    RoleName,
    RoleSessionName: required(session, "The name of the session, which the audit log records."),
    Policy: optional(
      sessionPolicy,
      "A policy document that must also allow each call; it narrows the permissions of the role."
    ),
    DurationSeconds: defaulted(
      integer(sessionSeconds),
      sessionSeconds.default,
      "The lifetime of the credentials, in seconds."
    )
  },
  permission: root,
  handle: (request, call) => {
    const { RoleName, RoleSessionName, Policy, DurationSeconds } = request
    const session = { role: RoleName, session: RoleSessionName, policy: Policy, seconds: DurationSeconds }
    return Effect.map(call.services.access.issueSession(actorOf(call), session), (credentials) => ({
      AssumedRoleUser: { Arn: credentials.arn },
      Credentials: {
        ...pairShown(credentials),
        SecurityToken: credentials.securityToken,
        Expiration: formatInstant(credentials.expiresAt)
      }
    }))
  }
})
