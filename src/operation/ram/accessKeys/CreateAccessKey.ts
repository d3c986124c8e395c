/** Creates an access key for a user. A user has at most two. */
import { Effect, Redacted } from "effect"
import { formatInstant } from "../../../domain/time.ts"
import { onUserOrSelf, ramOperation } from "../ramOperation.ts"
import { actorOf, nameErrors } from "../ramParameters.ts"
import { OptionalUser, meant } from "./accessKey.ts"

export const CreateAccessKey = ramOperation({
  about: "Creates an access key for a user, who has at most two. The secret is shown only now.",
  errors: [
    "EntityAlreadyExists.AccessKey",
    "EntityNotExist.User",
    ...nameErrors("UserName"),
    "LimitExceeded.User.AccessKey"
  ],
  changes: true,
  Request: { UserName: OptionalUser },
  on: onUserOrSelf,
  handle: Effect.fnUntraced(function* (request, call) {
    const user = yield* meant(request, call)
    const by = actorOf(call)
    const { accessKeyId, secret } = yield* call.services.access.createAccessKey(by, { user })
    return {
      AccessKey: {
        AccessKeyId: accessKeyId,
        AccessKeySecret: Redacted.value(secret),
        Status: "Active",
        CreateDate: formatInstant(by.at)
      }
    }
  })
})
