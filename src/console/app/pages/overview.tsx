/** The keys at a glance: how many are in each state, what is due next, what needs attention, and the service's health. */
import type { KeyRow } from "../../protocol.ts"
import { deadlinesOf, dueWord, nameOf, pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { Empty, Note, Refused } from "../parts/basic.tsx"
import { Health } from "../parts/health.tsx"
import { Countdown } from "../parts/moment.tsx"
import { meaningOf, StateBadge, states } from "../parts/state.tsx"
import { Attention } from "./attention.tsx"

export const Overview = () => {
  const { keys, refused, session } = useConsole()
  const rows = [...(keys?.values() ?? [])]
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>Overview</h1>
          <Counted />
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

const Counted = () => {
  const { keys, refused, region } = useConsole()
  const word = (): string => {
    if (keys === undefined) return "Loading the keys…"
    return refused === undefined ? `${keys.size} keys in ${region}` : `The keys in ${region} could not be read.`
  }
  return <p className="quiet">{word()}</p>
}

/** Keys that the caller may list but not view are in no count, so a note says that they exist. */
const HiddenKeys = ({ count }: { readonly count: number }) => (
  <Note tone="info">
    You can list but not view {count === 1 ? "one" : count} of these keys; {count === 1 ? "it is" : "they are"} left out
    below. To view {count === 1 ? "it" : "them"}, you need kms:DescribeKey.
  </Note>
)

const Fleet = ({ rows }: { readonly rows: ReadonlyArray<KeyRow> }) => {
  const hidden = rows.filter((row) => row.refused !== undefined).length
  return (
    <>
      {hidden > 0 && <HiddenKeys count={hidden} />}
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
      <h2>Next deadlines</h2>
      {due.length === 0 ? (
        <Empty>No deadlines: no key is going to rotate, expire or be deleted.</Empty>
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
