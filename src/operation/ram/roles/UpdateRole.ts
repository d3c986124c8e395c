/** Changes a role. */
import { Effect } from "effect"
import { ramDescriptionCharsMax, roleSessionSeconds } from "../../../domain/limits.ts"
import * as roles from "../../../ram/roles.ts"
import { integer, optional } from "../../parameters.ts"
import { change, onRole, ramOperation } from "../ramOperation.ts"
import { clearable, documentOf, nameErrors, RoleName, textOf } from "../ramParameters.ts"
import { updated } from "./role.ts"

export const UpdateRole = ramOperation({
  about: "Changes a role. A session ends if the new trust policy would not have allowed it.",
  errors: [
    "EntityNotExist.Role",
    "InvalidParameter.NewAssumeRolePolicyDocument.Length",
    "InvalidParameter.NewDescription.Length",
    ...nameErrors("RoleName"),
    "MalformedPolicyDocument"
  ],
  changes: true,
  Request: {
    RoleName,
    NewAssumeRolePolicyDocument: optional(documentOf("NewAssumeRolePolicyDocument"), "The new trust policy."),
    NewDescription: clearable(textOf("NewDescription", ramDescriptionCharsMax), "The new description."),
    NewMaxSessionDuration: optional(integer(roleSessionSeconds), "The new limit of a session, in seconds.")
  },
  on: onRole,
  handle: Effect.fnUntraced(function* (request, call) {
    const { access, clock } = call.services
    const trust = request.NewAssumeRolePolicyDocument
    if (trust !== undefined) yield* access.checkTrust(trust)
    const wanted = {
      at: clock.now(),
      trust,
      description: request.NewDescription,
      maxSessionSeconds: request.NewMaxSessionDuration
    }
    return { Role: updated(yield* change(call, (entities) => roles.updateRole(entities, request.RoleName, wanted))) }
  })
})
