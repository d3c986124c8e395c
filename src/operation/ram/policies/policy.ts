/** RAM: policies, as requests name them and as replies show them. System policies are the same in each account. */
import { refuse } from "../../../domain/errors.ts"
import { formatInstant } from "../../../domain/time.ts"
import type { PolicyRecord, PolicyType, PolicyVersion } from "../../../ram/records.ts"
import type { PolicyName as NamedPolicy } from "../../../ram/entities.ts"
import { oneOf, required } from "../../parameters.ts"
import type { Kind } from "../../parameters.ts"
import { formOf } from "../ramParameters.ts"

export const policyType: Kind<PolicyType, PolicyType, "InvalidParameter.PolicyType"> = {
  ...oneOf(["Custom", "System"]),
  invalidError: () =>
    refuse("InvalidParameter.PolicyType", { parameter: "PolicyType", hint: "PolicyType is Custom or System." })
}

export const PolicyTypeGiven = required(policyType, "Whether it is a policy of the account or a system policy.")

export const namedPolicy = (request: {
  readonly PolicyName: string
  readonly PolicyType: PolicyType
}): NamedPolicy => ({
  name: request.PolicyName,
  type: request.PolicyType
})

export const summary = ({ name, type }: NamedPolicy, is: PolicyRecord) => ({
  PolicyName: name,
  PolicyType: type,
  Description: is.description,
  DefaultVersion: is.defaultVersion,
  CreateDate: formatInstant(is.createdAt)
})

export const listed = (policy: NamedPolicy, is: PolicyRecord, AttachmentCount: number) => ({
  ...summary(policy, is),
  UpdateDate: formatInstant(is.updatedAt),
  AttachmentCount
})

export const versionShown = (is: PolicyRecord, { id, createdAt, document }: PolicyVersion) => ({
  VersionId: id,
  IsDefaultVersion: id === is.defaultVersion,
  CreateDate: formatInstant(createdAt),
  PolicyDocument: document
})

export const VersionId = required(formOf("VersionId", /^v[1-9][0-9]{0,8}$/, "`v` and a number"), "The version.")

export const rotateStrategies = ["None", "DeleteOldestNonDefaultVersionWhenLimitExceeded"] as const
