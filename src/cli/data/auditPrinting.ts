/** Prints the records of the audit log, page after page. */
import { Effect } from "effect"
import { beginning } from "../../audit/auditPage.ts"
import type { AuditOrder, AuditPage } from "../../audit/auditPage.ts"
import type { AuditEntry, AuditFilter, AuditPlace } from "../../records/auditLine.ts"
import { printPages } from "../output/printPages.ts"
import { columns } from "../output/readable.ts"

/** Which records to print, without the position of a page. */
export interface Wanted {
  readonly order: AuditOrder
  readonly filter: AuditFilter
  /** Only for a server; a data directory shows the records of every account. */
  readonly allAccounts: boolean
}

export type Page = Pick<AuditPage, "entries" | "end" | "hasMore">

const heading = ["time", "operation", "outcome", "key", "principal"]

const rowOf = ({ keyId, operation, outcome, principal, time }: AuditEntry): ReadonlyArray<string> => [
  time,
  operation,
  outcome,
  keyId ?? "",
  principal
]

const table = (entries: ReadonlyArray<AuditEntry>, isFirst: boolean): ReadonlyArray<string> =>
  columns([...(isFirst ? [heading] : []), ...entries.map(rowOf)])

export const printRecords = <E, R>(pageAfter: (after: AuditPlace) => Effect.Effect<Page, E, R>) =>
  printPages("audit", { normally: "jsonl", table }, (show) =>
    Effect.gen(function* () {
      let after = beginning
      for (;;) {
        const { entries, end, hasMore } = yield* pageAfter(after)
        yield* show(entries)
        if (!hasMore) return
        after = end
      }
    })
  )
