/** The refusal of a call that the policies of its caller do not grant. */
import { callerArn } from "../authorization/caller.ts"
import type { Caller } from "../authorization/caller.ts"
import { refuse } from "../domain/errors.ts"
import type { ErrorOf } from "../domain/errors.ts"

/** Only the account's root may see which policy decided, by an explanation. */
export const notGranted = (caller: Caller, action: string, resource: string): ErrorOf<"Forbidden.NoPermission"> =>
  refuse("Forbidden.NoPermission", {
    resource,
    hint: `The policies of ${callerArn(caller)} do not grant ${action}.`
  })
