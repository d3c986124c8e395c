/** Creates a role that users and roles of the account can assume. */
import { roleSessionSeconds } from "../../domain/limits.ts"
import { newRoleId } from "../../ram/ids.ts"
import * as roles from "../../ram/roles.ts"
import { trustOf } from "../../ram/trust.ts"
import { change, done, onRoles, ramOperation } from "../ram/ramOperation.ts"
import { nameErrors, RoleName } from "../ram/ramParameters.ts"

/** CreateRole under KMS's version, for programs of earlier releases. They send no trust policy. */
export const CreateRole = ramOperation({
  about: "Creates a role that users and roles of the account can assume. RAM's CreateRole takes a trust policy.",
  errors: ["EntityAlreadyExists.Role", ...nameErrors("RoleName"), "LimitExceeded.Role"],
  changes: true,
  Request: { RoleName },
  on: onRoles,
  handle: (request, call) => {
    const { clock, randomness } = call.services
    const role = {
      name: request.RoleName,
      id: newRoleId(randomness),
      trust: trustOf(call.realm.account),
      description: "",
      maxSessionSeconds: roleSessionSeconds.maximum,
      tags: {},
      at: clock.now()
    }
    return done(change(call, (entities) => roles.createRole(entities, role)))
  }
})
