/** Lists the policies of the account and the system policies, by name. */
import { Effect } from "effect"
import { attachmentCounts } from "../../../ram/entities.ts"
import { systemPolicies } from "../../../ram/systemPolicies.ts"
import { optional } from "../../parameters.ts"
import { pageOf, paging } from "../pages.ts"
import { onPolicies, ramOperation, entitiesOf } from "../ramOperation.ts"
import { TagFilter, hasTags, tagsShown } from "../tags/tagParameters.ts"
import { listed, policyType } from "./policy.ts"

export const ListPolicies = ramOperation({
  about: "Lists the policies of the account and the system policies, by name.",
  errors: ["InvalidParameter.PolicyType"],
  Request: {
    PolicyType: optional(policyType, "Only policies of this type."),
    ...paging,
    Tag: TagFilter
  },
  on: onPolicies,
  handle: ({ PolicyType, Tag, ...page }, call) =>
    Effect.sync(() => {
      const entities = entitiesOf(call)
      const custom = [...entities.policies.values()].map(({ name, is }) => ({ name, type: "Custom", is }) as const)
      const system = [...systemPolicies].map(([name, is]) => ({ name, type: "System", is }) as const)
      const wanted = [...custom, ...system].filter(
        ({ type, is }) => (PolicyType === undefined || type === PolicyType) && hasTags(is.tags, Tag)
      )
      const { items, place } = pageOf(wanted, page)
      const countOf = attachmentCounts(entities)
      const Policy = items.map(({ name, type, is }) => ({
        ...listed({ name, type }, is, countOf({ name, type })),
        ...tagsShown(is.tags)
      }))
      return { Policies: { Policy }, ...place }
    })
})
