/** The audit log for its readers: an account's own records, or every record for the server's root. */
import { Effect } from "effect"
import type { AccountId } from "../domain/ids.ts"
import { DamagedLine } from "../records/auditLine.ts"
import { StoreDamaged, Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import { orRefused } from "../store/unavailable.ts"
import type { StoreRefusal } from "../store/unavailable.ts"
import { makeAccountIndex } from "./accountIndex.ts"
import { auditPage } from "./auditPage.ts"
import type { AuditPage, AuditQuery, UnknownPlace } from "./auditPage.ts"
import { linesOf, makeOwners } from "./owners.ts"
import type { TimeBlocks } from "./timeBlocks.ts"

type Page = Effect.Effect<AuditPage, UnknownPlace | StoreRefusal>

export interface AuditLog {
  /** The records of one account. Records without an account belong to the server's own. */
  readonly ofAccount: (account: AccountId, query: AuditQuery) => Page
  /** The records of every account. */
  readonly whole: (query: AuditQuery) => Page
}

/** A line that does not decode is damage of the store, like a damaged row. */
const answered = (page: Effect.Effect<AuditPage, UnknownPlace | StoreFailure>): Page =>
  page.pipe(
    Effect.catchDefect((defect) =>
      defect instanceof DamagedLine ? Effect.fail(new StoreDamaged({ message: defect.message })) : Effect.die(defect)
    ),
    orRefused
  )

export const makeAuditLog = (store: Store["Service"], serverAccount: AccountId, times: TimeBlocks): AuditLog => {
  const owners = makeOwners(store)
  const index = makeAccountIndex({ store, owners, serverAccount, times })
  const whole = (query: AuditQuery): Page =>
    answered(Effect.provideService(auditPage({ ...query, times }), Store, store))
  return {
    whole,
    ofAccount: (account, query) =>
      account === serverAccount
        ? whole({ ...query, only: linesOf(owners, serverAccount, serverAccount) })
        : answered(index.page(account, query))
  }
}
