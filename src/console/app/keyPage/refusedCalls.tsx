/** Refused calls on a key. They changed nothing, so they are in the audit log and not in the key's history. */
import { useAuditLog } from "../data/auditLog.ts"
import type { AuditLog } from "../data/auditLog.ts"
import type { Lived } from "../data/keys.ts"
import { useConsole } from "../data/store.ts"
import { textAt } from "../data/replies.ts"
import { Empty, Note, Refused } from "../parts/basic.tsx"
import { Moment } from "../parts/moment.tsx"
import { OlderRecords } from "../parts/olderRecords.tsx"
import { t } from "../text/text.ts"

const asked = { Order: "NewestFirst", RefusedOnly: "true", Limit: "100" } as const

export const RefusedCalls = ({ row }: { readonly row: Lived }) => {
  const { session } = useConsole()
  const isRoot = session?.kind === "root"
  const log = useAuditLog(isRoot ? { ...asked, KeyId: row.keyId } : undefined, row.epoch)
  if (!isRoot) {
    return <Note tone="calm">{t("Refused calls are in the audit log, which only the account's root can read.")}</Note>
  }
  return (
    <section className="card">
      <h2>{t("Refused calls")}</h2>
      <Refused refusal={log.refusal} />
      <Calls log={log} />
      <OlderRecords log={log} />
    </section>
  )
}

const Calls = ({ log: { part, refusal } }: { readonly log: AuditLog }) => {
  if (part === undefined) return refusal === undefined ? <Empty>{t("Loading the audit log…")}</Empty> : null
  if (part.records.length === 0) {
    return (
      <Empty>{part.hasMore ? t("No refused call was found so far.") : t("No call on this key was refused.")}</Empty>
    )
  }
  return (
    <ul className="stack tight">
      {part.records.map((record) => (
        <li key={`${textAt(record, "Seq")} ${textAt(record, "Line")}`}>
          <strong>{textAt(record, "Operation")}</strong> <code>{textAt(record, "Outcome")}</code>{" "}
          {textAt(record, "Alarm") !== "" && <span className="badge bad">{t("Alarm")}</span>}
          <span className="why">
            <Moment at={Number(textAt(record, "At"))} /> · {textAt(record, "Principal")} ·{" "}
            <code>{textAt(record, "RequestId")}</code>
          </span>
        </li>
      ))}
    </ul>
  )
}
