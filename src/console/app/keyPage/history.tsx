/** What has happened to a key, newest first: cause, effect, who, and which request; and the way back to any of its moments. */
import { useEffect, useState } from "react"
import type { HistoryEvent } from "../../protocol.ts"
import { readHistory } from "../data/api.ts"
import type { Lived } from "../data/keys.ts"
import { setQuery, usePlace } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Breakable, Button, Empty, Refused } from "../parts/basic.tsx"
import { Moment } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"
import { RefusedCalls } from "./refusedCalls.tsx"
import { TimeTravel } from "./timeTravel.tsx"

const pageSize = 200

export const HistoryTab = ({ row }: { readonly row: Lived }) => {
  const { region } = useConsole()
  const { query } = usePlace()
  const [before, setBefore] = useState<number>()
  const at = Number(query.get("at") ?? Number.NaN)
  const isPast = Number.isInteger(at) && at >= 1
  useEffect(() => setBefore(undefined), [row.keyId])
  const { refusal, reply } = useLoaded(
    () => readHistory(region, row.keyId, before),
    `${region} ${row.keyId} ${before ?? row.epoch}`
  )
  const events = reply?.events.toReversed() ?? []
  const first = events.at(-1)?.seq ?? 1
  const last = events[0]?.seq ?? 1
  const lastSeq = reply?.lastSeq ?? row.epoch
  return (
    <>
      {isPast && <TimeTravel row={row} at={Math.min(at, row.epoch)} />}
      <Refused refusal={refusal} />
      {reply === undefined ? (
        refusal === undefined && <Empty>Reading the journal…</Empty>
      ) : (
        <>
          <div className="row between">
            <p className="quiet" role="status">
              Events {first} to {last} of {lastSeq}, newest first
            </p>
            <div className="row">
              <Button
                small
                off={last >= lastSeq ? "These are the newest." : undefined}
                onClick={() => setBefore(last + pageSize >= lastSeq ? undefined : last + pageSize + 1)}
              >
                Newer
              </Button>
              <Button small off={first <= 1 ? "There is nothing older." : undefined} onClick={() => setBefore(first)}>
                Older
              </Button>
              {!isPast && (
                <Button small onClick={() => setQuery({ at: String(lastSeq) })}>
                  Travel in time
                </Button>
              )}
            </div>
          </div>
          <EventTable events={events} at={isPast ? at : undefined} />
        </>
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

interface EventTableProps {
  readonly events: ReadonlyArray<HistoryEvent>
  readonly at: number | undefined
}

/** One page: never more rows than that in the document. */
const EventTable = ({ events, at }: EventTableProps) => (
  <div className="tableBox history" tabIndex={0} role="region" aria-label="Events">
    <table>
      <thead>
        <tr>
          <th scope="col" className="number">
            #
          </th>
          <th scope="col">Event</th>
          <th scope="col">Effect</th>
          <th scope="col">When</th>
          <th scope="col">Who, and which request</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.seq} className={event.seq === at ? "chosen" : undefined}>
            <td className="number">
              <Button
                small
                look="plain"
                aria-label={`Look at the key as it was after event ${event.seq}`}
                onClick={() => setQuery({ at: String(event.seq) })}
              >
                {event.seq}
              </Button>
            </td>
            <th scope="row">
              <Breakable text={event.type} />
            </th>
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
            <td className="text">
              <Breakable text={event.principal} />
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
