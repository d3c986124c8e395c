/** Adds a version to a policy of the account. A policy has at most five versions. */
import { Effect } from "effect"
import { formatInstant } from "../../../domain/time.ts"
import * as policies from "../../../ram/policies.ts"
import { boolean, defaulted, oneOf, required } from "../../parameters.ts"
import { change, onCustomPolicy, ramOperation } from "../ramOperation.ts"
import { documentOf, nameErrors, PolicyName } from "../ramParameters.ts"
import { rotateStrategies } from "./policy.ts"

export const CreatePolicyVersion = ramOperation({
  about: "Adds a version to a policy of the account. A policy has at most five versions.",
  errors: [
    "EntityNotExist.Policy",
    "InvalidParameter.PolicyDocument.Length",
    ...nameErrors("PolicyName"),
    "LimitExceeded.Policy.Version",
    "MalformedPolicyDocument"
  ],
  changes: true,
  Request: {
    PolicyName,
    PolicyDocument: required(documentOf("PolicyDocument"), "The policy document."),
    SetAsDefault: defaulted(boolean, false, "Whether to put the version in force at once."),
    RotateStrategy: defaulted(
      oneOf(rotateStrategies),
      "None",
      "Whether to delete the oldest version that is not the default one if there is no room."
    )
  },
  on: onCustomPolicy,
  handle: Effect.fnUntraced(function* (request, call) {
    const { access, clock } = call.services
    yield* access.checkPolicy(request.PolicyDocument)
    const wanted = {
      document: request.PolicyDocument,
      setAsDefault: request.SetAsDefault,
      rotate: request.RotateStrategy !== "None",
      at: clock.now()
    }
    const { id, createdAt, document } = yield* change(call, (entities) =>
      policies.createPolicyVersion(entities, request.PolicyName, wanted)
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
