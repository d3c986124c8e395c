/** RAM: attaching policies to users, groups and roles, and detaching them. */
import { Effect } from "effect"
import { formatInstant } from "../../../domain/time.ts"
import { attachPolicy, detachPolicy } from "../../../ram/attachments.ts"
import type { Attachment, Group, Role, User } from "../../../ram/records.ts"
import { holderOf, policyOf } from "../../../ram/entities.ts"
import type { Holder, HolderKind, PolicyName as NamedPolicy } from "../../../ram/entities.ts"
import type { Call } from "../../operation.ts"
import { PolicyTypeGiven } from "../policies/policy.ts"
import { change, done, entitiesOf } from "../ramOperation.ts"
import { PolicyName } from "../ramParameters.ts"

export const policy = { PolicyName, PolicyType: PolicyTypeGiven } as const

export const attach = <Kind extends HolderKind>(call: Call, policy: NamedPolicy, to: Holder<Kind>) =>
  done(change(call, (entities) => attachPolicy(entities, policy, to, call.services.clock.now())))

export const detach = <Kind extends HolderKind>(call: Call, policy: NamedPolicy, from: Holder<Kind>) =>
  done(change(call, (entities) => detachPolicy(entities, policy, from)))

/** The policies attached to one holder, in the order in which they were attached. */
export const attached = <Kind extends HolderKind>(call: Call, holder: Holder<Kind>) => {
  const entities = entitiesOf(call)
  return Effect.map(Effect.fromResult(holderOf(entities, holder)), ({ is }) => {
    const Policy = is.policies.flatMap(({ at, ...named }) => {
      const found = policyOf(entities, named)
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

export const attachDate = ({ is }: User | Group | Role, { name, type }: NamedPolicy): string => {
  const isIt = (attachment: Attachment): boolean => attachment.name === name && attachment.type === type
  return formatInstant(is.policies.find(isIt)?.at ?? 0)
}
