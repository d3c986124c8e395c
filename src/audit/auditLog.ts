/** The audit log as its readers may see it: an account's own records, or every record for the server's root. */
import { Effect } from "effect"
import type { AccountId } from "../domain/ids.ts"
import { Store } from "../store/store.ts"
import { makeAccountIndex } from "./accountIndex.ts"
import { auditPage } from "./auditPage.ts"
import type { AuditPage, AuditQuery, UnknownPlace } from "./auditPage.ts"
import { makeOwners } from "./owners.ts"

type Page = Effect.Effect<AuditPage, UnknownPlace>

export interface AuditLog {
  /** The records of one account. Those that belong to no account are the server's. */
  readonly ofAccount: (account: AccountId, query: AuditQuery) => Page
  /** The records of every account. */
  readonly whole: (query: AuditQuery) => Page
}

export const makeAuditLog = (store: Store["Service"], serverAccount: AccountId): AuditLog => {
  const owners = makeOwners(store)
  const index = makeAccountIndex(store, owners, serverAccount)
  const whole = (query: AuditQuery): Page => Effect.provideService(auditPage(query), Store, store)
  return {
    whole,
    ofAccount: (account, query) =>
      account === serverAccount
        ? whole({
            ...query,
            only: {
              learn: owners.learn,
              takes: (segment, line) => (owners.of(segment, line) ?? serverAccount) === serverAccount
            }
          })
        : index.page(account, query)
  }
}
