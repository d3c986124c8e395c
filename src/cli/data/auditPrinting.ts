/** Prints the records of the audit log, one line of JSON each. */
import { Console, Effect } from "effect"
import { beginning } from "../../audit/auditPage.ts"
import type { AuditOrder, AuditPage } from "../../audit/auditPage.ts"
import type { AuditFilter, AuditPlace } from "../../records/auditLine.ts"

/** The records to print, without the choice of a page. */
export interface Wanted {
  readonly order: AuditOrder
  readonly filter: AuditFilter
  /** Asked of a server only; a data directory shows the records of every account. */
  readonly allAccounts: boolean
}

export type Page = Pick<AuditPage, "entries" | "end" | "hasMore">

/** Page after page, so that a log of any length needs the memory of one. */
export const print = Effect.fnUntraced(function* <E, R>(pageAfter: (after: AuditPlace) => Effect.Effect<Page, E, R>) {
  let after = beginning
  for (;;) {
    const { entries, end, hasMore } = yield* pageAfter(after)
    if (entries.length > 0) yield* Console.log(entries.map((entry) => JSON.stringify(entry)).join("\n"))
    if (!hasMore) return
    after = end
  }
})
