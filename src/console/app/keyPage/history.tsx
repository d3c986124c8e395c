/** What has happened to a key, newest first: cause, effect, who, and which request; the calls it refused beside it. */
import { useEffect, useState } from "react"
import type { HistoryEvent, HistoryPage, KeyRow, Refusal } from "../../protocol.ts"
import { callOperation, readHistory } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { listAt, textAt } from "../data/useAction.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button, Empty, Note, Refused } from "../parts/basic.tsx"
import { Moment } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"

/** Pages read so far, the newest first; new events are put before them. */
const usePages = (row: KeyRow) => {
  const { region } = useConsole()
  const [events, setEvents] = useState<ReadonlyArray<HistoryEvent>>([])
  const [refusal, setRefusal] = useState<Refusal>()
  const add = (page: HistoryPage): void =>
    setEvents((known) => {
      const all = new Map([...known, ...page.events].map((event) => [event.seq, event]))
      return [...all.values()].sort((a, b) => b.seq - a.seq)
    })
  const load = async (before?: number): Promise<void> => {
    const answer = await readHistory(region, row.keyId, before)
    if (answer.ok) add(answer.reply)
    else setRefusal(answer.refusal)
  }
  useEffect(() => void load(), [region, row.keyId, row.epoch])
  return { events, refusal, older: (before: number) => load(before) }
}

export const HistoryTab = ({ row }: { readonly row: KeyRow }) => {
  const { events, refusal, older } = usePages(row)
  const oldest = events.at(-1)?.seq ?? 1
  return (
    <>
      <Refused refusal={refusal} />
      <EventTable events={events} />
      {oldest > 1 && (
        <div>
          <Button onClick={() => void older(oldest)}>Load older ({oldest - 1} more)</Button>
        </div>
      )}
      <RefusedCalls row={row} />
    </>
  )
}

const changesOf = ({ after, before }: HistoryEvent): ReadonlyArray<string> => {
  if (before === undefined) return []
  const said: Array<string> = []
  if (before.rotation !== after.rotation) said.push(`rotation ${before.rotation} → ${after.rotation}`)
  if (before.materialPresent !== after.materialPresent)
    said.push(after.materialPresent ? "material came" : "material went")
  if (before.versionCount !== after.versionCount) said.push(`${after.versionCount} versions`)
  if (before.deletionProtection !== after.deletionProtection) {
    said.push(`deletion protection ${after.deletionProtection ? "on" : "off"}`)
  }
  return said
}

const EventTable = ({ events }: { readonly events: ReadonlyArray<HistoryEvent> }) =>
  events.length === 0 ? (
    <Empty>Reading the journal…</Empty>
  ) : (
    <div
      className="tableBox"
      tabIndex={0}
      role="region"
      aria-label="Events"
      style={{ maxHeight: "70vh", overflow: "auto" }}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">Event</th>
            <th scope="col">Effect</th>
            <th scope="col">When</th>
            <th scope="col">Who, and which request</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.seq} style={{ contentVisibility: "auto" }}>
              <td className="number">{event.seq}</td>
              <th scope="row">{event.type}</th>
              <td>
                {event.before !== undefined && event.before.lifecycle !== event.after.lifecycle && (
                  <>
                    <StateBadge state={event.before.lifecycle} /> →{" "}
                  </>
                )}
                <StateBadge state={event.after.lifecycle} />
                {changesOf(event).map((change) => (
                  <span key={change} className="why">
                    {change}
                  </span>
                ))}
              </td>
              <td>
                <Moment at={event.time} />
              </td>
              <td>
                {event.principal}
                <span className="why">
                  <code>{event.requestId}</code>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )

const RefusedCalls = ({ row }: { readonly row: KeyRow }) => {
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
          {records.toReversed().map((record) => (
            <li key={`${textAt(record, "Seq")} ${textAt(record, "Line")}`}>
              <strong>{textAt(record, "Operation")}</strong> <code>{textAt(record, "Outcome")}</code>
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
