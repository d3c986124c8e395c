/** Replaces the policy of a CMK. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyPolicyFault, keyPolicyText, policyName } from "./keyPolicy.ts"
import { keyOperation } from "../operation.ts"
import { defaulted, oneOf, required } from "../parameters.ts"

export const SetKeyPolicy = keyOperation({
  about: "Replaces the policy of a CMK. It is in force for every call that is answered later.",
  errors: ["Unsupported.Alias", ...refusalCodes.SetKeyPolicy],
  changes: true,
  Request: {
    KeyId: keyId,
    PolicyName: defaulted(oneOf([policyName]), policyName, "The policy name; a key has only `default`."),
    Policy: required(keyPolicyText, "The key policy.")
  },
  malformed: ({ Policy }, call) => keyPolicyFault(Policy, call),
  permission: { on: "key", alias: false },
  handle: ({ Policy }, call, key) =>
    change(call, key, (at) => ({ type: "SetKeyPolicy", at }), {
      edit: { type: "SetPolicy", policy: Policy }
    })
})
