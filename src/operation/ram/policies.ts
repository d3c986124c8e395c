/** RAM: policies. System policies are the same for each account and cannot be changed. */
import { Effect, Result } from "effect"
import { refuse } from "../../domain/errors.ts"
import { ramDescriptionCharsMax } from "../../domain/limits.ts"
import { formatInstant } from "../../domain/time.ts"
import * as policies from "../../ram/policies.ts"
import { documentOf as documentInForce } from "../../ram/records.ts"
import type { PolicyRecord, PolicyType, PolicyVersion } from "../../ram/records.ts"
import { attachmentCounts, holdersOf, policyOf } from "../../ram/shelf.ts"
import type { PolicyName as NamedPolicy } from "../../ram/shelf.ts"
import { systemPolicies } from "../../ram/systemPolicies.ts"
import { boolean, defaulted, oneOf, optional, required, requiredMaybeEmpty } from "../parameters.ts"
import type { Kind } from "../parameters.ts"
import { documentOf, formOf, PolicyName, textOf } from "../accessControl/ramParameters.ts"
import { pageOf, paging } from "./pages.ts"
import { change, done, onCustomPolicy, onPolicies, onPolicy, ramOperation, shelfOf } from "./ramOperation.ts"
import { hasTags, Tag, TagFilter, tagMapOf, tagsFault, tagsShown } from "./tagParameters.ts"

const policyType: Kind<PolicyType, PolicyType> = {
  ...oneOf(["Custom", "System"]),
  invalidError: () =>
    refuse("InvalidParameter.PolicyType", { parameter: "PolicyType", hint: "PolicyType is Custom or System." })
}

export const PolicyTypeGiven = required(policyType, "Whether the policy is one of the account or a system policy.")

export const namedPolicy = (request: {
  readonly PolicyName: string
  readonly PolicyType: PolicyType
}): NamedPolicy => ({
  name: request.PolicyName,
  type: request.PolicyType
})

const summary = ({ name, type }: NamedPolicy, is: PolicyRecord) => ({
  PolicyName: name,
  PolicyType: type,
  Description: is.description,
  DefaultVersion: is.defaultVersion,
  CreateDate: formatInstant(is.createdAt)
})

const listed = (policy: NamedPolicy, is: PolicyRecord, AttachmentCount: number) => ({
  ...summary(policy, is),
  UpdateDate: formatInstant(is.updatedAt),
  AttachmentCount
})

const versionShown = (is: PolicyRecord, { id, createdAt, document }: PolicyVersion) => ({
  VersionId: id,
  IsDefaultVersion: id === is.defaultVersion,
  CreateDate: formatInstant(createdAt),
  PolicyDocument: document
})

export const CreatePolicy = ramOperation({
  about: "Creates a policy of the account. A document is taken only if all of it is understood.",
  changes: true,
  Request: {
    PolicyName,
    PolicyDocument: required(documentOf("PolicyDocument"), "The policy document."),
    Description: optional(textOf("Description", ramDescriptionCharsMax), "The description."),
    Tag
  },
  conflict: ({ Tag }) => tagsFault(Tag),
  requestTags: ({ Tag }) => tagMapOf(Tag),
  on: onPolicies,
  handle: Effect.fnUntraced(function* (request, call) {
    const { access, clock } = call.world
    yield* access.checkPolicy(request.PolicyDocument)
    const policy = {
      name: request.PolicyName,
      document: request.PolicyDocument,
      description: request.Description ?? "",
      tags: tagMapOf(request.Tag),
      at: clock.now()
    }
    const { name, is } = yield* change(call, (shelf) => policies.createPolicy(shelf, policy))
    return { Policy: summary({ name, type: "Custom" }, is) }
  })
})

export const GetPolicy = ramOperation({
  about: "Shows a policy with the document of its default version, as it was written.",
  Request: { PolicyName, PolicyType: PolicyTypeGiven },
  on: onPolicy,
  handle: (request, call) => {
    const shelf = shelfOf(call)
    const policy = namedPolicy(request)
    return Effect.fromResult(
      Result.gen(function* () {
        const is = yield* policyOf(shelf, policy)
        const version = yield* policies.versionOf({ is }, is.defaultVersion)
        return {
          Policy: { ...listed(policy, is, holdersOf(shelf, policy).length), PolicyDocument: documentInForce(is) },
          DefaultPolicyVersion: versionShown(is, version)
        }
      })
    )
  }
})

export const UpdatePolicyDescription = ramOperation({
  about: "Changes the description of a policy of the account.",
  changes: true,
  Request: {
    PolicyName,
    NewDescription: requiredMaybeEmpty(textOf("NewDescription", ramDescriptionCharsMax), "The new description.")
  },
  on: onCustomPolicy,
  handle: ({ PolicyName: name, NewDescription }, call) =>
    Effect.map(
      change(call, (shelf) => policies.describePolicy(shelf, name, NewDescription, call.world.clock.now())),
      ({ is }) => ({ Policy: summary({ name, type: "Custom" }, is) })
    )
})

