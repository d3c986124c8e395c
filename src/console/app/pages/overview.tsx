/** The fleet at a glance: how many keys are in each state, what is due next, what wants attention, how the service is. */
import { useEffect, useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { deadlinesOf, dueWord, nameOf, pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { listAt, textAt } from "../data/useAction.ts"
import { Empty, Refused } from "../parts/basic.tsx"
import { Health } from "../parts/health.tsx"
import { icons } from "../parts/icons.tsx"
import { Countdown, Moment } from "../parts/moment.tsx"
import { meaningOf, StateBadge, states } from "../parts/state.tsx"

export const Overview = () => {
  const { keys, refused, region } = useConsole()
  const rows = [...(keys?.values() ?? [])]
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>Overview</h1>
          <p className="quiet">{keys === undefined ? "Reading the keys…" : `${rows.length} keys in ${region}`}</p>
        </div>
      </div>
      <div className="stack">
        <Refused refusal={refused} />
        <ul className="tiles" aria-label="Keys by state">
          {states.map((state) => (
            <li key={state}>
              <Link to={`/keys?state=${state}`} className="tile" title={meaningOf(state)}>
                <span className="number">{rows.filter((row) => row.state === state).length}</span>
                <span>
                  <StateBadge state={state} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
        <div className="columns">
          <DueNext rows={rows} />
          <Attention rows={rows} />
        </div>
        <Health />
      </div>
    </>
  )
}

const dueShown = 8

const DueNext = ({ rows }: { readonly rows: ReadonlyArray<KeyRow> }) => {
  const due = deadlinesOf(rows)
  return (
    <section className="card">
      <h2>Due next</h2>
      {due.length === 0 ? (
        <Empty>Nothing is due: no key rotates, expires or is to be deleted.</Empty>
      ) : (
        <ul className="stack tight">
          {due.slice(0, dueShown).map(({ row, kind, dueAt }) => (
            <li key={`${row.keyId} ${kind}`} className="due">
              <span>
                <strong>{dueWord(kind)}</strong> · <Link to={pathOf(row.keyId)}>{nameOf(row)}</Link>
                <span className="why">{absolute(dueAt)}</span>
              </span>
              <Countdown to={dueAt} what={`${dueWord(kind)} of ${nameOf(row)}`} />
            </li>
          ))}
        </ul>
      )}
      {due.length > dueShown && <p className="quiet small">and {due.length - dueShown} more</p>}
    </section>
  )
}

interface Alarm {
  readonly keyId: string
  readonly text: string
  readonly at: number
}

/** Uses of keys that are to be deleted, from the audit log; the log is the root's to read. */
const useAlarms = (changes: number): ReadonlyArray<Alarm> | "refused" | undefined => {
  const { region, session } = useConsole()
  const [alarms, setAlarms] = useState<ReadonlyArray<Alarm> | "refused">()
  const isRoot = session?.kind === "root"
  useEffect(() => {
    if (!isRoot) return setAlarms("refused")
    let isGone = false
    void callOperation(region, "ListAuditRecords", { AlarmsOnly: "true", Limit: "100" }).then((answer) => {
      if (isGone || !answer.ok) return
      setAlarms(
        listAt(answer.reply, "Records", "Record").map((record) => ({
          keyId: textAt(record, "KeyId"),
          text: `${textAt(record, "Principal")} called ${textAt(record, "Operation")}`,
          at: Number(textAt(record, "At"))
        }))
      )
    })
    return () => {
      isGone = true
    }
  }, [region, isRoot, changes])
  return alarms
}

const Attention = ({ rows }: { readonly rows: ReadonlyArray<KeyRow> }) => {
  const { heard } = useConsole()
  const alarms = useAlarms(heard.length)
  const known = new Map(rows.map((row) => [row.keyId, row]))
  const suspended = rows.filter(({ rotation }) => rotation === "Suspended")
  const counted = new Map<string, { count: number; last: Alarm }>()
  for (const alarm of alarms === "refused" ? [] : (alarms ?? [])) {
    if (known.get(alarm.keyId)?.state !== "PendingDeletion") continue
    counted.set(alarm.keyId, { count: (counted.get(alarm.keyId)?.count ?? 0) + 1, last: alarm })
  }
  const isQuiet = suspended.length === 0 && counted.size === 0
  return (
    <section className="card">
      <h2>Needs attention</h2>
      {isQuiet ? (
        <Empty>
          {alarms === "refused"
            ? "No rotation is suspended. Attempted uses are in the audit log, which only the account's root may read."
            : "Nothing: nobody uses a key that is to be deleted, and no rotation is suspended."}
        </Empty>
      ) : (
        <ul className="ticks">
          {[...counted].map(([keyId, { count, last }]) => (
            <li key={keyId} className="bad" style={{ background: "none" }}>
              {icons.warning}
              <span style={{ color: "var(--text)", minWidth: 0, overflowWrap: "anywhere" }}>
                <Link to={pathOf(keyId)}>{nameOf(known.get(keyId) ?? fallbackRow)}</Link> is to be deleted and still
                used: {count === 1 ? "one attempt" : `${count} attempts`}, {last.text}{" "}
                <Moment at={last.at} lead="relative" />
              </span>
            </li>
          ))}
          {suspended.map((row) => (
            <li key={row.keyId} className="warn" style={{ background: "none" }}>
              {icons.clock}
              <span style={{ color: "var(--text)", minWidth: 0, overflowWrap: "anywhere" }}>
                <Link to={pathOf(row.keyId)}>{nameOf(row)}</Link> does not rotate: its rotation is suspended while it is{" "}
                <StateBadge state={row.state} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const fallbackRow = { keyId: "", aliases: undefined, description: "" } as KeyRow
