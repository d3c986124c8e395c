/** Creates a role. */
import { Effect } from "effect"
import { tagErrors } from "../../tags/tags.ts"
import { ramDescriptionCharsMax, roleSessionSeconds } from "../../../domain/limits.ts"
import { newRoleId } from "../../../ram/ids.ts"
import * as roles from "../../../ram/roles.ts"
import { defaulted, integer, optional, required } from "../../parameters.ts"
import { change, onRoles, ramOperation } from "../ramOperation.ts"
import { documentOf, nameErrors, RoleName, textOf } from "../ramParameters.ts"
import { Tag, tagMapOf, tagsFault } from "../tags/tagParameters.ts"
import { shown } from "./role.ts"

export const CreateRole = ramOperation({
  about: "Creates a role without permissions. Its trust policy says who can assume it.",
  errors: [
    "EntityAlreadyExists.Role",
    "InvalidParameter.AssumeRolePolicyDocument.Length",
    "InvalidParameter.Description.Length",
    ...nameErrors("RoleName"),
    "LimitExceeded.Role",
    "MalformedPolicyDocument",
    ...tagErrors
  ],
  changes: true,
  Request: {
    RoleName,
    AssumeRolePolicyDocument: required(documentOf("AssumeRolePolicyDocument"), "The trust policy."),
    Description: optional(textOf("Description", ramDescriptionCharsMax), "The description."),
    MaxSessionDuration: defaulted(
      integer(roleSessionSeconds),
      roleSessionSeconds.default,
      "The longest session of the role, in seconds."
    ),
    Tag
  },
  conflict: ({ Tag }) => tagsFault(Tag),
  requestTags: ({ Tag }) => tagMapOf(Tag),
  on: onRoles,
  handle: Effect.fnUntraced(function* (request, call) {
    const { access, clock, randomness } = call.services
    const trust = request.AssumeRolePolicyDocument
    yield* access.checkTrust(trust)
    const role = {
      name: request.RoleName,
      id: newRoleId(randomness),
      trust,
      description: request.Description ?? "",
      maxSessionSeconds: request.MaxSessionDuration,
      tags: tagMapOf(request.Tag),
      at: clock.now()
    }
    return { Role: shown(yield* change(call, (entities) => roles.createRole(entities, role))) }
  })
})
