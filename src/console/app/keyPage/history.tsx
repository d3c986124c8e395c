/** A key's events, newest first: cause, effect, principal and request; and the way to any earlier state. */
import { useEffect, useState } from "react"
import type { HistoryEvent, HistoryPage, StateView } from "../../protocol.ts"
import { readHistory } from "../data/api.ts"
import type { Lived } from "../data/keys.ts"
import { setQuery, usePlace } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Breakable, Button, Empty, Refused } from "../parts/basic.tsx"
import { Moment } from "../parts/moment.tsx"
import { rotationWord, StateBadge } from "../parts/state.tsx"
import { RefusedCalls } from "./refusedCalls.tsx"
import { TimeTravel } from "./timeTravel.tsx"
import { t } from "../text/text.ts"

const pageSize = 200

/** The event that the address names; undefined for the present. */
const pastIn = (query: URLSearchParams): number | undefined => {
  const at = Number(query.get("at") ?? Number.NaN)
  return Number.isInteger(at) && at >= 1 ? at : undefined
}

export const HistoryTab = ({ row }: { readonly row: Lived }) => {
  const { region } = useConsole()
  const { query } = usePlace()
  const [before, setBefore] = useState<number>()
  const at = pastIn(query)
  useEffect(() => setBefore(undefined), [row.keyId])
  const { refusal, reply } = useLoaded(
    () => readHistory(region, row.keyId, before),
    `${region} ${row.keyId} ${before ?? row.epoch}`
  )
  return (
    <>
      {at !== undefined && <TimeTravel row={row} at={Math.min(at, row.epoch)} />}
      <Refused refusal={refusal} />
      {reply === undefined && refusal === undefined && <Empty>{t("Loading the history…")}</Empty>}
      {reply !== undefined && <Page page={reply} at={at} onBefore={setBefore} />}
      <RefusedCalls row={row} />
    </>
  )
}

interface PageProps {
  readonly page: HistoryPage
  readonly at: number | undefined
  /** Shows the page that ends before an event; undefined for the newest page. */
  readonly onBefore: (seq: number | undefined) => void
}

const Page = ({ page, at, onBefore }: PageProps) => {
  const { lastSeq } = page
  const events = page.events.toReversed()
  const first = events.at(-1)?.seq ?? 1
  const last = events[0]?.seq ?? 1
  const newer = last + pageSize >= lastSeq ? undefined : last + pageSize + 1
  return (
    <>
      <div className="row between">
        <p className="quiet" role="status">
          {t("Events {first} to {last} of {total}, newest first", { first, last, total: lastSeq })}
        </p>
        <div className="row">
          <Button
            small
            off={last >= lastSeq ? t("These are the newest events.") : undefined}
            onClick={() => onBefore(newer)}
          >
            {t("Newer")}
          </Button>
          <Button
            small
            off={first <= 1 ? t("These are the oldest events.") : undefined}
            onClick={() => onBefore(first)}
          >
            {t("Older")}
          </Button>
          {at === undefined && (
            <Button small onClick={() => setQuery({ at: String(lastSeq) })}>
              {t("Show earlier states")}
            </Button>
          )}
        </div>
      </div>
      <EventTable events={events} at={at} />
    </>
  )
}

/** Each change of a member that the state does not show. */
const changes: ReadonlyArray<(before: StateView, after: StateView) => string | undefined> = [
  (before, after) =>
    before.rotation === after.rotation
      ? undefined
      : t("rotation {before} → {after}", {
          before: rotationWord(before.rotation),
          after: rotationWord(after.rotation)
        }),
  (before, after) => {
    if (before.materialPresent === after.materialPresent) return undefined
    return after.materialPresent ? t("material imported") : t("material destroyed")
  },
  (before, after) =>
    before.versionCount === after.versionCount ? undefined : t("{count} versions", { count: after.versionCount }),
  (before, after) => {
    if (before.deletionProtection === after.deletionProtection) return undefined
    return after.deletionProtection ? t("deletion protection on") : t("deletion protection off")
  }
]

const changesOf = ({ after, before }: HistoryEvent): ReadonlyArray<string> =>
  before === undefined ? [] : changes.map((change) => change(before, after)).filter((text) => text !== undefined)

interface EventTableProps {
  readonly events: ReadonlyArray<HistoryEvent>
  readonly at: number | undefined
}

/** One page, so that the document never holds more rows. */
const EventTable = ({ events, at }: EventTableProps) => (
  <div className="tableBox history stacked" tabIndex={0} role="region" aria-label={t("Events")}>
    <table>
      <thead>
        <tr>
          <th scope="col" className="number">
            #
          </th>
          <th scope="col">{t("Event")}</th>
          <th scope="col">{t("Effect")}</th>
          <th scope="col">{t("Time")}</th>
          <th scope="col">{t("Principal and request")}</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <Line key={event.seq} event={event} isChosen={event.seq === at} />
        ))}
      </tbody>
    </table>
  </div>
)

const Line = ({ event, isChosen }: { readonly event: HistoryEvent; readonly isChosen: boolean }) => (
  <tr className={isChosen ? "chosen" : undefined}>
    <td className="number">
      <Button
        small
        look="plain"
        aria-label={t("Show the key as it was after event {seq}", { seq: event.seq })}
        onClick={() => setQuery({ at: String(event.seq) })}
      >
        {event.seq}
      </Button>
    </td>
    <th scope="row">
      <Breakable text={event.type} />
    </th>
    <td>
      <EffectOf event={event} />
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
)

const EffectOf = ({ event }: { readonly event: HistoryEvent }) => {
  const { after, before } = event
  return (
    <>
      {before !== undefined && before.lifecycle !== after.lifecycle && (
        <>
          <StateBadge state={before.lifecycle} /> →{" "}
        </>
      )}
      <StateBadge state={after.lifecycle} />
      {changesOf(event).map((change) => (
        <span key={change} className="why">
          {change}
        </span>
      ))}
    </>
  )
}
