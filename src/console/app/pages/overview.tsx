/** The keys at a glance: how many are in each state, what is due next, what needs attention, and the service's health. */
import type { KeysSummary, Refusal } from "../../protocol.ts"
import { deadlinesOf, dueWord, nameOf, pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { useSummary } from "../data/useSummary.ts"
import { counted } from "../data/words.ts"
import { Empty, Note, Refused } from "../parts/basic.tsx"
import { Health } from "../parts/health.tsx"
import { Countdown } from "../parts/moment.tsx"
import { meaningOf, StateBadge, states } from "../parts/state.tsx"
import { Attention } from "./attention.tsx"

export const Overview = () => {
  const { session } = useConsole()
  const { refusal, reply } = useSummary()
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>Overview</h1>
          <Counted keys={reply} refused={refusal} />
        </div>
      </div>
      <div className="stack">
        <Refused refusal={refusal} />
        {reply !== undefined && <Fleet keys={reply} />}
        {session?.administersServer === true && <Health />}
      </div>
    </>
  )
}

interface CountedProps {
  readonly keys: KeysSummary | undefined
  readonly refused: Refusal | undefined
}

const Counted = ({ keys, refused }: CountedProps) => {
  const { region } = useConsole()
  const word = (): string => {
    if (refused !== undefined) return `The keys in ${region} could not be read.`
    return keys === undefined ? "Loading the keys…" : `${counted(keys.all)} keys in ${region}`
  }
  return <p className="quiet">{word()}</p>
}

/** Keys that the caller may list but not view are in no number, so a note says that they exist. */
const HiddenKeys = ({ count }: { readonly count: number }) => (
  <Note tone="info">
    You can list but not view {count === 1 ? "one" : count} of these keys; {count === 1 ? "it is" : "they are"} left out
    below. To view {count === 1 ? "it" : "them"}, you need kms:DescribeKey.
  </Note>
)

const Fleet = ({ keys }: { readonly keys: KeysSummary }) => (
  <>
    {keys.hidden > 0 && <HiddenKeys count={keys.hidden} />}
    <ul className="tiles" aria-label="Keys by state">
      {states.map((state) => (
        <li key={state}>
          <Link to={`/keys?state=${state}`} className="tile" title={meaningOf(state)}>
            <span className="number">{counted(keys.states[state] ?? 0)}</span>
            <span>
              <StateBadge state={state} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
    <div className="columns">
      <DueNext keys={keys} />
      <Attention keys={keys} />
    </div>
  </>
)

const dueShown = 8

const DueNext = ({ keys }: { readonly keys: KeysSummary }) => {
  const due = deadlinesOf(keys.due).slice(0, dueShown)
  const more = keys.deadlines - due.length
  return (
    <section className="card">
      <h2>Next deadlines</h2>
      {due.length === 0 ? (
        <Empty>No deadlines: no key is going to rotate, expire or be deleted.</Empty>
      ) : (
        <ul className="stack tight">
          {due.map(({ row, kind, dueAt }) => (
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
      {more > 0 && <p className="quiet small">and {counted(more)} more</p>}
    </section>
  )
}
