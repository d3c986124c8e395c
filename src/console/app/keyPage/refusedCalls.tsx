/** Calls on a key that were refused: they changed nothing, so they are in the audit log and not in the key's journal. */
import type { KeyRow } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { listAt, textAt } from "../data/useAction.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Empty, Note, Refused } from "../parts/basic.tsx"
import { Moment } from "../parts/moment.tsx"

const shown = 100

export const RefusedCalls = ({ row }: { readonly row: KeyRow }) => {
  const { region, session } = useConsole()
  const isRoot = session?.kind === "root"
  const { refusal, reply } = useLoaded(
    () => callOperation(region, "ListAuditRecords", { KeyId: row.keyId, Limit: "1000" }),
    `${region} ${row.keyId} ${row.epoch} ${isRoot}`
  )
  if (!isRoot)
    return <Note tone="calm">Refused calls are in the audit log, which only the account's root may read.</Note>
  const records = listAt(reply, "Records", "Record").filter((record) => textAt(record, "Outcome") !== "Success")
  return (
    <section className="card">
      <h2>Refused calls</h2>
      <Refused refusal={refusal} />
      {records.length === 0 ? (
        <Empty>No call on this key was refused, as far as the log was looked through.</Empty>
      ) : (
        <ul className="stack tight">
          {records
            .toReversed()
            .slice(0, shown)
            .map((record) => (
              <li key={`${textAt(record, "Seq")} ${textAt(record, "Line")}`}>
                <strong>{textAt(record, "Operation")}</strong> <code>{textAt(record, "Outcome")}</code>{" "}
                {textAt(record, "Alarm") !== "" && <span className="badge bad">Alarm</span>}
                <span className="why">
                  <Moment at={Number(textAt(record, "At"))} /> · {textAt(record, "Principal")} ·{" "}
                  <code>{textAt(record, "RequestId")}</code>
                </span>
              </li>
            ))}
        </ul>
      )}
    </section>
  )
}