export const DeletePolicy = ramOperation({
  about: "Deletes a policy of the account that is not attached and has no version beside the default one.",
  changes: true,
  Request: {
    PolicyName,
    CascadingDelete: defaulted(boolean, false, "Whether its other versions are deleted with it.")
  },
  on: onCustomPolicy,
  handle: (request, call) =>
    done(change(call, (shelf) => policies.deletePolicy(shelf, request.PolicyName, request.CascadingDelete)))
})

export const ListPolicies = ramOperation({
  about: "Lists the policies of the account and the system policies, by name.",
  Request: {
    PolicyType: optional(policyType, "Only policies of this type."),
    ...paging,
    Tag: TagFilter
  },
  on: onPolicies,
  handle: ({ PolicyType, Tag, ...page }, call) =>
    Effect.sync(() => {
      const shelf = shelfOf(call)
      const custom = [...shelf.policies.values()].map(({ name, is }) => ({ name, type: "Custom", is }) as const)
      const system = [...systemPolicies].map(([name, is]) => ({ name, type: "System", is }) as const)
      const wanted = [...custom, ...system].filter(
        ({ type, is }) => (PolicyType === undefined || type === PolicyType) && hasTags(is.tags, Tag)
      )
      const { items, place } = pageOf(wanted, page)
      const countOf = attachmentCounts(shelf)
      const Policy = items.map(({ name, type, is }) => ({
        ...listed({ name, type }, is, countOf({ name, type })),
        ...tagsShown(is.tags)
      }))
      return { Policies: { Policy }, ...place }
    })
})

const VersionId = required(formOf("VersionId", /^v[1-9][0-9]{0,8}$/, "`v` and a number"), "The version.")

const rotateStrategies = ["None", "DeleteOldestNonDefaultVersionWhenLimitExceeded"] as const

export const CreatePolicyVersion = ramOperation({
  about: "Adds a version to a policy of the account, which has at most five.",
  changes: true,
  Request: {
    PolicyName,
    PolicyDocument: required(documentOf("PolicyDocument"), "The policy document."),
    SetAsDefault: defaulted(boolean, false, "Whether the version is in force at once."),
    RotateStrategy: defaulted(
      oneOf(rotateStrategies),
      "None",
      "Whether the oldest version that is not the default one makes room."
    )
  },
  on: onCustomPolicy,
  handle: Effect.fnUntraced(function* (request, call) {
    const { access, clock } = call.world
    yield* access.checkPolicy(request.PolicyDocument)
    const wanted = {
      document: request.PolicyDocument,
      setAsDefault: request.SetAsDefault,
      rotate: request.RotateStrategy !== "None",
      at: clock.now()
    }
    const { id, createdAt, document } = yield* change(call, (shelf) =>
      policies.createPolicyVersion(shelf, request.PolicyName, wanted)
    )
    return {
      PolicyVersion: {
        VersionId: id,
        IsDefaultVersion: wanted.setAsDefault,
        CreateDate: formatInstant(createdAt),
        PolicyDocument: document
      }
    }
  })
})

export const GetPolicyVersion = ramOperation({
  about: "Shows a version of a policy.",
  Request: { PolicyName, PolicyType: PolicyTypeGiven, VersionId },
  on: onPolicy,
  handle: (request, call) =>
    Effect.fromResult(
      Result.gen(function* () {
        const is = yield* policyOf(shelfOf(call), namedPolicy(request))
        return { PolicyVersion: versionShown(is, yield* policies.versionOf({ is }, request.VersionId)) }
      })
    )
})

export const ListPolicyVersions = ramOperation({
  about: "Lists the versions of a policy, oldest first.",
  Request: { PolicyName, PolicyType: PolicyTypeGiven },
  on: onPolicy,
  handle: (request, call) =>
    Effect.map(Effect.fromResult(policyOf(shelfOf(call), namedPolicy(request))), (is) => ({
      PolicyVersions: { PolicyVersion: is.versions.map((version) => versionShown(is, version)) }
    }))
})

export const SetDefaultPolicyVersion = ramOperation({
  about: "Puts a version of a policy in force, at once and for everything it is attached to.",
  changes: true,
  Request: { PolicyName, VersionId },
  on: onCustomPolicy,
  handle: ({ PolicyName: name, VersionId: version }, call) =>
    done(change(call, (shelf) => policies.setDefaultPolicyVersion(shelf, { name, version }, call.world.clock.now())))
})

export const DeletePolicyVersion = ramOperation({
  about: "Deletes a version of a policy that is not the default one.",
  changes: true,
  Request: { PolicyName, VersionId },
  on: onCustomPolicy,
  handle: ({ PolicyName: name, VersionId: version }, call) =>
    done(change(call, (shelf) => policies.deletePolicyVersion(shelf, { name, version }, call.world.clock.now())))
})
