/** RAM: access keys of users. */
import { Effect } from "effect"
import type { ErrorOf } from "../../../domain/errors.ts"
import { formatInstant } from "../../../domain/time.ts"
import type { StoredKey } from "../../../ram/records.ts"
import type { Call } from "../../operation.ts"
import { missing, optional } from "../../parameters.ts"
import { userOrSelf } from "../ramOperation.ts"
import { userName } from "../ramParameters.ts"

export const OptionalUser = optional(userName, "The user; the caller if absent.")

/** The user that the request names, or the caller. A root or a session has no access keys of a user. */
export const meant = (
  request: { readonly UserName: string | undefined },
  call: Call
): Effect.Effect<string, ErrorOf<"MissingParameter">> => {
  const name = userOrSelf(request, call)
  return name === "" ? Effect.fail(missing("UserName")) : Effect.succeed(name)
}

export const shown = ({ accessKeyId, active, createdAt }: StoredKey) => ({
  AccessKeyId: accessKeyId,
  Status: active ? "Active" : "Inactive",
  CreateDate: formatInstant(createdAt)
})
