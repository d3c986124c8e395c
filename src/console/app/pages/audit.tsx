/** The audit log: every call and every automatic transition, from either end, a page at a time, as NDJSON or CSV to keep. */
import { useAuditLog } from "../data/auditLog.ts"
import { useConsole } from "../data/store.ts"
import type { AuditPart } from "../data/auditRecords.ts"
import type { Reply } from "../data/api.ts"
import { pathOf } from "../data/keys.ts"
import { Link, setQuery, usePlace } from "../data/router.tsx"
import { absolute } from "../data/time.ts"
import { textAt } from "../data/replies.ts"
import { Breakable, Button, Check, Choice, Empty, Field, Refused } from "../parts/basic.tsx"
import { downloadText } from "../parts/download.ts"
import { Moment } from "../parts/moment.tsx"

const columns = ["Time", "Operation", "Outcome", "Principal", "KeyId", "Before", "After", "Alarm", "RequestId"] as const
const filters = [
  ["principal", "Principal", "Principal"],
  ["operation", "Operation", "Operation"],
  ["outcome", "Outcome", "Outcome"],
  ["key", "KeyId", "Key id"]
] as const

/** Which end of the log comes first: as the address, the API, the choice and the button beneath have it. */
const orders = {
  newest: { parameter: "NewestFirst", word: "Newest first", on: "Show older", until: "back to" },
  oldest: { parameter: "OldestFirst", word: "Oldest first", on: "Show newer", until: "up to" }
} as const
const choices = Object.entries(orders).map(([name, { word }]) => [name, word] as const)

const csvCell = (text: string): string => {
  // A spreadsheet takes what begins with one of these for a formula.
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}

export const AuditPage = () => {
  const { query } = usePlace()
  const { session } = useConsole()
  const everyAccount = query.get("accounts") === "all"
  const wanted = filters.map(([name, parameter]) => [parameter, query.get(name) ?? ""] as const)
  const alarms = query.get("alarms") === "true"
  const refused = query.get("refused") === "true"
  const order = query.get("order") === "oldest" ? "oldest" : "newest"
  const { busy, part, readOn, refusal } = useAuditLog({
    Limit: "200",
    Order: orders[order].parameter,
    ...Object.fromEntries(wanted.filter(([, value]) => value !== "")),
    ...(alarms ? { AlarmsOnly: "true" } : {}),
    ...(refused ? { RefusedOnly: "true" } : {}),
    ...(everyAccount ? { AllAccounts: "true" } : {})
  })
  const records = part?.records ?? []

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
              : refusal !== undefined && part === undefined
                ? "The log was not read."
                : `${records.length} records, ${order} first${restWord(order, part)}`}
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
          <Choice label="Order" value={order} options={choices} onChange={(value) => setQuery({ order: value })} />
          <div>
            <Check checked={alarms} onChange={(on) => setQuery({ alarms: on ? "true" : undefined })}>
              Alarms only
            </Check>
            <Check checked={refused} onChange={(on) => setQuery({ refused: on ? "true" : undefined })}>
              Refused only
            </Check>
            {session?.administersServer === true && (
              <Check checked={everyAccount} onChange={(on) => setQuery({ accounts: on ? "all" : undefined })}>
                All accounts
              </Check>
            )}
          </div>
        </form>
        <Refused refusal={refusal} />
        {records.length === 0 && refusal === undefined && !busy ? (
          <div className="card">
            <Empty>
              {part?.hasMore === true ? "No record was found so far that matches." : "No record matches."} Filters are
              exact: a whole principal, a whole code.
            </Empty>
          </div>
        ) : (
          records.length > 0 && <Table records={records} />
        )}
        {part?.hasMore === true && (
          <div>
            <Button off={busy ? "Reading…" : undefined} onClick={readOn}>
              {orders[order].on}
            </Button>
          </div>
        )}
      </div>
    </>
  )
}

/** How far the log was looked through, where that is not all of it. */
const restWord = (order: keyof typeof orders, part: AuditPart | undefined): string =>
  part?.hasMore === true && part.endAt !== undefined
    ? `; looked through ${orders[order].until} ${absolute(part.endAt)}, there is more`
    : ""

const Table = ({ records }: { readonly records: ReadonlyArray<Reply> }) => (
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
        {records.map((record) => {
          const keyId = textAt(record, "KeyId")
          const subject = textAt(record, "Subject")
          const before = textAt(record, "Before")
          const after = textAt(record, "After")
          return (
            <tr key={`${textAt(record, "Seq")} ${textAt(record, "Line")}`}>
              <td>
                <Moment at={Number(textAt(record, "At"))} />
              </td>
              <th scope="row">
                <Breakable text={textAt(record, "Operation")} />
              </th>
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
                {subject}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  </div>
)
