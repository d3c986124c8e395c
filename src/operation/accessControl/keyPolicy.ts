/** The parameters of key policies. */
import type { ErrorOf } from "../../domain/errors.ts"
import { keyPolicyBytesMax } from "../../domain/limits.ts"
import { keyPolicyLengthFault } from "../../domain/keyPolicyLength.ts"
import type { Call } from "../operation.ts"
import { asDocument, text } from "../parameters.ts"
import type { JsonDocument, Kind } from "../parameters.ts"

/** Only length is checked here. Access control, which knows the grammar of policies, checks the content. */
const policyText = text({ charsMin: 1, charsMax: keyPolicyBytesMax })

export const keyPolicyText: Kind<JsonDocument | string, string> = {
  ...policyText,
  read: (given) => {
    const policy = policyText.read(given)
    return policy === undefined || keyPolicyLengthFault(policy) !== undefined ? undefined : policy
  },
  fault: (given) => (typeof given === "string" ? keyPolicyLengthFault(given) : undefined) ?? policyText.fault?.(given),
  form: `JSON document of up to ${keyPolicyBytesMax} bytes`,
  structured: asDocument
}

/** The name of the only policy of a key. */
export const policyName = "default"

export const keyPolicyFault = (
  policy: string | undefined,
  { realm, services }: Call
): ErrorOf<"InvalidParameter"> | undefined =>
  policy === undefined ? undefined : services.keyPolicies.fault(realm.account, policy)
