/** RAM: roles. */
import { Effect } from "effect"
import { ramDescriptionCharsMax, roleSessionSeconds } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import { newRoleId } from "../../ram/ids.ts"
import type { Role } from "../../ram/records.ts"
import * as roles from "../../ram/roles.ts"
import { roleOf } from "../../ram/shelf.ts"
import { defaulted, integer, optional, required } from "../parameters.ts"
import { clearable, documentOf, RoleName, textOf } from "../accessControl/ramParameters.ts"
import { pageOf, paging } from "./pages.ts"
import { change, done, onRole, onRoles, ramOperation, shelfOf } from "./ramOperation.ts"
import { hasTags, TagFilter, Tag, tagMapOf, tagsFault, tagsShown } from "./tagParameters.ts"

const listed = ({ account, name, is }: Role) => ({
  RoleId: is.id,
  RoleName: name,
  Arn: `acs:ram::${account}:role/${name}`,
  Description: is.description,
  MaxSessionDuration: is.maxSessionSeconds,
  CreateDate: formatInstant(is.createdAt)
})

const shown = (role: Role) => ({ ...listed(role), AssumeRolePolicyDocument: role.is.trust })
const updated = (role: Role) => ({ ...shown(role), UpdateDate: formatInstant(role.is.updatedAt) })

export const CreateRole = ramOperation({
  about: "Creates a role. It has no permission yet; its trust policy says who can assume it.",
  changes: true,
  Request: {
    RoleName,
    AssumeRolePolicyDocument: required(documentOf("AssumeRolePolicyDocument"), "The trust policy."),
    Description: optional(textOf("Description", ramDescriptionCharsMax), "The description."),
    MaxSessionDuration: defaulted(
      integer(roleSessionSeconds),
      roleSessionSeconds.default,
      "How long a session of the role may last, in seconds."
    ),
    Tag
  },
  conflict: ({ Tag }) => tagsFault(Tag),
  requestTags: ({ Tag }) => tagMapOf(Tag),
  on: onRoles,
  handle: Effect.fnUntraced(function* (request, call) {
    const { access, clock, randomness } = call.world
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
    return { Role: shown(yield* change(call, (shelf) => roles.createRole(shelf, role))) }
  })
})

export const GetRole = ramOperation({
  about: "Shows a role with its trust policy.",
  Request: { RoleName },
  on: onRole,
  handle: (request, call) =>
    Effect.map(Effect.fromResult(roleOf(shelfOf(call), request.RoleName)), (role) => ({ Role: updated(role) }))
})

export const UpdateRole = ramOperation({
  about: "Changes a role. Sessions end that the new trust policy would not have allowed to begin.",
  changes: true,
  Request: {
    RoleName,
    NewAssumeRolePolicyDocument: optional(documentOf("NewAssumeRolePolicyDocument"), "The new trust policy."),
    NewDescription: clearable(textOf("NewDescription", ramDescriptionCharsMax), "The new description."),
    NewMaxSessionDuration: optional(integer(roleSessionSeconds), "The new longest session, in seconds.")
  },
  on: onRole,
  handle: Effect.fnUntraced(function* (request, call) {
    const { access, clock } = call.world
    const trust = request.NewAssumeRolePolicyDocument
    if (trust !== undefined) yield* access.checkTrust(trust)
    const wanted = {
      at: clock.now(),
      trust,
      description: request.NewDescription,
      maxSessionSeconds: request.NewMaxSessionDuration
    }
    return { Role: updated(yield* change(call, (shelf) => roles.updateRole(shelf, request.RoleName, wanted))) }
  })
})

export const DeleteRole = ramOperation({
  about: "Deletes a role that has no policies any more. Its sessions end, also if a role of its name is created again.",
  changes: true,
  Request: { RoleName },
  on: onRole,
  handle: (request, call) => done(change(call, (shelf) => roles.deleteRole(shelf, request.RoleName)))
})

export const ListRoles = ramOperation({
  about: "Lists the roles of the account, by name.",
  Request: { ...paging, Tag: TagFilter },
  on: onRoles,
  handle: ({ Tag, ...page }, call) =>
    Effect.sync(() => {
      const wanted = [...shelfOf(call).roles.values()].filter(({ is }) => hasTags(is.tags, Tag))
      const { items, place } = pageOf(wanted, page)
      const Role = items.map((role) => ({
        ...listed(role),
        UpdateDate: formatInstant(role.is.updatedAt),
        ...tagsShown(role.is.tags)
      }))
      return { Roles: { Role }, ...place }
    })
})
