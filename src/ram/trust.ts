/** The trust policy of a role that has no other one: it trusts each permitted user and role of the account. */
import type { AccountId } from "../domain/ids.ts"

export const trustOf = (account: AccountId): string =>
  JSON.stringify({
    Version: "1",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { RAM: [`acs:ram::${account}:root`] } }]
  })
