/** The audit log: every call and every automatic transition, oldest or newest first, page by page, with downloads. */
import { useAuditLog } from "../data/auditLog.ts"
import type { AuditLog } from "../data/auditLog.ts"
import type { AuditPart } from "../data/auditRecords.ts"
import type { Reply } from "../data/api.ts"
import { pathOf } from "../data/keys.ts"
import { Link, setQuery, usePlace } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { Breakable, Button, Check, Choice, Empty, Field, Refused } from "../parts/basic.tsx"
import { downloadText } from "../parts/download.ts"
import { Moment } from "../parts/moment.tsx"
import { csvOf, ndjsonOf } from "./auditExport.ts"

/** Text filters: name in the address, parameter of ListAuditRecords, label. */
const filters = [
  ["principal", "Principal", "Principal"],
  ["operation", "Operation", "Operation"],
  ["outcome", "Outcome", "Outcome"],
  ["key", "KeyId", "Key id"]
] as const

/** Filters that are on or off: name and value in the address, parameter of ListAuditRecords, label. */
const switches = {
  alarms: { on: "true", parameter: "AlarmsOnly", label: "Alarms only" },
  refused: { on: "true", parameter: "RefusedOnly", label: "Refused only" },
  accounts: { on: "all", parameter: "AllAccounts", label: "All accounts" }
} as const
type SwitchName = keyof typeof switches
const switchNames = ["alarms", "refused", "accounts"] as const satisfies ReadonlyArray<SwitchName>

/** Which end of the log comes first, in the address, the API, the choice and the button below the table. */
const orders = {
  newest: { parameter: "NewestFirst", word: "Newest first", on: "Show older", until: "back to" },
  oldest: { parameter: "OldestFirst", word: "Oldest first", on: "Show newer", until: "up to" }
} as const
type Order = keyof typeof orders
const choices = Object.entries(orders).map(([name, { word }]) => [name, word] as const)

const isOn = (query: URLSearchParams, name: SwitchName): boolean => query.get(name) === switches[name].on
const orderIn = (query: URLSearchParams): Order => (query.get("order") === "oldest" ? "oldest" : "newest")

const wantedIn = (query: URLSearchParams): Readonly<Record<string, string>> => {
  const texts = filters.map(([name, parameter]) => [parameter, query.get(name) ?? ""] as const)
  return {
    Limit: "200",
    Order: orders[orderIn(query)].parameter,
    ...Object.fromEntries(texts.filter(([, value]) => value !== "")),
    ...Object.fromEntries(
      switchNames.filter((name) => isOn(query, name)).map((name) => [switches[name].parameter, "true"])
    )
  }
}

export const AuditPage = () => {
  const { query } = usePlace()
  const log = useAuditLog(wantedIn(query))
  const order = orderIn(query)
  return (
    <>
      <Head log={log} order={order} />
      <div className="stack">
        <Filters query={query} order={order} />
        <Refused refusal={log.refusal} />
        <Found log={log} />
        {log.part?.hasMore === true && (
          <div>
            <Button off={log.busy ? "Loading…" : undefined} onClick={log.readOn}>
              {orders[order].on}
            </Button>
          </div>
        )}
      </div>
    </>
  )
}

/** How far the log was searched, unless that is all of it. */
const restWord = (order: Order, part: AuditPart | undefined): string =>
  part?.hasMore === true && part.endAt !== undefined
    ? `; searched ${orders[order].until} ${absolute(part.endAt)}, there is more`
    : ""

const statusWord = ({ busy, part, refusal }: AuditLog, order: Order): string => {
  if (busy) return "Loading the audit log…"
  if (refusal !== undefined && part === undefined) return "The audit log could not be read."
  return `${part?.records.length ?? 0} records, ${order} first${restWord(order, part)}`
}

const Head = ({ log, order }: { readonly log: AuditLog; readonly order: Order }) => {
  const records = log.part?.records ?? []
  const off = records.length === 0 ? "There are no records to download." : undefined
  return (
    <div className="pageHead">
      <div>
        <h1>Audit</h1>
        <p className="quiet" role="status">
          {statusWord(log, order)}
        </p>
      </div>
      <div className="row">
        <Button off={off} onClick={() => downloadText(ndjsonOf(records), "audit.ndjson", "application/x-ndjson")}>
          Download NDJSON
        </Button>
        <Button off={off} onClick={() => downloadText(csvOf(records), "audit.csv", "text/csv")}>
          Download CSV
        </Button>
      </div>
    </div>
  )
}

const Filters = ({ query, order }: { readonly query: URLSearchParams; readonly order: Order }) => {
  const { session } = useConsole()
  const offered = switchNames.filter((name) => name !== "accounts" || session?.administersServer === true)
  return (
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
        {offered.map((name) => (
          <Check
            key={name}
            checked={isOn(query, name)}
            onChange={(on) => setQuery({ [name]: on ? switches[name].on : undefined })}
          >
            {switches[name].label}
          </Check>
        ))}
      </div>
    </form>
  )
}

const Found = ({ log: { busy, part, refusal } }: { readonly log: AuditLog }) => {
  const records = part?.records ?? []
  if (records.length > 0) return <Table records={records} />
  if (refusal !== undefined || busy) return null
  return (
    <div className="card">
      <Empty>
        {part?.hasMore === true ? "No matching record was found so far." : "No record matches."} Filters match exactly:
        enter the full principal, operation or code.
      </Empty>
    </div>
  )
}

const Table = ({ records }: { readonly records: ReadonlyArray<Reply> }) => (
  <div className="tableBox history stacked" tabIndex={0} role="region" aria-label="Records">
    <table>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Operation</th>
          <th scope="col">Outcome</th>
          <th scope="col">Principal and request</th>
          <th scope="col">Key</th>
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
        {textAt(record, "Subject")}
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
      {outcome === "Success" ? "Success" : <code>{outcome}</code>}{" "}
      {textAt(record, "Alarm") !== "" && <span className="badge bad">Alarm</span>}
      {after !== "" && (
        <span className="why">
          {before === "" ? "" : `${before} → `}
          {after}
        </span>
      )}
    </>
  )
}
