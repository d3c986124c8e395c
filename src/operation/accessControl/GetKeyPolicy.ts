/** Shows the policy of a CMK. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { refuse } from "../../domain/errors.ts"
import { keyId } from "../keyReference.ts"
import { policyName } from "./keyPolicy.ts"
import { keyOperation } from "../operation.ts"
import { defaulted, text } from "../parameters.ts"

export const GetKeyPolicy = keyOperation({
  about: "Shows the policy of a CMK as it was set, or the default policy.",
  errors: ["Unsupported.Alias", ...refusalCodes.GetKeyPolicy, "Forbidden.ResourceNotFound"],
  Request: {
    KeyId: keyId,
    PolicyName: defaulted(
      text({ charsMin: 1, charsMax: 128 }),
      policyName,
      "The policy name; a key has only `default`."
    )
  },
  permission: { on: "key", alias: false },
  handle: Effect.fnUntraced(function* ({ PolicyName }, { realm, services }, key) {
    yield* key.gate("GetKeyPolicy")
    if (PolicyName !== policyName) {
      return yield* refuse("Forbidden.ResourceNotFound", { hint: `A key has one policy, named ${policyName}.` })
    }
    return { Policy: key.metadata().policy ?? services.keyPolicies.whenNoneIsSet(realm.account) }
  })
})
