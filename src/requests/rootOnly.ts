/** The roots that may call an operation that no policy can grant. */
import type { AccountId } from "../domain/ids.ts"
import type { Permission } from "../operation/operation.ts"
import type { Caller } from "../authorization/caller.ts"

type RootOnly = Extract<Permission["on"], "root" | "server-root">

const hints: Readonly<Record<RootOnly, string>> = {
  root: "Only the root access key of the account may call this.",
  "server-root": "Only the root access key of the server's own account may call this."
}

/** The error if the caller may not call it; undefined if it may. */
export const rootRefusal = (on: RootOnly, caller: Caller, serverAccount: AccountId): string | undefined => {
  const isAllowed = caller.kind === "root" && (on === "root" || caller.account === serverAccount)
  return isAllowed ? undefined : hints[on]
}
