/** Operations of RAM that earlier releases answered under KMS's version. */
import { refuse } from "../../domain/errors.ts"
import type { AnyKmsError, ErrorCode } from "../../domain/errors.ts"
import type { Operation } from "../operation.ts"
import type { Source } from "../parameters.ts"
import { ramOperations } from "../ram/catalogue.ts"
import { CreateRole } from "./CreateRole.ts"

const custom = (source: Source): Source => ({
  get: (name) => source.get(name) ?? (name === "PolicyType" ? "Custom" : undefined),
  names: () => source.names()
})

/** KMS has one code for each invalid parameter; RAM has several. */
const inKmsWords = (error: AnyKmsError): AnyKmsError =>
  error.code.startsWith("InvalidParameter.")
    ? refuse("InvalidParameter", {
        ...(error.parameter === undefined ? {} : { parameter: error.parameter }),
        ...(error.hint === undefined ? {} : { hint: error.hint })
      })
    : error

/** The KMS codes for the same errors. */
type InKms<Code extends ErrorCode> = Exclude<Code, `InvalidParameter.${string}`>

const isInKms = <Code extends ErrorCode>(code: Code): code is InKms<Code> => !code.startsWith("InvalidParameter.")

const earlier = <In, A, Code extends ErrorCode>(known: Operation<In, A, Code>): Operation<In, A, InKms<Code>> => ({
  ...known,
  errors: known.errors.filter(isInKms),
  run: (source, settings) => {
    const prepared = known.run(source, settings)
    return prepared.ok ? prepared : { ok: false, error: inKmsWords(prepared.error) }
  }
})

type WithoutType<In> = Omit<In, "PolicyType"> & { readonly PolicyType?: "Custom" | "System" | undefined }

/** For programs that know only policies of the account. */
const ofCustomPolicies = <In, A, Code extends ErrorCode>(
  known: Operation<In, A, Code>
): Operation<WithoutType<In>, A, InKms<Code>> => {
  const { input: _input, ...rest } = earlier(known)
  return { ...rest, run: (source, settings) => rest.run(custom(source), settings) }
}

/**
 * Operations of RAM that earlier releases answered under KMS's version. The published KMS API has none of these names.
 */
export const earlierNames = {
  CreateUser: earlier(ramOperations.CreateUser),
  DeleteUser: earlier(ramOperations.DeleteUser),
  ListUsers: earlier(ramOperations.ListUsers),
  CreateAccessKey: earlier(ramOperations.CreateAccessKey),
  UpdateAccessKey: earlier(ramOperations.UpdateAccessKey),
  DeleteAccessKey: earlier(ramOperations.DeleteAccessKey),
  ListAccessKeys: earlier(ramOperations.ListAccessKeys),
  GetPolicy: ofCustomPolicies(ramOperations.GetPolicy),
  AttachPolicyToUser: ofCustomPolicies(ramOperations.AttachPolicyToUser),
  DetachPolicyFromUser: ofCustomPolicies(ramOperations.DetachPolicyFromUser),
  ListPoliciesForUser: earlier(ramOperations.ListPoliciesForUser),
  CreateRole: earlier(CreateRole),
  DeleteRole: earlier(ramOperations.DeleteRole),
  ListRoles: earlier(ramOperations.ListRoles),
  AttachPolicyToRole: ofCustomPolicies(ramOperations.AttachPolicyToRole),
  DetachPolicyFromRole: ofCustomPolicies(ramOperations.DetachPolicyFromRole),
  ListPoliciesForRole: earlier(ramOperations.ListPoliciesForRole)
} as const
