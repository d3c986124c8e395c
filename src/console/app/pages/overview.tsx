/** The fleet at a glance: how many keys are in each state, what is due next, what wants attention, how the service is. */
import type { KeyRow } from "../../protocol.ts"
import type { Reply } from "../data/api.ts"
import { useAuditLog } from "../data/auditLog.ts"
import type { AuditPart } from "../data/auditRecords.ts"
import { deadlinesOf, dueWord, nameOf, pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { textAt } from "../data/replies.ts"
import { Breakable, Empty, Note, Refused } from "../parts/basic.tsx"
import { Health } from "../parts/health.tsx"
import { icons } from "../parts/icons.tsx"
import { Countdown, Moment } from "../parts/moment.tsx"
import { OlderRecords } from "../parts/olderRecords.tsx"
import { meaningOf, StateBadge, states } from "../parts/state.tsx"

export const Overview = () => {
  const { keys, refused, region, session } = useConsole()
  const rows = [...(keys?.values() ?? [])]
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>Overview</h1>
          <p className="quiet">
            {keys === undefined
              ? "Reading the keys…"
              : refused === undefined
                ? `${rows.length} keys in ${region}`
                : `The keys in ${region} were not read.`}
          </p>
        </div>
      </div>
      <div className="stack">
        <Refused refusal={refused} />
        {refused === undefined && <Fleet rows={rows} />}
        {session?.administersServer === true && <Health />}
      </div>
    </>
  )
}

/** Keys that may be listed and not looked at are in no count, so it is said that they are there. */
const Fleet = ({ rows }: { readonly rows: ReadonlyArray<KeyRow> }) => {
  const hidden = rows.filter((row) => row.refused !== undefined).length
  return (
    <>
      {hidden > 0 && (
        <Note tone="info">
          {hidden === 1 ? "One of them" : `${hidden} of them`} you may list and not look at: what follows does not speak
          of {hidden === 1 ? "it" : "them"}. A policy that grants you kms:DescribeKey would show more.
        </Note>
      )}
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

interface Uses {
  readonly count: number
  readonly text: string
  readonly at: number
}

const alarmsAsked = { Order: "NewestFirst", AlarmsOnly: "true", Limit: "200" } as const

/** Attempted uses of each key that is to be deleted, with the newest of them. */
const usesIn = (alarms: ReadonlyArray<Reply>, known: ReadonlyMap<string, KeyRow>): ReadonlyMap<string, Uses> => {
  const counted = new Map<string, Uses>()
  for (const alarm of alarms) {
    const keyId = textAt(alarm, "KeyId")
    if (known.get(keyId)?.state !== "PendingDeletion") continue
    const text = `${textAt(alarm, "Principal")} with ${textAt(alarm, "Operation")}`
    const { count, ...newest } = counted.get(keyId) ?? { count: 0, text, at: Number(textAt(alarm, "At")) }
    counted.set(keyId, { ...newest, count: count + 1 })
  }
  return counted
}

/** What is said where nothing is found, which is not the same where not everything was looked at. */
const quietWord = (isRoot: boolean, part: AuditPart | undefined): string => {
  if (!isRoot)
    return "No rotation is suspended. Attempted uses are in the audit log, which only the account's root may read."
  if (part === undefined) return "No rotation is suspended. Attempted uses are looked for…"
  return part.hasMore
    ? "No rotation is suspended, and no attempted use of a key that is to be deleted was found so far."
    : "Nothing: nobody uses a key that is to be deleted, and no rotation is suspended."
}

const Attention = ({ rows }: { readonly rows: ReadonlyArray<KeyRow> }) => {
  const { heard, session } = useConsole()
  const isRoot = session?.kind === "root"
  const log = useAuditLog(isRoot ? alarmsAsked : undefined, heard.at(-1)?.at)
  const known = new Map(rows.map((row) => [row.keyId, row]))
  const suspended = rows.filter(({ rotation }) => rotation === "Suspended")
  const uses = usesIn(log.part?.records ?? [], known)
  const isQuiet = suspended.length === 0 && uses.size === 0
  return (
    <section className="card">
      <h2>Needs attention</h2>
      <Refused refusal={log.refusal} />
      {isQuiet && log.refusal !== undefined ? null : isQuiet ? (
        <Empty>{quietWord(isRoot, log.part)}</Empty>
      ) : (
        <ul className="ticks">
          {[...uses].map(([keyId, { at, count, text }]) => (
            <li key={keyId} className="bad" style={{ background: "none" }}>
              {icons.warning}
              <span style={{ color: "var(--text)", minWidth: 0, overflowWrap: "anywhere" }}>
                <Link to={pathOf(keyId)}>{nameOf(known.get(keyId) ?? fallbackRow)}</Link> is to be deleted and still
                used: {count === 1 ? "one attempt" : `${count} attempts, the newest`} by <Breakable text={text} /> (
                <Moment at={at} lead="relative" />)
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
      <OlderRecords log={log} />
    </section>
  )
}

const fallbackRow = { keyId: "", aliases: undefined, description: "" } as KeyRow
