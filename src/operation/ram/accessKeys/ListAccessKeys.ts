/** Lists the access keys of a user, without their secrets. */
import { Effect } from "effect"
import { nameErrors } from "../ramParameters.ts"
import { userOf } from "../../../ram/entities.ts"
import { onUserOrSelf, ramOperation, entitiesOf } from "../ramOperation.ts"
import { OptionalUser, meant, shown } from "./accessKey.ts"

export const ListAccessKeys = ramOperation({
  about: "Lists the access keys of a user, without their secrets.",
  errors: ["EntityNotExist.User", ...nameErrors("UserName")],
  Request: { UserName: OptionalUser },
  on: onUserOrSelf,
  handle: (request, call) =>
    Effect.flatMap(meant(request, call), (name) =>
      Effect.map(Effect.fromResult(userOf(entitiesOf(call), name)), ({ is }) => ({
        AccessKeys: { AccessKey: is.keys.map(shown) }
      }))
    )
})
