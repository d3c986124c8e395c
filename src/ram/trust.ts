/** The trust policy of a role that has none of its own: each user and role of the account whom a policy permits. */
import type { AccountId } from "../domain/ids.ts"

export const trustOf = (account: AccountId): string =>
  JSON.stringify({
    Version: "1",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: [`acs:ram::${account}:root`] } }]
  })
