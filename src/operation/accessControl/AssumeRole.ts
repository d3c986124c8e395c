/** Issues temporary credentials of a role to the account's root, which STS does not let assume roles. */
import { Effect } from "effect"
import { sessionPolicyCharsMax, sessionSeconds } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import { operation } from "../operation.ts"
import { asDocument, defaulted, integer, optional, required, text } from "../parameters.ts"
import type { JsonDocument, Kind } from "../parameters.ts"
import { actorOf, nameErrors, RoleName } from "../ram/ramParameters.ts"
import { sessionName } from "../sts/roleSession.ts"
import { pairShown, root } from "./accounts.ts"

/** KMS has one code for whatever is wrong with these. */
const session: Kind<string, string> = { read: sessionName.read, form: sessionName.form }
const sessionPolicy: Kind<JsonDocument | string, string> = {
  ...text({ charsMin: 1, charsMax: sessionPolicyCharsMax }),
  form: `JSON, up to ${sessionPolicyCharsMax} characters`,
  structured: asDocument
}

export const AssumeRole = operation({
  about:
    "Issues temporary credentials of a role to the account's root, which STS does not let assume roles. They expire in " +
    "real time, whatever the lifecycle clock says.",
  errors: [
    "EntityNotExist.Role",
    "MalformedPolicyDocument",
    ...nameErrors("RoleName"),
    "InvalidParameter.RoleSessionName",
    "MissingRoleSessionName"
  ],
  Request: {
    RoleName,
    RoleSessionName: required(session, "Who uses the role, as the audit log names it."),
    Policy: optional(sessionPolicy, "A policy document that must allow as well; it narrows what the role may do."),
    DurationSeconds: defaulted(integer(sessionSeconds), sessionSeconds.default, "How long, in seconds.")
  },
  permission: root,
  handle: (request, call) => {
    const { RoleName, RoleSessionName, Policy, DurationSeconds } = request
    const session = { role: RoleName, session: RoleSessionName, policy: Policy, seconds: DurationSeconds }
    return Effect.map(call.world.access.issueSession(actorOf(call), session), (credentials) => ({
      AssumedRoleUser: { Arn: credentials.arn },
      Credentials: {
        ...pairShown(credentials),
        SecurityToken: credentials.securityToken,
        Expiration: formatInstant(credentials.expiresAt)
      }
    }))
  }
})
