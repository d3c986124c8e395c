/** Lists the users, groups and roles that a policy is attached to. */
import { Effect } from "effect"
import { nameErrors } from "../ramParameters.ts"
import { holdersOf, policyOf } from "../../../ram/entities.ts"
import { namedPolicy } from "../policies/policy.ts"
import { onPolicy, ramOperation, entitiesOf } from "../ramOperation.ts"
import { attachDate, policy } from "./attachment.ts"

export const ListEntitiesForPolicy = ramOperation({
  about: "Lists the users, groups and roles that a policy is attached to.",
  errors: ["EntityNotExist.Policy", ...nameErrors("PolicyName"), "InvalidParameter.PolicyType"],
  Request: policy,
  on: onPolicy,
  handle: (request, call) => {
    const entities = entitiesOf(call)
    const named = namedPolicy(request)
    return Effect.map(Effect.fromResult(policyOf(entities, named)), () => {
      const holders = holdersOf(entities, named)
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
