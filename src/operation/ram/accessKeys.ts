/** RAM: access keys of users. */
import { Effect, Redacted } from "effect"
import type { AnyKmsError } from "../../domain/errors.ts"
import { formatInstant } from "../../domain/time.ts"
import type { StoredKey } from "../../ram/records.ts"
import { userOf } from "../../ram/shelf.ts"
import { changeAccessKey } from "../../ram/users.ts"
import type { Call } from "../operation.ts"
import { missing, oneOf, optional, required } from "../parameters.ts"
import { actorOf, UserAccessKeyId, userName } from "../accessControl/ramParameters.ts"
import { change, done, onUserOrSelf, ramOperation, shelfOf, userOrSelf } from "./ramOperation.ts"

const OptionalUser = optional(userName, "The user; the caller if absent.")

/** The user that is meant; a root and a session have no access keys of a user. */
const meant = (request: { readonly UserName: string | undefined }, call: Call): Effect.Effect<string, AnyKmsError> => {
  const name = userOrSelf(request, call)
  return name === "" ? Effect.fail(missing("UserName")) : Effect.succeed(name)
}

export const CreateAccessKey = ramOperation({
  about: "Creates an access key for a user, which has at most two. The secret is shown this once.",
  changes: true,
  Request: { UserName: OptionalUser },
  on: onUserOrSelf,
  handle: Effect.fnUntraced(function* (request, call) {
    const user = yield* meant(request, call)
    const by = actorOf(call)
    const { accessKeyId, secret } = yield* call.world.access.createAccessKey(by, { user })
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

export const UpdateAccessKey = ramOperation({
  about: "Activates or deactivates an access key of a user.",
  changes: true,
  Request: {
    UserName: OptionalUser,
    UserAccessKeyId,
    Status: required(oneOf(["Active", "Inactive"]), "The new status.")
  },
  on: onUserOrSelf,
  handle: (request, call) =>
    Effect.flatMap(meant(request, call), (user) => {
      const key = { user, accessKeyId: request.UserAccessKeyId }
      const active = request.Status === "Active"
      return done(change(call, (shelf) => changeAccessKey(shelf, key, (known) => ({ ...known, active }))))
    })
})

export const DeleteAccessKey = ramOperation({
  about: "Deletes an access key of a user. Sessions that it began end, too.",
  changes: true,
  Request: { UserName: OptionalUser, UserAccessKeyId },
  on: onUserOrSelf,
  handle: (request, call) =>
    Effect.flatMap(meant(request, call), (user) => {
      const key = { user, accessKeyId: request.UserAccessKeyId }
      return done(change(call, (shelf) => changeAccessKey(shelf, key, () => undefined)))
    })
})

const shown = ({ accessKeyId, active, createdAt }: StoredKey) => ({
  AccessKeyId: accessKeyId,
  Status: active ? "Active" : "Inactive",
  CreateDate: formatInstant(createdAt)
})

export const ListAccessKeys = ramOperation({
  about: "Lists the access keys of a user, without their secrets.",
  Request: { UserName: OptionalUser },
  on: onUserOrSelf,
  handle: (request, call) =>
    Effect.flatMap(meant(request, call), (name) =>
      Effect.map(Effect.fromResult(userOf(shelfOf(call), name)), ({ is }) => ({
        AccessKeys: { AccessKey: is.keys.map(shown) }
      }))
    )
})
