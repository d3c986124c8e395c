/** The audit log: every call and every automatic transition, oldest or newest first, page by page, with downloads. */
import { useAuditLog } from "../data/auditLog.ts"
import type { AuditLog } from "../data/auditLog.ts"
import type { Reply } from "../data/api.ts"
import { pathOf } from "../data/keys.ts"
import { Link, usePlace } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { absolute } from "../data/time.ts"
import { Breakable, Button, Empty, Refused } from "../parts/basic.tsx"
import { downloadText } from "../parts/download.ts"
import { Moment } from "../parts/moment.tsx"
import { csvOf, ndjsonOf } from "./auditExport.ts"
import { AuditFacets } from "./auditFacets.tsx"
import { AuditFilters } from "./auditFilters.tsx"
import { orderIn, orders, wantedIn } from "./auditQuery.ts"
import type { Order } from "./auditQuery.ts"
import { t } from "../text/text.ts"

export const AuditPage = () => {
  const { query } = usePlace()
  const log = useAuditLog(wantedIn(query))
  const order = orderIn(query)
  return (
    <>
      <Head log={log} order={order} />
      <div className="stack">
        <AuditFilters query={query} />
        <AuditFacets query={query} />
        <Refused refusal={log.refusal} />
        <Found log={log} />
        {log.part?.hasMore === true && (
          <div>
            <Button off={log.busy ? t("Loading…") : undefined} onClick={log.readOn}>
              {t(orders[order].on)}
            </Button>
          </div>
        )}
      </div>
    </>
  )
}

const statusWord = ({ busy, part, refusal }: AuditLog, order: Order): string => {
  if (busy) return t("Loading the audit log…")
  if (refusal !== undefined && part === undefined) return t("The audit log could not be read.")
  const count = part?.records.length ?? 0
  const { all, rest } = orders[order]
  // How far the log was searched, unless that is all of it.
  return part?.hasMore === true && part.endAt !== undefined
    ? t(rest, { count, time: absolute(part.endAt) })
    : t(all, { count })
}

const Head = ({ log, order }: { readonly log: AuditLog; readonly order: Order }) => {
  const records = log.part?.records ?? []
  const off = records.length === 0 ? t("There are no records to download.") : undefined
  return (
    <div className="pageHead">
      <div>
        <h1>{t("Audit")}</h1>
        <p className="quiet" role="status">
          {statusWord(log, order)}
        </p>
      </div>
      <div className="row">
        <Button off={off} onClick={() => downloadText(ndjsonOf(records), "audit.ndjson", "application/x-ndjson")}>
          {t("Download NDJSON")}
        </Button>
        <Button off={off} onClick={() => downloadText(csvOf(records), "audit.csv", "text/csv")}>
          {t("Download CSV")}
        </Button>
      </div>
    </div>
  )
}

const Found = ({ log: { busy, part, refusal } }: { readonly log: AuditLog }) => {
  const records = part?.records ?? []
  if (records.length > 0) return <Table records={records} />
  if (refusal !== undefined || busy) return null
  return (
    <div className="card">
      <Empty>
        {part?.hasMore === true ? t("No matching record was found so far.") : t("No record matches.")}{" "}
        {t("Filters match exactly: enter the full principal, operation or code.")}
      </Empty>
    </div>
  )
}

const Table = ({ records }: { readonly records: ReadonlyArray<Reply> }) => (
  <div className="tableBox history stacked" tabIndex={0} role="region" aria-label={t("Records")}>
    <table>
      <thead>
        <tr>
          <th scope="col">{t("Time")}</th>
          <th scope="col">{t("Operation")}</th>
          <th scope="col">{t("Outcome")}</th>
          <th scope="col">{t("Principal and request")}</th>
          <th scope="col">{t("Key")}</th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => (
          <Line key={`${textAt(record, "Seq")} ${textAt(record, "Line")}`} record={record} />
        ))}
      </tbody>
    </table>
  </div>
)

const Line = ({ record }: { readonly record: Reply }) => {
  const keyId = textAt(record, "KeyId")
  return (
    <tr>
      <td>
        <Moment at={Number(textAt(record, "At"))} />
      </td>
      <th scope="row">
        <Breakable text={textAt(record, "Operation")} />
      </th>
      <td>
        <Outcome record={record} />
      </td>
      <td className="text">
        <Breakable text={textAt(record, "Principal")} />
        <span className="why">
          <code>{textAt(record, "RequestId")}</code>
        </span>
      </td>
      <td className="text">
        {keyId !== "" && (
          <Link to={pathOf(keyId)}>
            <code>{keyId}</code>
          </Link>
        )}
        <span lang="en">{textAt(record, "Subject")}</span>
      </td>
    </tr>
  )
}

const Outcome = ({ record }: { readonly record: Reply }) => {
  const outcome = textAt(record, "Outcome")
  const before = textAt(record, "Before")
  const after = textAt(record, "After")
  return (
    <>
      {outcome === "Success" ? t("Success") : <code>{outcome}</code>}{" "}
      {textAt(record, "Alarm") !== "" && <span className="badge bad">{t("Alarm")}</span>}
      {after !== "" && (
        <span className="why">
          {before === "" ? "" : `${before} → `}
          {after}
        </span>
      )}
    </>
  )
}
