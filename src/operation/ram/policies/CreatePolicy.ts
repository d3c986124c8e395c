/** Creates a policy of the account. */
import { Effect } from "effect"
import { tagErrors } from "../../tags/tags.ts"
import { ramDescriptionCharsMax } from "../../../domain/limits.ts"
import * as policies from "../../../ram/policies.ts"
import { optional, required } from "../../parameters.ts"
import { change, onPolicies, ramOperation } from "../ramOperation.ts"
import { documentOf, nameErrors, PolicyName, textOf } from "../ramParameters.ts"
import { Tag, tagMapOf, tagsFault } from "../tags/tagParameters.ts"
import { summary } from "./policy.ts"

export const CreatePolicy = ramOperation({
  about: "Creates a policy of the account. A document with an unknown element is refused.",
  errors: [
    "EntityAlreadyExists.Policy",
    "InvalidParameter.Description.Length",
    "InvalidParameter.PolicyDocument.Length",
    ...nameErrors("PolicyName"),
    "LimitExceeded.Policy",
    "MalformedPolicyDocument",
    ...tagErrors
  ],
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
    const { access, clock } = call.services
    yield* access.checkPolicy(request.PolicyDocument)
    const policy = {
      name: request.PolicyName,
      document: request.PolicyDocument,
      description: request.Description ?? "",
      tags: tagMapOf(request.Tag),
      at: clock.now()
    }
    const { name, is } = yield* change(call, (entities) => policies.createPolicy(entities, policy))
    return { Policy: summary({ name, type: "Custom" }, is) }
  })
})
