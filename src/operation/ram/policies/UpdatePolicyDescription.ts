/** Changes the description of a policy of the account. */
import { Effect } from "effect"
import { ramDescriptionCharsMax } from "../../../domain/limits.ts"
import * as policies from "../../../ram/policies.ts"
import { requiredMaybeEmpty } from "../../parameters.ts"
import { change, onCustomPolicy, ramOperation } from "../ramOperation.ts"
import { nameErrors, PolicyName, textOf } from "../ramParameters.ts"
import { summary } from "./policy.ts"

export const UpdatePolicyDescription = ramOperation({
  about: "Changes the description of a policy of the account.",
  errors: ["EntityNotExist.Policy", "InvalidParameter.NewDescription.Length", ...nameErrors("PolicyName")],
  changes: true,
  Request: {
    PolicyName,
    NewDescription: requiredMaybeEmpty(textOf("NewDescription", ramDescriptionCharsMax), "The new description.")
  },
  on: onCustomPolicy,
  handle: ({ PolicyName: name, NewDescription }, call) =>
    Effect.map(
      change(call, (entities) => policies.describePolicy(entities, name, NewDescription, call.services.clock.now())),
      ({ is }) => ({ Policy: summary({ name, type: "Custom" }, is) })
    )
})
