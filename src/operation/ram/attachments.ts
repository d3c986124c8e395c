/** RAM: policies attached to users, groups and roles. */
import { Effect } from "effect"
import { formatInstant } from "../../domain/time.ts"
import { attachPolicy, detachPolicy } from "../../ram/attachments.ts"
import type { Attachment, Group, Role, User } from "../../ram/records.ts"
import { holderOf, holdersOf, policyOf } from "../../ram/shelf.ts"
import type { Holder } from "../../ram/shelf.ts"
import type { PolicyName as NamedPolicy } from "../../ram/shelf.ts"
import type { Call } from "../operation.ts"
import { GroupName, PolicyName, RoleName, UserName } from "../accessControl/ramParameters.ts"
import { namedPolicy, PolicyTypeGiven } from "./policies.ts"
import {
  change,
  done,
  onGroup,
  onGroupAndPolicy,
  onPolicy,
  onRole,
  onRoleAndPolicy,
  onUser,
  onUserAndPolicy,
  ramOperation,
  shelfOf
} from "./ramOperation.ts"

const policy = { PolicyName, PolicyType: PolicyTypeGiven } as const

const attach = (call: Call, policy: NamedPolicy, to: Holder) =>
  done(change(call, (shelf) => attachPolicy(shelf, policy, to, call.world.clock.now())))

const detach = (call: Call, policy: NamedPolicy, from: Holder) =>
  done(change(call, (shelf) => detachPolicy(shelf, policy, from)))

export const AttachPolicyToUser = ramOperation({
  about: "Attaches a policy to a user.",
  changes: true,
  Request: { ...policy, UserName },
  on: onUserAndPolicy,
  handle: (request, call) => attach(call, namedPolicy(request), { kind: "user", name: request.UserName })
})

export const DetachPolicyFromUser = ramOperation({
  about: "Detaches a policy from a user.",
  changes: true,
  Request: { ...policy, UserName },
  on: onUserAndPolicy,
  handle: (request, call) => detach(call, namedPolicy(request), { kind: "user", name: request.UserName })
})

export const AttachPolicyToGroup = ramOperation({
  about: "Attaches a policy to a group. It counts for each user of the group.",
  changes: true,
  Request: { ...policy, GroupName },
  on: onGroupAndPolicy,
  handle: (request, call) => attach(call, namedPolicy(request), { kind: "group", name: request.GroupName })
})

export const DetachPolicyFromGroup = ramOperation({
  about: "Detaches a policy from a group.",
  changes: true,
  Request: { ...policy, GroupName },
  on: onGroupAndPolicy,
  handle: (request, call) => detach(call, namedPolicy(request), { kind: "group", name: request.GroupName })
})

export const AttachPolicyToRole = ramOperation({
  about: "Attaches a policy to a role.",
  changes: true,
  Request: { ...policy, RoleName },
  on: onRoleAndPolicy,
  handle: (request, call) => attach(call, namedPolicy(request), { kind: "role", name: request.RoleName })
})

export const DetachPolicyFromRole = ramOperation({
  about: "Detaches a policy from a role.",
  changes: true,
  Request: { ...policy, RoleName },
  on: onRoleAndPolicy,
  handle: (request, call) => detach(call, namedPolicy(request), { kind: "role", name: request.RoleName })
})

/** The policies attached to one holder, in the order in which they were attached. */
const attached = (call: Call, holder: Holder) => {
  const shelf = shelfOf(call)
  return Effect.map(Effect.fromResult(holderOf(shelf, holder)), ({ is }) => {
    const Policy = is.policies.flatMap(({ at, ...named }) => {
      const found = policyOf(shelf, named)
      if (found._tag === "Failure") return []
      const { description, defaultVersion } = found.success
      return {
        PolicyName: named.name,
        PolicyType: named.type,
        Description: description,
        DefaultVersion: defaultVersion,
        AttachDate: formatInstant(at)
      }
    })
    return { Policies: { Policy } }
  })
}

export const ListPoliciesForUser = ramOperation({
  about: "Lists the policies attached to a user itself, not to its groups.",
  Request: { UserName },
  on: onUser,
  handle: (request, call) => attached(call, { kind: "user", name: request.UserName })
})

export const ListPoliciesForGroup = ramOperation({
  about: "Lists the policies attached to a group.",
  Request: { GroupName },
  on: onGroup,
  handle: (request, call) => attached(call, { kind: "group", name: request.GroupName })
})

export const ListPoliciesForRole = ramOperation({
  about: "Lists the policies attached to a role.",
  Request: { RoleName },
  on: onRole,
  handle: (request, call) => attached(call, { kind: "role", name: request.RoleName })
})

const attachDate = ({ is }: User | Group | Role, { name, type }: NamedPolicy): string => {
  const isIt = (attachment: Attachment): boolean => attachment.name === name && attachment.type === type
  return formatInstant(is.policies.find(isIt)?.at ?? 0)
}

export const ListEntitiesForPolicy = ramOperation({
  about: "Lists the users, groups and roles that a policy is attached to.",
  Request: policy,
  on: onPolicy,
  handle: (request, call) => {
    const shelf = shelfOf(call)
    const named = namedPolicy(request)
    return Effect.map(Effect.fromResult(policyOf(shelf, named)), () => {
      const holders = holdersOf(shelf, named)
      const User = holders.flatMap((holder) =>
        holder.kind === "user"
          ? {
              UserId: holder.is.id,
              UserName: holder.name,
              DisplayName: holder.is.displayName,
              AttachDate: attachDate(holder, named)
            }
          : []
      )
      const Group = holders.flatMap((holder) =>
        holder.kind === "group"
          ? { GroupName: holder.name, Comments: holder.is.comments, AttachDate: attachDate(holder, named) }
          : []
      )
      const Role = holders.flatMap((holder) =>
        holder.kind === "role"
          ? {
              RoleId: holder.is.id,
              RoleName: holder.name,
              Arn: `acs:ram::${holder.account}:role/${holder.name}`,
              Description: holder.is.description,
              AttachDate: attachDate(holder, named)
            }
          : []
      )
      return { Users: { User }, Groups: { Group }, Roles: { Role } }
    })
  }
})
