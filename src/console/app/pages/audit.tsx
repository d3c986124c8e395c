/** The audit log: every call and every automatic transition, oldest first, a page at a time, as NDJSON or CSV to keep. */
import { useEffect, useState } from "react"
import type { Refusal } from "../../protocol.ts"
import { callOperation, isRecord } from "../data/api.ts"
import { pathOf } from "../data/keys.ts"
import { Link, setQuery, usePlace } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { listAt, textAt } from "../data/useAction.ts"
import { Button, Check, Empty, Field, Refused } from "../parts/basic.tsx"
import { downloadText } from "../parts/download.ts"
import { Moment } from "../parts/moment.tsx"

const columns = ["Time", "Operation", "Outcome", "Principal", "KeyId", "Before", "After", "Alarm", "RequestId"] as const
const filters = [
  ["principal", "Principal", "Principal"],
  ["operation", "Operation", "Operation"],
  ["outcome", "Outcome", "Outcome"],
  ["key", "KeyId", "Key id"]
] as const

interface Place {
  readonly seq: string
  readonly line: string
}

const csvCell = (text: string): string => {
  // A spreadsheet takes what begins with one of these for a formula.
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}

export const AuditPage = () => {
  const { region } = useConsole()
  const { query } = usePlace()
  const [records, setRecords] = useState<ReadonlyArray<unknown>>([])
  const [next, setNext] = useState<Place>()
  const [refusal, setRefusal] = useState<Refusal>()
  const [busy, setBusy] = useState(false)
  const wanted = filters.map(([name, parameter]) => [parameter, query.get(name) ?? ""] as const)
  const alarms = query.get("alarms") === "true"
  const asked = JSON.stringify([region, wanted, alarms])

  const read = async (after: Place | undefined): Promise<void> => {
    setBusy(true)
    const answer = await callOperation(region, "ListAuditRecords", {
      Limit: "200",
      ...Object.fromEntries(wanted.filter(([, value]) => value !== "")),
      ...(alarms ? { AlarmsOnly: "true" } : {}),
      ...(after === undefined ? {} : { AfterSeq: after.seq, AfterLine: after.line })
    })
    setBusy(false)
    if (!answer.ok) return setRefusal(answer.refusal)
    const page = listAt(answer.reply, "Records", "Record")
    setRefusal(undefined)
    setRecords((known) => (after === undefined ? page : [...known, ...page]))
    setNext(
      answer.reply["HasMore"] === true
        ? { seq: textAt(answer.reply, "NextAfterSeq"), line: textAt(answer.reply, "NextAfterLine") }
        : undefined
    )
  }
  useEffect(() => {
    const timer = setTimeout(() => void read(undefined), 250)
    return () => clearTimeout(timer)
  }, [asked])

  const ndjson = (): string => records.map((record) => `${JSON.stringify(record)}\n`).join("")
  const csv = (): string =>
    [columns, ...records.map((record) => columns.map((name) => textAt(record, name)))]
      .map((line) => `${line.map(csvCell).join(",")}\r\n`)
      .join("")
  const none = records.length === 0 ? "There are no records to keep." : undefined
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>Audit</h1>
          <p className="quiet" role="status">
            {busy
              ? "Reading the log…"
              : `${records.length} records, oldest first${next === undefined ? "" : "; there are more"}`}
          </p>
        </div>
        <div className="row">
          <Button off={none} onClick={() => downloadText(ndjson(), "audit.ndjson", "application/x-ndjson")}>
            NDJSON
          </Button>
          <Button off={none} onClick={() => downloadText(csv(), "audit.csv", "text/csv")}>
            CSV
          </Button>
        </div>
      </div>
      <div className="stack">
        <form className="filters" role="search" aria-label="Audit log" onSubmit={(event) => event.preventDefault()}>
          {filters.map(([name, , label]) => (
            <Field key={name} label={label}>
              {(ids) => (
                <input
                  {...ids}
                  value={query.get(name) ?? ""}
                  onChange={(event) => setQuery({ [name]: event.target.value })}
                  spellCheck={false}
                />
              )}
            </Field>
          ))}
          <Check checked={alarms} onChange={(on) => setQuery({ alarms: on ? "true" : undefined })}>
            Alarms only
          </Check>
        </form>
        <Refused refusal={refusal} />
        {records.length === 0 && refusal === undefined && !busy ? (
          <div className="card">
            <Empty>No record matches. Filters are exact: a whole principal, a whole code.</Empty>
          </div>
        ) : (
          <Table records={records} />
        )}
        {next !== undefined && (
          <div>
            <Button off={busy ? "Reading…" : undefined} onClick={() => void read(next)}>
              Load more
            </Button>
          </div>
        )}
      </div>
    </>
  )
}

const Table = ({ records }: { readonly records: ReadonlyArray<unknown> }) => (
  <div className="tableBox history" tabIndex={0} role="region" aria-label="Records">
    <table>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Operation</th>
          <th scope="col">Outcome</th>
          <th scope="col">Who</th>
          <th scope="col">Key</th>
        </tr>
      </thead>
      <tbody>
        {records.filter(isRecord).map((record) => {
          const keyId = textAt(record, "KeyId")
          const subject = textAt(record, "Subject")
          const before = textAt(record, "Before")
          const after = textAt(record, "After")
          return (
            <tr key={`${textAt(record, "Seq")} ${textAt(record, "Line")}`}>
              <td>
                <Moment at={Number(textAt(record, "At"))} />
              </td>
              <th scope="row">{textAt(record, "Operation")}</th>
              <td>
                {textAt(record, "Outcome") === "Success" ? "Success" : <code>{textAt(record, "Outcome")}</code>}{" "}
                {textAt(record, "Alarm") !== "" && <span className="badge bad">Alarm</span>}
                {after !== "" && (
                  <span className="why">
                    {before === "" ? "" : `${before} → `}
                    {after}
                  </span>
                )}
              </td>
              <td className="text">
                {textAt(record, "Principal")}
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
                {subject}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  </div>
)
